import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { inNamespace } from '../../lab/command.ts'
import { eventually } from '../../netns/link/speaker-node.ts'

export type Ping = {
  /** Waits for some answers more, and gives the longest time between two answers since a moment of `Date.now`. */
  readonly longestGapSince: (from: number) => Promise<number>
  readonly close: () => void
}

/** Asks an address each 10 ms; resolves once it is answered. */
export async function startPing(namespace: string, address: string): Promise<Ping> {
  const [command = '', ...before] = inNamespace(namespace)
  const child = spawn(command, [...before, 'ping', '-n', '-D', '-O', '-i', '0.01', address], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  process.once('exit', () => child.kill('SIGKILL'))
  const answers: number[] = []
  createInterface({ input: child.stdout }).on('line', (line) => {
    const [, at] = /^\[([\d.]+)\] \d+ bytes from /.exec(line) ?? []
    if (at !== undefined) answers.push(Number(at) * 1000)
  })
  await eventually('the address is answered', () => answers.length > 5)
  return {
    longestGapSince: async (from) => {
      const seen = answers.length
      await eventually('it is answered again', () => answers.length > seen + 20)
      const since = answers.filter((at) => at >= from)
      return Math.max(...since.slice(1).map((at, index) => at - (since[index] ?? at)))
    },
    close: () => void child.kill(),
  }
}
