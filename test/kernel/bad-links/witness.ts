import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { endWithProcess } from '../../lab/end.ts'
import type { Answer } from '../../lab/wire/answerers.ts'
import type { Capture } from '../../netns/link/capture.ts'

/** So often somebody asks. */
export const ASK_MS = 20

export type Witness = {
  /** What was said of the address since a moment, until another; the MACs by their last octet. */
  readonly answers: (sinceMs: number, untilMs?: number) => readonly Answer[]
  readonly stop: () => Promise<void>
}

/** Asks for an address by ARP without end, from the namespace that `wire` listens in. */
export function startWitness(namespace: string, ip: string, wire: Capture): Witness {
  const args = ['-q', '-i', 'e0', '-W', String(ASK_MS / 1000), '-c', '1000000', ip]
  const child = spawn('ip', ['netns', 'exec', namespace, 'arping', ...args], { stdio: ['ignore', 'ignore', 'inherit'] })
  child.once(
    'exit',
    endWithProcess(() => void child.kill('SIGKILL'), false),
  )
  const closed = once(child, 'close')
  return {
    answers: (sinceMs, untilMs = Infinity) =>
      wire.frames.flatMap(({ atMs, text }) => {
        const answer = atMs >= sinceMs && atMs <= untilMs ? answerIn(text, ip) : undefined
        return answer === undefined ? [] : [{ ...answer, at: atMs }]
      }),
    stop: async () => {
      child.kill()
      await closed
    },
  }
}

/** Frames that a link has damaged are nobody's word. */
const WORD = /^(0\d) > \S+ arp (request|reply) (\S+) at (0\d) to (\S+) at /

function answerIn(text: string, ip: string): Omit<Answer, 'at'> | undefined {
  const [, source, operation, sender, mac, target] = WORD.exec(text) ?? []
  if (mac === undefined || mac !== source || sender !== ip) return undefined
  const gratuitous = target === ip
  return gratuitous || operation === 'reply' ? { mac, gratuitous } : undefined
}
