import { decodeRouterDiscovery, encodeRouterAdvertisement, encodeRouterSolicitation } from '@steelyard/arp-lib'
import { formatAddress, type Mac } from '@steelyard/net'
import { backoffMs } from '@steelyard/runtime'
import { GONE, tell } from './failures.ts'
import { hasLinkLocal, type KernelLink, type KernelView } from './kernel-view.ts'
import type { RouterEvent, RouterPort } from './router-state.ts'
import type { LinkConfig, LinkEffect, LinkState } from './state.ts'

/** RFC 4861 section 10: the first three advertisements come as soon as may be, no two within MIN_DELAY_BETWEEN_RAS. */
const INITIAL_ADVERTISEMENTS = 3
const ADVERTISEMENTS_APART_MS = 3000
const ADVERTISE_EVERY_MS = 10_000
/** Section 6.2.6: an answer to a solicitation waits this long at most, by chance, since others may answer as well. */
const MOST_ANSWER_DELAY_MS = 500
/** Section 10: MAX_RTR_SOLICITATIONS, RTR_SOLICITATION_INTERVAL. A router that comes later may not speak for minutes: it is asked on. */
const INITIAL_SOLICITATIONS = 3
const SOLICITATIONS_APART_MS = 4000
const SOLICIT_EVERY_MS = 10_000
/** A router that is there answers within this time: two solicitations, and what its own pace may add. */
const DOUBT_MS = 9000

type At = { readonly now: number; readonly config: LinkConfig }

/** Opens what is wanted and usable, closes what is not any more. Interfaces excluded from announcements count here. */
export function reconcileRouters(state: LinkState, { now }: At, effects: LinkEffect[]): void {
  const { view, routers } = state
  if (view === undefined) return
  for (const port of routers.ports.values()) {
    if (!isUsable(state, view, view.links.get(port.ifindex), port.name)) drop(state, port, effects)
  }
  for (const link of view.links.values()) {
    if (routers.ports.has(link.index) || !isUsable(state, view, link, link.name)) continue
    const port = newPort(link, now)
    routers.ports.set(link.index, port)
    effects.push({ kind: 'routers', act: { kind: 'open', ifindex: link.index } })
  }
  tellNeighbours(state, effects)
}

/** What comes and goes with the carrier: a router behind it may be another, so both are asked for anew. */
export function restartRouters(state: LinkState, silenced: ReadonlySet<number>, { now }: At): void {
  for (const port of state.routers.ports.values()) if (silenced.has(port.ifindex)) restart(port, now)
}

export function hearRouters(state: LinkState, event: RouterEvent, at: At, effects: LinkEffect[]): void {
  const port = state.routers.ports.get(event.kind === 'failed' ? event.tried.ifindex : event.ifindex)
  if (port === undefined) return
  const fault = event.kind === 'failed' ? fail(port, event, at, effects) : hear(state, port, event, at)
  if (fault !== undefined) tell(state, { interface: port.name, ...fault }, at, effects)
  tellNeighbours(state, effects)
}

type Fault = { readonly call: string; readonly errno: string; readonly message: string }
type Heard = Extract<RouterEvent, { kind: 'heard' }>

function hear(state: LinkState, port: RouterPort, event: Heard, at: At): Fault | undefined {
  const found = decodeRouterDiscovery(event)
  if (!found.ok) return undefined
  const source = formatAddress(found.value.source)
  if (isOwn(state, source)) return undefined
  if (found.value.kind === 'routerAdvertisement') return hearRouter(port, source, at.now)
  answerSoon(port, at)
  return undefined
}

export function tickRouters(state: LinkState, at: At, effects: LinkEffect[]): void {
  for (const port of state.routers.ports.values()) {
    if (!port.isOpen && port.retryAt <= at.now) reopen(port, at.now, effects)
    const mac = state.view?.links.get(port.ifindex)?.mac
    if (port.isOpen && mac !== undefined) speak(port, mac, at.now, effects)
  }
  tellNeighbours(state, effects)
}

function speak(port: RouterPort, mac: Mac, now: number, effects: LinkEffect[]): void {
  if (port.doubtUntil <= now) succeed(port)
  if (port.advertiseAt <= now) advertise(port, mac, now, effects)
  if (port.solicitAt <= now) solicit(port, mac, now, effects)
}

/** When `tickRouters` has something to do again; Infinity = never. */
export function routersDeadline({ routers }: LinkState): number {
  const due = [...routers.ports.values()].flatMap((port) =>
    port.isOpen ? [port.advertiseAt, port.solicitAt, port.doubtUntil] : [port.retryAt],
  )
  return Math.min(Number.POSITIVE_INFINITY, ...due)
}

/** Nothing can be said without a link-local address, and an interface that is down says nothing. */
function isUsable(state: LinkState, view: KernelView, link: KernelLink | undefined, name: string): boolean {
  return link?.up === true && link.name === name && state.routers.wanted.has(name) && hasLinkLocal(view, link.index)
}

function newPort({ index, name }: KernelLink, now: number): RouterPort {
  return {
    ifindex: index,
    name,
    isOpen: true,
    retryAt: Number.POSITIVE_INFINITY,
    failures: 0,
    advertised: 0,
    solicited: 0,
    advertiseAt: now,
    lastAdvertisedAt: Number.NEGATIVE_INFINITY,
    solicitAt: now,
    neighbour: undefined,
    other: undefined,
    doubtUntil: Number.POSITIVE_INFINITY,
  }
}

function restart(port: RouterPort, now: number): void {
  port.advertised = 0
  port.solicited = 0
  port.advertiseAt = Math.max(now, port.lastAdvertisedAt + ADVERTISEMENTS_APART_MS)
  port.solicitAt = now
}

function drop(state: LinkState, { ifindex }: RouterPort, effects: LinkEffect[]): void {
  state.routers.ports.delete(ifindex)
  effects.push({ kind: 'routers', act: { kind: 'close', ifindex } })
}

function reopen(port: RouterPort, now: number, effects: LinkEffect[]): void {
  port.isOpen = true
  restart(port, now)
  effects.push({ kind: 'routers', act: { kind: 'open', ifindex: port.ifindex } })
}

/** One that cannot be opened or read is opened anew later; a message that could not be sent is due again anyhow. */
function fail(
  port: RouterPort,
  { tried, error }: Extract<RouterEvent, { kind: 'failed' }>,
  { now, config }: At,
  effects: LinkEffect[],
): Fault | undefined {
  if (tried.kind === 'open' || tried.kind === 'receive') {
    port.isOpen = false
    port.retryAt = now + backoffMs(++port.failures, config.retry, config.random)
    effects.push({ kind: 'routers', act: { kind: 'close', ifindex: port.ifindex } })
  }
  const { call, errno, message } = error
  // An interface may be gone before netlink has said so.
  return GONE.has(errno) ? undefined : { call, errno, message }
}

/** Two interfaces of this host may be on one link. */
function isOwn({ view }: LinkState, source: string): boolean {
  return [...(view?.linkLocals.values() ?? [])].some((own) => own.has(source))
}

/**
 * The first that is heard is the neighbour. When another is heard, the routers of the link are asked: the first
 * speaks again, and there are two of them, or it does not, and the other has taken its place.
 */
function hearRouter(port: RouterPort, source: string, now: number): Fault | undefined {
  port.failures = 0
  const { neighbour, other, name } = port
  if (neighbour !== undefined && source !== neighbour) {
    if (other !== source) doubt(port, source, now)
    return undefined
  }
  port.neighbour = source
  endDoubt(port)
  if (other === undefined) return undefined
  const message = `two routers on interface ${name}, ${source} and ${other}: the session stays with ${source}`
  return { call: 'routerDiscovery', errno: 'ENOTUNIQ', message }
}

function doubt(port: RouterPort, other: string, now: number): void {
  // A third does not put off the moment when the first must have spoken.
  if (port.other === undefined) port.doubtUntil = now + DOUBT_MS
  port.other = other
  port.solicited = 0
  port.solicitAt = Math.min(port.solicitAt, now)
}

function succeed(port: RouterPort): void {
  port.neighbour = port.other
  endDoubt(port)
}

function endDoubt(port: RouterPort): void {
  port.other = undefined
  port.doubtUntil = Number.POSITIVE_INFINITY
  port.solicitAt = Number.POSITIVE_INFINITY
}

function answerSoon(port: RouterPort, { now, config }: At): void {
  const soon = now + config.random() * MOST_ANSWER_DELAY_MS
  port.advertiseAt = Math.min(port.advertiseAt, Math.max(soon, port.lastAdvertisedAt + ADVERTISEMENTS_APART_MS))
}

function advertise(port: RouterPort, mac: Mac, now: number, effects: LinkEffect[]): void {
  const { ifindex } = port
  port.advertised++
  port.lastAdvertisedAt = now
  port.advertiseAt = now + (port.advertised < INITIAL_ADVERTISEMENTS ? ADVERTISEMENTS_APART_MS : ADVERTISE_EVERY_MS)
  effects.push({ kind: 'routers', act: { kind: 'advertise', ifindex, message: encodeRouterAdvertisement(mac) } })
}

function solicit(port: RouterPort, mac: Mac, now: number, effects: LinkEffect[]): void {
  const { ifindex } = port
  port.solicited++
  port.solicitAt = now + (port.solicited < INITIAL_SOLICITATIONS ? SOLICITATIONS_APART_MS : SOLICIT_EVERY_MS)
  effects.push({ kind: 'routers', act: { kind: 'solicit', ifindex, message: encodeRouterSolicitation(mac) } })
}

/** Whole, and only when it is another. */
function tellNeighbours({ routers }: LinkState, effects: LinkEffect[]): void {
  const neighbours = [...routers.ports.values()]
    .flatMap(({ name, ifindex, neighbour }) =>
      neighbour === undefined ? [] : [{ interface: name, ifindex, address: neighbour }],
    )
    .toSorted((a, b) => a.ifindex - b.ifindex)
  const text = JSON.stringify(neighbours)
  if (text === routers.told) return
  routers.told = text
  effects.push({ kind: 'tell', fact: { kind: 'linkNeighbours', neighbours } })
}
