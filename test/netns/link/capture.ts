import { spawn } from 'node:child_process'
import { eventually } from './speaker-node.ts'
import { frameInWords } from '../../../speaker/src/link/memory-lan.ts'

/** A frame as an independent program saw it pass. */
export type Captured = { readonly atMs: number; readonly bytes: Uint8Array; readonly text: string }

export type Capture = { readonly frames: Captured[]; readonly close: () => void }

/** Lets tcpdump listen on an interface; resolves once it does. */
export async function capture(namespace: string, interfaceName: string, filter: string): Promise<Capture> {
  const options = ['--immediate-mode', '-U', '-w', '-', '-i', interfaceName, filter]
  const child = spawn('ip', ['netns', 'exec', namespace, 'tcpdump', ...options], { stdio: ['ignore', 'pipe', 'pipe'] })
  process.once('exit', () => child.kill('SIGKILL'))
  const frames: Captured[] = []
  let waiting: Buffer = Buffer.alloc(0)
  let said = ''
  child.stderr.on('data', (data: Buffer) => {
    said += data.toString()
  })
  child.stdout.on('data', (data: Buffer) => {
    waiting = takeRecords(Buffer.concat([waiting, data]), frames)
  })
  await eventually('tcpdump listens', () => {
    if (child.exitCode !== null) throw new Error(`tcpdump ended: ${said}`)
    return said.includes('listening on')
  })
  return { frames, close: () => void child.kill() }
}

const FILE_HEADER = 24
const RECORD_HEADER = 16
/** The first word of a capture file with microseconds, in this machine's byte order. */
const MAGIC = 0xa1b2_c3d4

/** The classic capture format: a file header, then records of seconds, microseconds and lengths. Gives back what is not whole yet. */
function takeRecords(bytes: Buffer, frames: Captured[]): Buffer {
  let at = bytes.length >= FILE_HEADER && bytes.readUInt32LE(0) === MAGIC ? FILE_HEADER : 0
  while (bytes.length >= at + RECORD_HEADER) {
    const end = at + RECORD_HEADER + bytes.readUInt32LE(at + 8)
    if (bytes.length < end) break
    const frame = Uint8Array.from(bytes.subarray(at + RECORD_HEADER, end))
    const atMs = bytes.readUInt32LE(at) * 1000 + bytes.readUInt32LE(at + 4) / 1000
    frames.push({ atMs, bytes: frame, text: frameInWords(frame) })
    at = end
  }
  return bytes.subarray(at)
}
