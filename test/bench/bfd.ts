import { execFileSync, spawn } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { BfdFact, DesiredBfd } from '../../speaker/src/link/messages.ts'
import { watch } from '../netns/bfd/stage.ts'
import { eventually, type SpeakerNode, startSpeakerNode } from '../netns/link/speaker-node.ts'
import { type Namespaces, openNamespaces } from '../netns/namespaces.ts'
import type { BenchResult } from './result.ts'

const SESSIONS = 200
const INTERVAL_MS = 50
const MEASURED_MS = 60_000
const OURS = '192.0.2.1'
const peerAt = (at: number): string => `198.18.0.${at + 1}`
const BUSY_PROCESSES = 4

type Bench = { readonly spaces: Namespaces; readonly a: string; readonly b: string }
type Pair = { readonly node: SpeakerNode; readonly peer: SpeakerNode }

/**
 * A link worker with 200 sessions of 50 ms × 3, its process pinned to the first core; all its peers are one other
 * worker's, on the second. tcpdump stamps at the peer's end what the first one sends.
 */
export async function run(): Promise<readonly BenchResult[]> {
  const spaces = openNamespaces('bx')
  const [a, b] = ['a', 'b'].map((label) => spaces.add(label)) as [string, string]
  spaces.connect({ namespace: a, name: 'e0' }, { namespace: b, name: 'e0' })
  spaces.ip(a, 'addr', 'add', `${OURS}/24`, 'dev', 'e0')
  spaces.ip(a, 'route', 'add', '198.18.0.0/24', 'dev', 'e0')
  for (let at = 0; at < SESSIONS; at++) spaces.ip(b, 'addr', 'add', `${peerAt(at)}/32`, 'dev', 'e0')
  spaces.ip(b, 'route', 'add', '192.0.2.0/24', 'dev', 'e0')
  const pair = { node: await startSpeakerNode(a), peer: await startSpeakerNode(b) }
  try {
    pin(pair.node.pid, 0)
    pin(pair.peer.pid, 1)
    await begin(pair)
    const alone = await measure(`${SESSIONS} sessions`, { spaces, a, b }, pair)
    return [...alone, ...(await saturated({ spaces, a, b }, pair))]
  } finally {
    await Promise.all([pair.node.stop(), pair.peer.stop()])
    spaces.close()
  }
}

function pin(pid: number, core: number): void {
  execFileSync('taskset', ['-acp', String(core), String(pid)], { stdio: 'ignore' })
}

async function begin({ node, peer }: Pair): Promise<void> {
  const all = Array.from({ length: SESSIONS }, (_, at) => at)
  const theirs = all.map((at): DesiredBfd => ({ ...watch(OURS, { local: peerAt(at) }), key: peerAt(at) }))
  node.desire([], [], { bfd: all.map((at) => watch(peerAt(at))) })
  peer.desire([], [], { bfd: theirs })
  for (const one of [node, peer]) {
    await eventually(
      'all sessions are up',
      () => sessionsOf(one).filter(({ state }) => state === 'up').length === SESSIONS,
    )
  }
  await sleep(3000)
}

function sessionsOf({ facts }: SpeakerNode): readonly BfdFact[] {
  return facts.findLast((fact) => fact.kind === 'bfd')?.sessions ?? []
}

async function saturated(bench: Bench, pair: Pair): Promise<BenchResult[]> {
  const busy = Array.from({ length: BUSY_PROCESSES }, () =>
    spawn(process.execPath, ['-e', 'for(;;);'], { stdio: 'ignore' }),
  )
  try {
    return await measure(`both cores saturated, ${SESSIONS} sessions`, bench, pair)
  } finally {
    for (const child of busy) child.kill('SIGKILL')
  }
}

async function measure(name: string, { spaces, a, b }: Bench, { node, peer }: Pair): Promise<BenchResult[]> {
  const file = join(tmpdir(), `bfd-bench-${process.pid}.pcap`)
  const capture = `tcpdump -i e0 -s 64 -B 16384 -U -w ${file} udp and src ${OURS}`
  const dump = spawn('ip', ['netns', 'exec', b, ...capture.split(' ')], { stdio: 'ignore' })
  await sleep(1000)
  const before = snapshot(spaces, a, node)
  const downsBefore = downsOf(node) + downsOf(peer)
  await sleep(MEASURED_MS)
  const after = snapshot(spaces, a, node)
  const falseDowns = downsOf(node) + downsOf(peer) - downsBefore
  dump.kill('SIGTERM')
  await sleep(1000)
  const gaps = gapsIn(readFileSync(file))
  rmSync(file)
  const seconds = (after.atMs - before.atMs) / 1000
  return [
    { name: `${name}: processor`, unit: '% of a core', samples: [(after.cpuMs - before.cpuMs) / seconds / 10] },
    { name: `${name}: sent`, unit: 'packets/s', samples: [(after.sent - before.sent) / seconds] },
    { name: `${name}: received`, unit: 'packets/s', samples: [(after.received - before.received) / seconds] },
    { name: `${name}: between two of a session`, unit: 'ms', samples: gaps },
    { name: `${name}: later than ${INTERVAL_MS} ms, worst`, unit: 'ms', samples: [worst(gaps) - INTERVAL_MS] },
    { name: `${name}: false downs, both sides`, unit: 'sessions', samples: [falseDowns] },
  ]
}

const worst = (gaps: readonly number[]): number => gaps.reduce((most, gap) => Math.max(most, gap), 0)

const downsOf = (node: SpeakerNode): number => sessionsOf(node).reduce((sum, { downs }) => sum + downs, 0)

type Snapshot = { readonly atMs: number; readonly cpuMs: number; readonly sent: number; readonly received: number }

/** Of the whole process, its main thread included. */
function snapshot(spaces: Namespaces, namespace: string, { pid }: SpeakerNode): Snapshot {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  const ticks = Number(fields[11]) + Number(fields[12])
  const [link] = JSON.parse(spaces.ip(namespace, '-s', '-j', 'link', 'show', 'e0')) as [
    { readonly stats64: { readonly rx: { readonly packets: number }; readonly tx: { readonly packets: number } } },
  ]
  const { rx, tx } = link.stats64
  return { atMs: performance.now(), cpuMs: ticks * 10, sent: tx.packets, received: rx.packets }
}

const PCAP_HEADER_BYTES = 24
const RECORD_HEADER_BYTES = 16
const DESTINATION_AT = 14 + 16

/** Milliseconds between packets to one peer, of a file that tcpdump wrote (little endian, microseconds). */
function gapsIn(file: Buffer): number[] {
  const last = new Map<number, number>()
  const gaps: number[] = []
  let at = PCAP_HEADER_BYTES
  while (at + RECORD_HEADER_BYTES <= file.length) {
    const atMs = file.readUInt32LE(at) * 1000 + file.readUInt32LE(at + 4) / 1000
    const length = file.readUInt32LE(at + 8)
    const frame = at + RECORD_HEADER_BYTES
    at = frame + length
    if (at > file.length) break
    const peer = file.readUInt32BE(frame + DESTINATION_AT)
    const before = last.get(peer)
    if (before !== undefined) gaps.push(atMs - before)
    last.set(peer, atMs)
  }
  return gaps
}
