import {
  BROADCAST_MAC,
  decodeArp,
  decodeEthernet,
  decodeNdp,
  encodeArp,
  encodeEthernet,
  ETHERTYPE,
} from '@steelyard/arp-lib'
import { type Address, formatAddress, formatMac, type Mac, parseAddress, parseMac } from '@steelyard/net'
import {
  type EthernetSegment,
  ethernetSegment,
  type LinkIo,
  type MemoryHost,
  memoryHost,
  type MemoryInterface,
  type Plug,
  type Wake,
} from '@steelyard/raw-socket'
import { type FakeClock, fakeClock, seededRandom } from '@steelyard/runtime'
import { LINK_CONFIG } from './config.ts'
import { type LinkLoop, linkLoop } from './link-loop.ts'
import type { LinkDesired, LinkFact } from './messages.ts'
import { turn } from './turn.ts'

/** What a station on the segment heard: when, and the frame in words. */
export type Heard = { readonly at: number; readonly text: string }

/** A node's link worker on an Ethernet segment, all in memory: a test double for the thread, not for its decisions. */
export type MemoryLan = {
  readonly clock: FakeClock
  readonly host: MemoryHost
  readonly segment: EthernetSegment
  readonly loop: LinkLoop
  /** A station of the test's own, which hears all that is sent on the segment. */
  readonly client: Plug
  readonly heard: Heard[]
  readonly facts: LinkFact[]
  readonly desire: (desired: LinkDesired) => void
  /** Lets the worker live for so many milliseconds. */
  readonly run: (ms: number) => void
}

/** @param change replaces parts of the adapter, to make the kernel refuse something. */
export function memoryLan(change: (io: LinkIo) => Partial<LinkIo> = () => ({})): MemoryLan {
  const clock = fakeClock()
  const host = memoryHost({ clock, pollTurns: clock })
  const segment = ethernetSegment({ clock, random: seededRandom(1) })
  const heard: Heard[] = []
  const client = segment.plug({ deliver: (frame) => void heard.push({ at: clock.now(), text: frameInWords(frame) }) })
  const facts: LinkFact[] = []
  const inbox: LinkDesired[] = []
  const wake = host.io.openWake()
  const loop = linkLoop({
    io: { ...host.io, ...change(host.io) },
    wake,
    nextDesired: () => inbox.shift(),
    tell: (fact) => void facts.push(fact),
    now: clock.now,
    config: { ...LINK_CONFIG, random: seededRandom(2) },
  })
  const desire = (desired: LinkDesired): void => {
    inbox.push(desired)
    wake.wake()
  }
  return { clock, host, segment, loop, client, heard, facts, desire, run: (ms) => run(loop, { clock, wake }, ms) }
}

function run(loop: LinkLoop, { clock, wake }: { readonly clock: FakeClock; readonly wake: Wake }, ms: number): void {
  const until = clock.now() + ms
  clock.wakeAt(until, wake.wake)
  do turn(loop)
  while (clock.now() < until)
}

/** A test writes its addresses; one that is none is a mistake there. */
export function address(text: string): Address {
  const parsed = parseAddress(text)
  if (parsed === undefined) throw new Error(`${text} is not an IP address`)
  return parsed
}

/** The MAC 02:00:00:00:00:XX. */
export function mac(last: string): Mac {
  const parsed = parseMac(`02:00:00:00:00:${last}`)
  if (parsed === undefined) throw new Error(`${last} is not an octet`)
  return parsed
}

/** Plugs in an interface as a booted node has it; `last` ends its MAC and its link-local address. */
export function addNic(lan: MemoryLan, name: string, last: string): MemoryInterface {
  const added = lan.host.addInterface({ name, mac: mac(last), segment: lan.segment })
  added.addAddress({ address: address(`fe80::${last}`), prefixLength: 64, scope: 'link' })
  return added
}

export type Asking = { readonly from: Mac; readonly senderIp?: string; readonly to?: Mac }

/** A frame that asks who has `ip`. */
export function arpRequest(ip: string, { from, senderIp = '192.0.2.12', to = BROADCAST_MAC }: Asking): Uint8Array {
  const payload = encodeArp({
    operation: 'request',
    senderMac: from,
    senderIp: address(senderIp),
    targetMac: new Uint8Array(6),
    targetIp: address(ip),
  })
  return encodeEthernet({ destination: to, source: from, etherType: ETHERTYPE.arp, payload })
}

/** The facts of one kind, in order. */
export function told<Kind extends LinkFact['kind']>(lan: MemoryLan, kind: Kind): Extract<LinkFact, { kind: Kind }>[] {
  return lan.facts.filter((fact): fact is Extract<LinkFact, { kind: Kind }> => fact.kind === kind)
}

/** A frame in one line, for tests to compare. */
export function frameInWords(frame: Uint8Array): string {
  const ethernet = decodeEthernet(frame)
  if (!ethernet.ok) return ethernet.reason
  const { source, destination, etherType, payload } = ethernet.value
  const head = `${shortMac(source)} > ${shortMac(destination)}`
  return `${head} ${etherType === ETHERTYPE.arp ? arpInWords(payload) : ndpInWords(payload)}`
}

function arpInWords(payload: Uint8Array): string {
  const arp = decodeArp(payload)
  if (!arp.ok) return arp.reason
  const { operation, senderMac, senderIp, targetMac, targetIp } = arp.value
  const from = `${formatAddress(senderIp)} at ${shortMac(senderMac)}`
  return `arp ${operation} ${from} to ${formatAddress(targetIp)} at ${shortMac(targetMac)}`
}

function ndpInWords(payload: Uint8Array): string {
  const ndp = decodeNdp(payload)
  if (!ndp.ok) return ndp.reason
  const { source, destination, target } = ndp.value
  const head = `${formatAddress(source)} > ${formatAddress(destination)}`
  if (ndp.value.kind === 'solicitation') return `${head} who has ${formatAddress(target)}`
  const { solicited, override, targetLinkLayer } = ndp.value
  const flags = `${solicited ? 'S' : '-'}${override ? 'O' : '-'}`
  return `${head} ${formatAddress(target)} at ${targetLinkLayer === undefined ? '?' : shortMac(targetLinkLayer)} ${flags}`
}

/** The last octet says enough of a unicast address in a test. */
function shortMac(mac: Mac): string {
  const text = formatMac(mac)
  return text.startsWith('02:00:00:00:00:') ? text.slice(-2) : text
}
