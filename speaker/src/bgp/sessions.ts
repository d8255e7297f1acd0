import type { Ending, RouteChanges } from '@steelyard/bgp-ts'
import type { BgpPeer } from '@steelyard/model'
import type { Logger } from '@steelyard/program'
import type { Clock } from '@steelyard/runtime'
import { desiredBfd } from '../decide/bgp/desired-bfd.ts'
import { deviceChange } from '../decide/bgp/device-change.ts'
import { GOODBYE } from '../decide/bgp/goodbye.ts'
import { sameSession, type SessionPlan, sessionPlan } from '../decide/bgp/session-plan.ts'
import type { BfdFact, LinkDesired, LinkNeighbour, WatchedDevice } from '../link/messages.ts'
import { sameValue } from '../decide/same-value.ts'
import { end, hearBfd, newSlot, open, type PeerSlot, renew, renewIfStale, type SlotPorts } from './peer-slot.ts'
import { followDevice, takeNote } from './slot-surroundings.ts'
import type { BgpPort } from './ports.ts'

/** The BGP sessions of this node: one per BGPPeer that selects it. */
export type BgpSessions = {
  /**
   * All peers from now on. What can be changed while a session stands is; a session is reset only where the protocol
   * leaves no other way (docs/bgp-changes.md).
   * @param isDeleted whether a peer that is not among them is gone for good, not only for this node
   */
  readonly setPeers: (peers: readonly BgpPeer[], isDeleted: (name: string) => boolean) => void
  /** By name of the peer. */
  readonly change: (changes: ReadonlyMap<string, RouteChanges>) => void
  /** What has been told so far is all there is: routers that kept routes of a former life may forget the rest. */
  readonly complete: () => void
  readonly onBfd: (facts: readonly BfdFact[]) => void
  readonly onNeighbours: (neighbours: readonly LinkNeighbour[]) => void
  readonly onDevices: (devices: readonly WatchedDevice[]) => void
  /** What the link worker is to do for them. The same values until something changes. */
  readonly wantedLinks: () => WantedLinks
  readonly slots: () => readonly PeerSlot[]
  /** Ends the sessions whose routers keep what they were told while this speaker restarts, without a word. */
  readonly suspend: () => Promise<void>
  /** Ends all that is left, with a word. */
  readonly stop: () => Promise<void>
}

export type WantedLinks = Required<Pick<LinkDesired, 'bfd' | 'unnumbered' | 'devices'>>

export type BgpSessionsPorts = {
  readonly port: BgpPort
  readonly clock: Clock
  readonly log: Logger
  readonly routesOf: (peer: string) => RouteChanges
  /** Something to report of a session changed. */
  readonly onView: () => void
  /** `wantedLinks` is another. */
  readonly onWantedLinks: () => void
}

type State = {
  readonly ports: BgpSessionsPorts
  readonly slotPorts: SlotPorts
  readonly slots: Map<string, PeerSlot>
  readonly neighbours: Map<string, LinkNeighbour>
  readonly devices: Map<string, WatchedDevice>
  wanted: WantedLinks
  isComplete: boolean
}

export function bgpSessions(ports: BgpSessionsPorts): BgpSessions {
  const state: State = {
    ports,
    slotPorts: { ...ports, isComplete: () => state.isComplete },
    slots: new Map(),
    neighbours: new Map(),
    devices: new Map(),
    wanted: { bfd: [], unnumbered: [], devices: [] },
    isComplete: false,
  }
  const { slots } = state
  return {
    setPeers: (peers, isDeleted) => setPeers(state, peers, isDeleted),
    change: (changes) => {
      for (const [name, routes] of changes) slots.get(name)?.session?.change(routes)
    },
    complete: () => {
      if (state.isComplete) return
      state.isComplete = true
      for (const { session } of slots.values()) session?.complete()
    },
    onBfd: (facts) => hearAllBfd(state, facts),
    onNeighbours: (neighbours) => hearNeighbours(state, neighbours),
    onDevices: (devices) => hearDevices(state, devices),
    wantedLinks: () => state.wanted,
    slots: () => [...slots.values()],
    suspend: () => endAll(state, ({ peer }) => peer.gracefulRestart, { kind: 'silent' }),
    stop: async () => {
      await endAll(state, () => true, GOODBYE.speakerStops)
      state.slots.clear()
      // BFD goes last, and by AdminDown: routers must not take the end of it for a broken path.
      refreshWanted(state)
      ports.port.close()
    },
  }
}

function setPeers(state: State, peers: readonly BgpPeer[], isDeleted: (name: string) => boolean): void {
  const names = new Set(peers.map(({ name }) => name))
  for (const [name, slot] of state.slots) {
    if (names.has(name)) continue
    remove(state, slot, isDeleted(name) ? GOODBYE.peerDeleted : GOODBYE.nodeNotSelected)
  }
  for (const peer of peers) setPeer(state, peer)
  refreshWanted(state)
}

function remove({ slots, slotPorts }: State, slot: PeerSlot, ending: Ending): void {
  slot.isGone = true
  slots.delete(slot.name)
  void end(slot, ending, slotPorts)
  slotPorts.onView()
}

function setPeer(state: State, peer: BgpPeer): void {
  const { slots, slotPorts } = state
  const plan = planOf(state, peer)
  const slot = slots.get(peer.name)
  if (slot === undefined) {
    const made = newSlot(peer, plan, slotPorts.clock.now())
    slots.set(peer.name, made)
    takeNote(made, slotPorts)
    return open(made, slotPorts)
  }
  const before = slot.peer
  slot.peer = peer
  takeNote(slot, slotPorts)
  if (!sameSession(slot.plan, plan)) return replan(state, slot, plan)
  if (before.password !== peer.password && !rekey(slot)) return replan(state, slot, plan)
  slot.isStale ||= !sameRetry(slot.plan, plan)
  slot.plan = plan
  renewIfStale(slot, slotPorts)
}

function planOf({ neighbours }: State, peer: BgpPeer): SessionPlan {
  const { neighbour } = peer
  return sessionPlan(peer, neighbour.kind === 'interface' ? neighbours.get(neighbour.interface) : undefined)
}

/** A peer that could not be reached with the key of before is tried again at once. */
function rekey({ peer, session, view }: PeerSlot): boolean {
  if (session === undefined) return true
  const isDone = session.setPassword(peer.password)
  if (isDone && view?.state !== 'established') session.retry()
  return isDone
}

function sameRetry(a: SessionPlan, b: SessionPlan): boolean {
  return a.kind === 'waiting' || b.kind === 'waiting' || a.config.connectMs === b.config.connectMs
}

/** Another session in place of the one there is. */
function replan({ slotPorts }: State, slot: PeerSlot, plan: SessionPlan): void {
  slot.plan = plan
  void renew(slot, slotPorts)
}

function hearAllBfd({ slots, ports }: State, facts: readonly BfdFact[]): void {
  const byKey = new Map(facts.map((fact) => [fact.key, fact]))
  const now = ports.clock.now()
  for (const slot of slots.values()) hearBfd(slot, byKey.get(slot.name), now)
  ports.onView()
}

function hearNeighbours(state: State, neighbours: readonly LinkNeighbour[]): void {
  state.neighbours.clear()
  for (const one of neighbours) state.neighbours.set(one.interface, one)
  for (const slot of state.slots.values()) {
    if (slot.peer.neighbour.kind !== 'interface') continue
    const plan = planOf(state, slot.peer)
    // A router that is not heard any more may still be there: the session itself finds out.
    if (plan.kind === 'waiting' && slot.plan.kind === 'session') continue
    if (!sameSession(slot.plan, plan)) replan(state, slot, plan)
  }
  refreshWanted(state)
}

function hearDevices(state: State, devices: readonly WatchedDevice[]): void {
  const { slots, slotPorts } = state
  const before = new Map(state.devices)
  state.devices.clear()
  for (const device of devices) {
    state.devices.set(device.name, device)
    const change = deviceChange(before.get(device.name), device)
    const bound = [...slots.values()].filter(({ peer }) => peer.vrf === device.name)
    if (change !== undefined) for (const slot of bound) followDevice(slot, change, slotPorts)
  }
  // Which subnets are next to this host has changed with them.
  refreshWanted(state)
}

function refreshWanted(state: State): void {
  const { ports, slots } = state
  const all = [...slots.values()]
  const bfd = all.flatMap(({ peer, plan }) => desiredBfd(peer, plan, ports.port.isConnected) ?? [])
  const unnumbered = all.flatMap(({ peer: { neighbour } }) =>
    neighbour.kind === 'interface' ? [neighbour.interface] : [],
  )
  const devices = all.flatMap(({ peer: { vrf } }) => vrf ?? [])
  const wanted = { bfd, unnumbered: [...new Set(unnumbered)].sort(), devices: [...new Set(devices)].sort() }
  if (sameValue(wanted, state.wanted)) return
  state.wanted = wanted
  ports.onWantedLinks()
}

async function endAll(
  { slots, slotPorts }: State,
  isMeant: (slot: PeerSlot) => boolean,
  ending: Ending,
): Promise<void> {
  const endings = [...slots.values()].filter(isMeant).map((slot) => {
    slot.isGone = true
    return end(slot, ending, slotPorts)
  })
  await Promise.all(endings)
}
