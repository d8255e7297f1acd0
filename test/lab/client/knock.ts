import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Journal } from '../journal.ts'
import { startPiped } from '../piped.ts'
import { waitFor } from '../wait.ts'

/** What a client met that opened a fresh connection every 10 ms. Times in milliseconds since 1970. */
export type Knocking = {
  readonly attempts: number
  readonly successes: number
  readonly failures: number
  readonly firstSuccess: number
  readonly lastSuccess: number
  /** The longest time between two successes, or from the last one to the end. */
  readonly longestGapMs: number
  /** All such times of 100 ms and more, with the success before each. */
  readonly gaps: readonly { readonly at: number; readonly ms: number }[]
  /** When each success came about, in order. */
  readonly successAt: readonly number[]
  /** When each attempt that failed began, in the order of failing. */
  readonly failedAt: readonly number[]
}

export type Knocker = { readonly stop: () => Promise<Knocking> }

const PROGRAM = fileURLToPath(new URL('knocking.ts', import.meta.url))

/** Starts knocking at a TCP port from inside a namespace. */
export async function startKnocking(
  journal: Journal,
  namespace: string,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<Knocker> {
  const child = startPiped(journal, namespace, [process.execPath, PROGRAM, host, String(port)])
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text))
  const closed = once(child, 'close')
  await waitFor('the probe to start', () => said.startsWith('ready'), { everyMs: 5, background: () => said })
  return {
    stop: async () => {
      child.kill('SIGTERM')
      await closed
      const line = said.trim().split('\n').at(-1) ?? ''
      if (!line.startsWith('{')) throw new Error(`the probe ended without a result: ${said}`)
      return JSON.parse(line) as Knocking
    },
  }
}
