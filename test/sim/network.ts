import { type Random, seededRandom } from '@steelyard/runtime'
import { type EventQueue, eventQueue, nextEventAt, putEvent, takeEvent } from './event-queue.ts'

/** How a packet fares. Times are milliseconds; each packet's delay is between `delayMs` and `delayMs + jitterMs`. */
export type Weather = {
  readonly delayMs: number
  readonly jitterMs: number
  /** Shares, 0 to 1. */
  readonly loss: number
  readonly duplication: number
}

export const LAN: Weather = { delayMs: 0.1, jitterMs: 0.2, loss: 0, duplication: 0 }
export const ROUGH: Weather = { delayMs: 0.1, jitterMs: 50, loss: 0.05, duplication: 0.01 }

/** A program on the network. It is called with its own clock, which may stand differently from all others. */
export type Program = {
  /** A packet that came in, by the node path (`link` absent) or on one of its links. */
  readonly receive: (bytes: Uint8Array, link: string | undefined, now: number) => void
  /** The end of a turn. @param lagMs how late its loop was */
  readonly turn: (now: number, lagMs: number) => void
  /** Before the packets that waited meanwhile are read. */
  readonly stalled: (now: number, lagMs: number) => void
  /** When it wants a turn again, on its own clock. */
  readonly deadline: () => number
}

type Waiting = { readonly bytes: Uint8Array; readonly link: string | undefined }

/** A place for a program: a node of the cluster. */
export type Host = {
  readonly name: string
  readonly clockOffset: number
  program: Program | undefined
  /** When its next turn is due, on the simulated clock. */
  wakeAt: number
  isFrozen: boolean
  readonly waiting: Waiting[]
}

type SimEvent =
  | { readonly kind: 'packet'; readonly to: Host; readonly bytes: Uint8Array; readonly link: string | undefined }
  | { readonly kind: 'wake' | 'read'; readonly host: Host }
  | { readonly kind: 'call'; readonly call: () => void }

/** A seeded network with a simulated clock: the same seed gives the same run. */
export type Network = {
  now: number
  weather: Weather
  readonly random: Random
  readonly queue: EventQueue<SimEvent>
  readonly hosts: Map<string, Host>
  /** Whether nothing gets from one to another; a link, or undefined for the node path. */
  isCut: (from: string, to: string, link: string | undefined) => boolean
  packets: number
  /** How long a program is in waking up: what comes meanwhile is read in the same turn. 0: each packet is a turn. */
  turnMs: number
}

/** What a socket buffer holds of a program that does not read; beyond it packets are lost. */
const SOCKET_PACKETS = 5000

export function network(seed: number, weather: Weather = LAN): Network {
  return {
    now: 0,
    weather,
    random: seededRandom(seed),
    queue: eventQueue(),
    hosts: new Map(),
    isCut: () => false,
    packets: 0,
    turnMs: 0,
  }
}

export function addHost(net: Network, name: string): Host {
  const clockOffset = Math.floor(net.random() * 1e6)
  const host: Host = {
    name,
    clockOffset,
    program: undefined,
    wakeAt: Number.POSITIVE_INFINITY,
    isFrozen: false,
    waiting: [],
  }
  net.hosts.set(name, host)
  return host
}

export const clockOf = (net: Network, { clockOffset }: Host): number => net.now + clockOffset

/** Starts a program, or puts another in its place: packets that are on their way reach the new one. */
export function runOn(net: Network, host: Host, program: Program): void {
  host.program = program
  host.isFrozen = false
  host.waiting.length = 0
  wake(net, host)
}

export function stop(host: Host): void {
  host.program = undefined
  host.waiting.length = 0
  host.wakeAt = Number.POSITIVE_INFINITY
}

/** From now on its process gets no processor time. */
export function freeze(host: Host): void {
  host.isFrozen = true
}

export function thaw(net: Network, host: Host): void {
  const { program } = host
  if (program === undefined || !host.isFrozen) return
  host.isFrozen = false
  const now = clockOf(net, host)
  const lagMs = Math.max(0, net.now - host.wakeAt)
  if (lagMs > 0) program.stalled(now, lagMs)
  for (const { bytes, link } of host.waiting.splice(0)) program.receive(bytes, link, now)
  turn(net, host, program)
}

/** Sends a packet; it may be lost, delayed, overtaken and doubled. */
export function transmit(
  net: Network,
  from: string,
  to: string,
  { bytes, link }: { readonly bytes: Uint8Array; readonly link?: string | undefined },
): void {
  net.packets += 1
  const host = net.hosts.get(to)
  if (host === undefined || net.isCut(from, to, link)) return
  const { loss, duplication } = net.weather
  if (loss > 0 && net.random() < loss) return
  deliverLater(net, host, bytes, link)
  if (duplication > 0 && net.random() < duplication) deliverLater(net, host, bytes, link)
}

function deliverLater(net: Network, to: Host, bytes: Uint8Array, link: string | undefined): void {
  const delay = net.weather.delayMs + net.random() * net.weather.jitterMs
  putEvent(net.queue, net.now + delay, { kind: 'packet', to, bytes, link })
}

/** Something to be done to the network at a time. */
export function at(net: Network, time: number, call: () => void): void {
  putEvent(net.queue, time, { kind: 'call', call })
}

/** Lets time pass until `until`. */
export function run(net: Network, until: number): void {
  for (;;) {
    const due = nextEventAt(net.queue)
    if (due === undefined || due > until) break
    const taken = takeEvent(net.queue)
    if (taken === undefined) break
    net.now = taken.at
    happen(net, taken.event, taken.at)
  }
  net.now = Math.max(net.now, until)
}

function happen(net: Network, event: SimEvent, due: number): void {
  if (event.kind === 'call') event.call()
  else if (event.kind === 'packet') arrive(net, event.to, event)
  else if (event.kind === 'read') read(net, event.host)
  else if (event.host.wakeAt === due && !event.host.isFrozen && event.host.program !== undefined) {
    turn(net, event.host, event.host.program)
  }
}

function arrive(net: Network, host: Host, { bytes, link }: Waiting): void {
  const { program } = host
  if (program === undefined) return
  if (host.isFrozen || net.turnMs > 0) {
    if (!host.isFrozen && host.waiting.length === 0) putEvent(net.queue, net.now + net.turnMs, { kind: 'read', host })
    if (host.waiting.length < SOCKET_PACKETS) host.waiting.push({ bytes, link })
    return
  }
  program.receive(bytes, link, clockOf(net, host))
  turn(net, host, program)
}

function read(net: Network, host: Host): void {
  const { program } = host
  if (program === undefined || host.isFrozen || host.waiting.length === 0) return
  for (const { bytes, link } of host.waiting.splice(0)) program.receive(bytes, link, clockOf(net, host))
  turn(net, host, program)
}

function turn(net: Network, host: Host, program: Program): void {
  program.turn(clockOf(net, host), 0)
  if (host.program === program) wake(net, host)
}

/** A turn that is due now already would be due for ever: the program must have done what was due. */
export function wake(net: Network, host: Host): void {
  const due = (host.program?.deadline() ?? Number.POSITIVE_INFINITY) - host.clockOffset
  const wakeAt = Math.max(net.now, due)
  if (wakeAt === host.wakeAt || wakeAt === Number.POSITIVE_INFINITY) return
  host.wakeAt = wakeAt
  putEvent(net.queue, wakeAt, { kind: 'wake', host })
}
