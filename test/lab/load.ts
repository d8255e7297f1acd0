import { cpus } from 'node:os'
import { join } from 'node:path'
import { startChild } from './child.ts'
import type { Journal } from './journal.ts'

export type Load = { readonly stop: () => Promise<void> }

/** One busy loop for each core of this machine, at everybody's priority. */
export function startLoad(journal: Journal, folder: string): Load {
  const loops = cpus().map((_, index) =>
    startChild({
      name: `load-${index}`,
      command: ['sh', '-c', 'while :; do :; done'],
      logFile: join(folder, 'load.log'),
      graceMs: 500,
      onStart: journal.addProcess,
    }),
  )
  return { stop: async () => void (await Promise.all(loops.map((loop) => loop.stop()))) }
}
