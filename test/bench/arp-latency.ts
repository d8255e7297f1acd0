import { decodeArp, decodeEthernet, decodeNdp } from '@steelyard/arp-lib'
import { formatAddress } from '@steelyard/net'
import { execFile } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { type Capture, capture } from '../netns/link/capture.ts'
import { type Lan, openLan } from '../netns/link/lan.ts'
import { eventually, type SpeakerNode, startSpeakerNode } from '../netns/link/speaker-node.ts'
import type { BenchResult } from './result.ts'

const V4 = '192.0.2.99'
const V6 = '2001:db8::99'
const REQUESTS = 1000
/** Long enough for the machine's two cores to be free again, so that a request meets a worker that sleeps in its poll. */
const INTERVAL_MS = 5
const BLOCKED_SHARE = 0.9
const SEEN_SHARE = 0.99

/**
 * From an ARP request on the wire to its reply, as tcpdump stamps them at the asker's end: idle, and with
 * the speaker's main thread busy nine tenths of the time, as in a long list or a garbage collection. No
 * warm-up is left out: on a real LAN requests are rare, and the first one counts.
 */
export async function run(): Promise<readonly BenchResult[]> {
  const lan = await openLan('alb')
  const wire = await capture(lan.client, 'e0', 'arp or icmp6')
  const node = await startSpeakerNode(lan.nodeA)
  try {
    node.desire([V4, V6].map((ip) => ({ ip, interfaces: 'all' })))
    await eventually('the burst has begun', () => wire.frames.length > 2)
    return [
      await measure('ARP request → reply, main thread idle', { lan, wire }, V4),
      await measure('NS → NA, main thread idle', { lan, wire }, V6),
      ...(await blocked(node, { lan, wire })),
    ]
  } finally {
    await node.stop()
    wire.close()
    lan.spaces.close()
  }
}

type Bench = { readonly lan: Lan; readonly wire: Capture }

async function blocked(node: SpeakerNode, bench: Bench): Promise<BenchResult[]> {
  node.blockMainThread(BLOCKED_SHARE)
  const busy = `main thread blocked ${BLOCKED_SHARE * 100} %`
  return [await measure(`ARP request → reply, ${busy}`, bench, V4), await measure(`NS → NA, ${busy}`, bench, V6)]
}

async function measure(name: string, { lan, wire }: Bench, target: string): Promise<BenchResult> {
  const from = wire.frames.length
  const asker = new URL('./arp-asker.ts', import.meta.url).pathname
  const args = [process.execPath, asker, 'e0', target, String(REQUESTS), String(INTERVAL_MS)]
  await promisify(execFile)('ip', ['netns', 'exec', lan.client, ...args])
  const samples = await settled(() => latencies(wire.frames.slice(from), target))
  if (samples.length < REQUESTS * SEEN_SHARE) throw new Error(`${name}: ${samples.length} of ${REQUESTS} were answered`)
  return { name, unit: 'ms', samples }
}

/** tcpdump may lose a frame on a busy machine; what it has not shown after a while it never will. */
async function settled(read: () => number[]): Promise<number[]> {
  for (let looks = 0; looks < 20 && read().length < REQUESTS; looks++) await sleep(100)
  return read()
}

/** Each asker has an address of its own, which the answer goes to. The capture may show the two in either order. */
function latencies(frames: Capture['frames'], target: string): number[] {
  const at: Readonly<Record<Said['kind'], Map<string, number>>> = { request: new Map(), reply: new Map() }
  for (const { atMs, bytes } of frames) {
    const said = askerOf(bytes, target)
    if (said !== undefined) at[said.kind].set(said.asker, atMs)
  }
  return [...at.request].flatMap(([asker, askedAt]) => {
    const answeredAt = at.reply.get(asker)
    return answeredAt === undefined ? [] : [answeredAt - askedAt]
  })
}

type Said = { readonly kind: 'request' | 'reply'; readonly asker: string }

function askerOf(frame: Uint8Array, wanted: string): Said | undefined {
  const ethernet = decodeEthernet(frame)
  if (!ethernet.ok) return undefined
  const arp = decodeArp(ethernet.value.payload)
  if (arp.ok) {
    const [sender, target] = [formatAddress(arp.value.senderIp), formatAddress(arp.value.targetIp)]
    if (target === wanted) return { kind: 'request', asker: sender }
    return sender === wanted ? { kind: 'reply', asker: target } : undefined
  }
  const ndp = decodeNdp(ethernet.value.payload)
  if (!ndp.ok || formatAddress(ndp.value.target) !== wanted) return undefined
  const isRequest = ndp.value.kind === 'solicitation'
  return isRequest
    ? { kind: 'request', asker: formatAddress(ndp.value.source) }
    : { kind: 'reply', asker: formatAddress(ndp.value.destination) }
}
