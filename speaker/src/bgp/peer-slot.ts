import type { Ending, RouteChanges, SessionView } from '@steelyard/bgp-ts'
import type { BgpPeer } from '@steelyard/model'
import { formatAddress } from '@steelyard/net'
import type { Logger } from '@steelyard/program'
import type { Clock } from '@steelyard/runtime'
import { GOODBYE } from '../decide/bgp/goodbye.ts'
import type { SessionPlan } from '../decide/bgp/session-plan.ts'
import { neighbourText } from '../decide/bgp/session-plan.ts'
import type { BfdFact } from '../link/messages.ts'
import type { BgpPort, OpenSession } from './ports.ts'

/** One BGPPeer of this node and its session, which is there once it can be. */
export type PeerSlot = {
  readonly name: string
  peer: BgpPeer
  plan: SessionPlan
  session: OpenSession | undefined
  /** While another session of this peer is being ended: two at a time would collide. */
  ending: Promise<void> | undefined
  view: SessionView | undefined
  bfd: BfdFact | undefined
  /** When it came into its state, on the clock of this thread. */
  bfdSince: number
  readonly madeAt: number
  /** What the peer said last before it hung up: later attempts that are only refused must not hide it. */
  said: string | undefined
  /** What deserves a word as long as there is no session. */
  note: string | undefined
  /** Why the device that it is bound to cannot be used now: whatever ended the session must not hide it. */
  deviceGone: string | undefined
  /** The plan has another time of retry than the session: there is no hurry to make it anew. */
  isStale: boolean
  isGone: boolean
}

export type SlotPorts = {
  readonly port: BgpPort
  readonly clock: Clock
  readonly log: Logger
  /** All that the peer is to be told of. */
  readonly routesOf: (peer: string) => RouteChanges
  /** Whether that is everything: see `Session.complete`. */
  readonly isComplete: () => boolean
  readonly onView: () => void
}

export function newSlot(peer: BgpPeer, plan: SessionPlan, now: number): PeerSlot {
  return {
    name: peer.name,
    peer,
    plan,
    session: undefined,
    ending: undefined,
    view: undefined,
    bfd: undefined,
    bfdSince: now,
    madeAt: now,
    said: undefined,
    note: undefined,
    deviceGone: undefined,
    isStale: false,
    isGone: false,
  }
}

/** Opens the session that the slot's plan describes, as soon as the one before it has ended. */
export function open(slot: PeerSlot, ports: SlotPorts): void {
  const { plan } = slot
  if (slot.session !== undefined || slot.ending !== undefined || slot.isGone) return
  if (plan.kind === 'waiting') {
    ports.log.info(`no session yet: ${plan.why}`, about(slot))
    return ports.onView()
  }
  const { config, target, password } = plan
  const session = ports.port.open(
    { config, target, password },
    {
      onView: (view) => seen(slot, view, ports),
      onNotification: (which, _message, meaning) => {
        if (which === 'received') slot.said = meaning
        ports.log.info(`NOTIFICATION ${which}: ${meaning}`, { ...about(slot), op: 'notification' })
      },
    },
  )
  slot.session = session
  slot.view = session.view()
  session.change(ports.routesOf(slot.name))
  if (ports.isComplete()) session.complete()
  ports.onView()
}

/** Ends the session, if there is one; another may be opened when that is done. */
export function end(slot: PeerSlot, ending: Ending, ports: SlotPorts): Promise<void> {
  const { session } = slot
  if (session === undefined) return slot.ending ?? Promise.resolve()
  slot.session = undefined
  const before = slot.view
  slot.view = undefined
  tellState(slot, before, undefined, ports.log)
  slot.ending = stopped(slot, session, ending)
  return slot.ending
}

/** Makes the session anew, by the plan as it is now. */
export async function renew(slot: PeerSlot, ports: SlotPorts): Promise<void> {
  slot.isStale = false
  await end(slot, GOODBYE.peerChanged, ports)
  open(slot, ports)
}

/** Nothing is lost by it while nothing stands. */
export function renewIfStale(slot: PeerSlot, ports: SlotPorts): void {
  if (slot.isStale && slot.session !== undefined && !isUp(slot.view)) void renew(slot, ports)
}

async function stopped(slot: PeerSlot, session: OpenSession, ending: Ending): Promise<void> {
  await session.stop(ending)
  slot.ending = undefined
}

function seen(slot: PeerSlot, view: SessionView, ports: SlotPorts): void {
  // The last words of a session that was ended are not about the one that took its place.
  if (slot.session === undefined) return
  const before = slot.view
  slot.view = view
  if (isUp(view)) slot.said = undefined
  tellState(slot, before, view, ports.log)
  renewIfStale(slot, ports)
  ports.onView()
}

function tellState(slot: PeerSlot, before: SessionView | undefined, now: SessionView | undefined, log: Logger): void {
  if (isUp(now)) {
    if (!isUp(before)) log.info('session established', { event: 'sessionUp', ...about(slot), ...agreed(now) })
    return
  }
  if (isUp(before)) {
    log.warn(`session down: ${whyDown(now)}`, { event: 'sessionDown', ...about(slot) })
  } else if (now?.lastError !== before?.lastError) {
    log.warn(`no session: ${whyDown(now)}`, { op: 'connect', ...about(slot) })
  }
}

/** What was agreed upon, as people write it. */
function agreed(view: SessionView | undefined): object {
  if (view?.established === undefined) return {}
  const { localAddress, remoteAddress, remoteRouterId, ...more } = view.established
  return {
    localAddress: formatAddress(localAddress),
    remoteAddress: formatAddress(remoteAddress),
    remoteRouterId: formatAddress({ family: 4, words: [remoteRouterId] }),
    ...more,
  }
}

function whyDown(view: SessionView | undefined): string {
  return view === undefined ? 'ended by this speaker' : (view.lastError ?? 'lost')
}

function isUp(view: SessionView | undefined): boolean {
  return view?.state === 'established'
}

function about({ peer }: PeerSlot): { readonly peer: string; readonly neighbour: string } {
  return { peer: peer.name, neighbour: neighbourText(peer) }
}

/** BFD has seen the path fail: BGP need not wait for its hold time. The peer's operator taking BFD down is no failure. */
export function hearBfd(slot: PeerSlot, fact: BfdFact | undefined, now: number): void {
  const before = slot.bfd
  slot.bfd = fact
  if (fact?.state !== before?.state) slot.bfdSince = now
  if (before === undefined || fact === undefined || fact.downs <= before.downs) return
  if (fact.remoteState === 'adminDown') return
  slot.session?.lost(`BFD: ${fact.lastDown ?? 'the path to the peer failed'}`)
}
