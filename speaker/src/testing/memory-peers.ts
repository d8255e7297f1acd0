import { beats, type MemberView, type NodeRecord } from '@steelyard/membership'
import type { FakeClock } from '@steelyard/runtime'
import type { LinkFact } from '../link/messages.ts'

/** Speakers of one test that hear each other, as their link workers would have it: no packets, only what comes of them. */
export type MemoryPeers = {
  readonly join: (node: string, tell: (fact: LinkFact) => void) => void
  readonly publish: (node: string, record: NodeRecord) => void
  readonly leave: (node: string) => void
  /** The node hears nobody, and nobody hears it: for the others it is dead after `DETECTION_MS`. */
  readonly cut: (node: string) => void
  readonly mend: (node: string) => void
  /** Of a node's own claims, those that a better one beats: its worker is silent about them. */
  readonly beaten: (node: string) => ReadonlySet<string>
}

export const DETECTION_MS = 450
const SETTLE_MS = 5
const DELIVERY_MS = 1

type Seat = {
  readonly node: string
  tell: (fact: LinkFact) => void
  state: 'settling' | 'here' | 'cut' | 'gone'
  record: NodeRecord | undefined
  /** What it holds of the others. */
  readonly known: Map<string, NodeRecord>
}

type Hub = { readonly clock: FakeClock; readonly seats: Map<string, Seat>; readonly nodes: readonly string[] }

/** @param nodes all that there may be */
export function memoryPeers(clock: FakeClock, nodes: readonly string[]): MemoryPeers {
  const hub: Hub = { clock, seats: new Map(), nodes }
  return {
    join: (node, tell) => join(hub, node, tell),
    publish: (node, record) => {
      const seat = hub.seats.get(node)
      if (seat === undefined || seat.record === record) return
      seat.record = record
      spread(hub, seat)
    },
    leave: (node) => end(hub, node, 'gone', 0),
    cut: (node) => end(hub, node, 'cut', DETECTION_MS),
    mend: (node) => mend(hub, node),
    beaten: (node) => beaten(hub.seats.get(node)),
  }
}

function join(hub: Hub, node: string, tell: (fact: LinkFact) => void): void {
  const seat: Seat = { node, tell, state: 'settling', record: undefined, known: new Map() }
  forget(hub, node)
  hub.seats.set(node, seat)
  hub.clock.wakeAt(hub.clock.now() + SETTLE_MS, () => {
    if (hub.seats.get(node) !== seat || seat.state !== 'settling') return
    seat.state = 'here'
    for (const other of heardBy(hub, seat)) if (other.record !== undefined) deliver(seat, other.node, other.record)
    tellAll(hub)
  })
}

function heardBy({ seats }: Hub, seat: Seat): Seat[] {
  return seat.state === 'here' ? [...seats.values()].filter((other) => other !== seat && other.state === 'here') : []
}

function spread(hub: Hub, seat: Seat): void {
  const { record } = seat
  hub.clock.wakeAt(hub.clock.now() + DELIVERY_MS, () => {
    if (record === undefined || seat.record !== record) return
    for (const other of heardBy(hub, seat)) deliver(other, seat.node, record)
  })
}

function deliver(to: Seat, node: string, record: NodeRecord | undefined): void {
  if (record === undefined) to.known.delete(node)
  else to.known.set(node, record)
  to.tell({ kind: 'record', node, record })
}

function end(hub: Hub, node: string, state: 'cut' | 'gone', afterMs: number): void {
  const seat = hub.seats.get(node)
  if (seat === undefined || seat.state === 'gone') return
  seat.state = state
  const settle = (): void => {
    if (seat.state !== state) return
    forget(hub, node)
    if (state === 'cut') for (const other of seat.known.keys()) deliver(seat, other, undefined)
    tellAll(hub)
  }
  if (afterMs === 0) settle()
  else hub.clock.wakeAt(hub.clock.now() + afterMs, settle)
}

function forget({ seats }: Hub, node: string): void {
  for (const other of seats.values()) if (other.known.has(node)) deliver(other, node, undefined)
}

function mend(hub: Hub, node: string): void {
  const seat = hub.seats.get(node)
  if (seat?.state !== 'cut') return
  seat.state = 'here'
  for (const other of heardBy(hub, seat)) {
    if (other.record !== undefined) deliver(seat, other.node, other.record)
    if (seat.record !== undefined) deliver(other, node, seat.record)
  }
  tellAll(hub)
}

function tellAll(hub: Hub): void {
  for (const seat of hub.seats.values()) {
    if (seat.state === 'gone' || seat.state === 'settling') continue
    const heard = heardBy(hub, seat)
    seat.tell({
      kind: 'members',
      members: hub.nodes.filter((name) => name !== seat.node).map((name) => viewOf(hub, seat, name)),
      standing: 'settled',
      majority: 2 * (heard.length + 1) >= [...hub.seats.values()].filter(({ state }) => state !== 'gone').length,
    })
  }
}

function viewOf(hub: Hub, seat: Seat, node: string): MemberView {
  const other = hub.seats.get(node)
  const status = other === undefined || other.state === 'settling' ? 'unknown' : statusOf(hub, seat, other)
  return { node, status, since: 0, incarnation: 0, recordVersion: 0, indirect: false }
}

function statusOf(hub: Hub, seat: Seat, other: Seat): MemberView['status'] {
  if (other.state === 'gone') return 'left'
  return heardBy(hub, seat).includes(other) ? 'alive' : 'dead'
}

function beaten(seat: Seat | undefined): ReadonlySet<string> {
  const claims = seat?.record?.claims ?? []
  const node = seat?.node ?? ''
  const isBeaten = (own: (typeof claims)[number]): boolean =>
    [...(seat?.known ?? [])].some(([name, record]) =>
      record.claims.some((claim) => claim.ip === own.ip && beats(own.ip, { node: name, ...claim }, { node, ...own })),
    )
  return new Set(claims.filter(isBeaten).map(({ ip }) => ip))
}
