import { once } from 'node:events'
import type { Journal } from '../journal.ts'
import { type Piped, startPiped } from '../piped.ts'
import { waitFor, type WaitOptions } from '../wait.ts'
import { type Frame, readFrame } from './frame.ts'
import { pcapReader } from './pcap.ts'

export type Capture = {
  /** What has been seen so far; grows until `stop`. */
  readonly frames: readonly Frame[]
  /** The first frame, seen already or to come, that `matches`. */
  readonly waitFor: (what: string, matches: (frame: Frame) => boolean, options?: WaitOptions) => Promise<Frame>
  /** Resolves with all frames once tcpdump has handed over the last of them. */
  readonly stop: () => Promise<readonly Frame[]>
}

export type CaptureOptions = {
  readonly namespace: string
  readonly device: string
  /** In tcpdump's language (pcap-filter(7)); '' for everything. */
  readonly filter: string
  readonly journal: Journal
}

/** Starts tcpdump in a namespace; resolves when it listens, so that nothing later is missed. */
export async function startCapture({ namespace, device, filter, journal }: CaptureOptions): Promise<Capture> {
  // Unbuffered, at once, without names; and root stays root, so that no user `tcpdump` is needed.
  const flags = ['-i', device, '-n', '-U', '--immediate-mode', '-s', '0', '-Z', 'root', '-w', '-']
  const child = startPiped(journal, namespace, ['tcpdump', ...flags, ...(filter === '' ? [] : [filter])])
  const frames: Frame[] = []
  const pcap = pcapReader()
  child.stdout.on('data', (piece: Buffer) => {
    frames.push(...pcap.push(piece).flatMap((captured) => readFrame(captured) ?? []))
  })
  const closed = once(child, 'close')
  await untilListening(child)
  return {
    frames,
    waitFor: (what, matches, options) => waitFor(what, () => frames.find(matches), { everyMs: 5, ...options }),
    stop: async () => {
      child.kill('SIGTERM')
      await closed
      return frames
    },
  }
}

async function untilListening(child: Piped): Promise<void> {
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text))
  const look = (): boolean => {
    if (child.exitCode !== null) throw new Error(said.trim())
    return said.includes('listening on')
  }
  await waitFor('tcpdump to listen', look, { everyMs: 5 })
}
