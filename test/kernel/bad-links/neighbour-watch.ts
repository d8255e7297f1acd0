import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { endWithProcess } from '../../lab/end.ts'
import { setTimeout as sleep } from 'node:timers/promises'

/** What a kernel thinks of where an address is, as it changes. */
export type NeighbourWatch = {
  /** As told last. */
  readonly mac: () => string | undefined
  /** When it was first told that it is there, at or after a moment. */
  readonly learntAt: (mac: string, sinceMs: number) => number | undefined
  readonly stop: () => Promise<void>
}

/** Long enough for `ip monitor`, which does not say when it listens. */
const START_MS = 200

/** Listens to the neighbour table of a namespace. */
export async function watchNeighbour(namespace: string, ip: string): Promise<NeighbourWatch> {
  const child: ChildProcessByStdio<null, Readable, null> = spawn('ip', ['-n', namespace, 'monitor', 'neigh'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const closed = once(child, 'close')
  child.once(
    'exit',
    endWithProcess(() => void child.kill('SIGKILL'), false),
  )
  const told: { readonly atMs: number; readonly mac: string }[] = []
  createInterface({ input: child.stdout }).on('line', (line) => {
    const [, mac] = line.startsWith(`${ip} `) ? (/ lladdr (\S+)/.exec(line) ?? []) : []
    if (mac !== undefined) told.push({ atMs: Date.now(), mac })
  })
  await sleep(START_MS)
  return {
    mac: () => told.at(-1)?.mac,
    learntAt: (mac, sinceMs) => told.find((each) => each.atMs >= sinceMs && each.mac === mac)?.atMs,
    stop: async () => {
      child.kill()
      await closed
    },
  }
}
