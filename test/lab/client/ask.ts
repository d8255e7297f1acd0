import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Journal } from '../journal.ts'
import { startPiped } from '../piped.ts'
import type { Machine } from '../topology.ts'
import { waitFor } from '../wait.ts'

export type Asker = { readonly stop: () => Promise<void> }

const PROGRAM = fileURLToPath(new URL('asking.ts', import.meta.url))

/** Starts asking by ARP from inside a machine's namespace. What is answered, a capture sees. */
export async function startAsking(
  journal: Journal,
  { namespace, mac, address4 }: Machine,
  { addresses, everyMs }: { readonly addresses: readonly string[]; readonly everyMs: number },
): Promise<Asker> {
  const args = ['--conditions=source', PROGRAM, mac, address4, String(everyMs), ...addresses]
  const child = startPiped(journal, namespace, [process.execPath, ...args])
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text))
  const closed = once(child, 'close')
  await waitFor('the asker to start', () => said.startsWith('ready'), { everyMs: 5, background: () => said })
  return {
    stop: async () => {
      child.kill('SIGTERM')
      await closed
    },
  }
}
