import type { MembershipEffect } from '@steelyard/membership'
import type { Node } from '@steelyard/model'
import { createLogger } from '@steelyard/program'
import { claimsOn } from '../../speaker/src/decide/claim-book.ts'
import { drainOf } from '../../speaker/src/decide/drain.ts'
import { nodeStates } from '../../speaker/src/decide/node-states.ts'
import type { Claim } from '../../speaker/src/decide/ownership.ts'
import { type Group, ownershipOf } from '../../speaker/src/decide/plan.ts'
import type { HeldClaim } from '../../speaker/src/decide/tenure.ts'
import { type Held, holdings, type Holdings } from '../../speaker/src/holdings.ts'
import { followPeers, type Hearing, type Peers } from '../../speaker/src/peers.ts'
import { type MainThread, mainThread } from './main-thread.ts'
import type { Member } from './member.ts'
import type { Network } from './network.ts'
import { FAREWELL, follow, silence, type Voice, voice, type Wish } from './voice.ts'

/** What all speakers work by. */
export type Surroundings = {
  readonly net: Network
  /** As this node's API cache has them. */
  readonly nodesSeenBy: (node: string) => ReadonlyMap<string, Node>
  readonly groups: readonly Group[]
  /** Something happened that may change who answers. */
  readonly onChange: (speaker: Speaker) => void
  /** It has said goodbye: its process ends. */
  readonly onEnd: (speaker: Speaker) => void
}

/** The decisions of a whole speaker: a member that keeps silent when it must, and a main thread that says what is to be held. */
export type Speaker = {
  readonly node: string
  readonly member: Member
  readonly voice: Voice
  readonly main: MainThread
  readonly peers: Peers & Hearing
  readonly holdings: Holdings
  readonly world: Surroundings
  claims: ReadonlyMap<string, HeldClaim>
  told: string
  phase: 'listing' | 'running' | 'leaving' | 'gone'
  restUntil: number
  cancel: (() => void) | undefined
}

const MOVES_PER_SECOND = 20
/** What the first lists of the API take. */
const LONGEST_LISTING_MS = 200

export function speaker(world: Surroundings, member: Member): Speaker {
  const { name: node } = member.host
  const main = mainThread(world.net, member.host)
  const peers = followPeers({
    self: node,
    isOn: true,
    knownNodes: () => world.nodesSeenBy(node).keys(),
    readySpeakers: () => new Set(),
    clock: main.clock,
    log: createLogger({ level: 'none', caller: 'sim' }),
    onLiving: () => urgently(made),
    onRecord: () => schedule(made),
  })
  const movePolicy = () => ({ movesPerSecond: MOVES_PER_SECOND, rebalanceAfterMs: undefined })
  const made: Speaker = {
    node,
    member,
    voice: voice(),
    main,
    peers,
    holdings: holdings({ self: node, peers, clock: main.clock, movePolicy }),
    world,
    claims: new Map(),
    told: '',
    phase: 'listing',
    restUntil: 0,
    cancel: undefined,
  }
  listen(made)
  main.clock.wakeAt(world.net.now + world.net.random() * LONGEST_LISTING_MS, () => {
    made.phase = 'running'
    schedule(made)
  })
  return made
}

/** What the member has told before is caught up with. */
function listen(one: Speaker): void {
  const { member, main, peers } = one
  member.onEffect = (effect) => hear(one, effect)
  const { members, standing, majority, records } = member
  main.hear(() => peers.onMembers({ members, standing, majority }))
  for (const [node, record] of records) main.hear(() => peers.onRecord(node, record))
}

function hear(one: Speaker, effect: MembershipEffect): void {
  const { main, peers, voice: own, world } = one
  if (effect.kind === 'members') main.hear(() => peers.onMembers(effect))
  else if (effect.kind === 'record') main.hear(() => peers.onRecord(effect.node, effect.record))
  else if (effect.kind === 'beaten') silence(own, effect.ips)
  else return
  world.onChange(one)
}

/** As `speaker/src/reconcile.ts` paces itself. */
const REST_FACTOR = 3
const LONGEST_REST_MS = 200

export function urgently(one: Speaker): void {
  one.restUntil = 0
  schedule(one)
  // Whom it waits for may be gone.
  if (one.phase === 'leaving') endIfInVain(one)
}

export function schedule(one: Speaker, when = 0): void {
  const { main, phase } = one
  if (phase === 'listing' || phase === 'gone') return
  one.cancel?.()
  one.cancel = main.clock.wakeAt(Math.max(main.clock.now(), one.restUntil, when), () => {
    one.cancel = undefined
    const costMs = costOfPass(one)
    const { lookAgainAt } = pass(one, costMs)
    one.restUntil = main.clock.now() + costMs + Math.min(LONGEST_REST_MS, costMs * REST_FACTOR)
    if (lookAgainAt !== undefined && one.cancel === undefined) schedule(one, lookAgainAt)
  })
}

const PAUSES = 0.03
const PAUSE_MS = 50

/** Now and then garbage is collected, between what a pass has read and what it says. */
function costOfPass({ world: { net } }: Speaker): number {
  return 1 + net.random() * 4 + (net.random() < PAUSES ? PAUSE_MS : 0)
}

function pass(one: Speaker, costMs: number): Held {
  const { node, peers, world } = one
  const nodes = world.nodesSeenBy(node)
  const maintenance = { drainUnschedulable: false }
  const drain = one.phase === 'leaving' ? 'all' : drainOf(nodes.get(node), maintenance)
  const states = nodeStates({
    cluster: { nodes, notices: new Map() },
    peers,
    options: { namespace: '', node },
    missing: new Set(),
    impaired: [],
    isDraining: drain !== 'none',
  })
  const rules = { ignoreExcludeLabel: false }
  const ownership = ownershipOf({ groups: world.groups, nodes: states, claimsOf: (ip) => claimsOf(one, ip) }, rules)
  const held = one.holdings.decide(world.groups, ownership, drain)
  one.claims = held.claims
  tellWorker(one, wishOf(one, held, drain !== 'none'), one.main.work(costMs))
  if (one.phase === 'leaving') endIfInVain(one)
  return held
}

function claimsOf({ node, claims, peers }: Speaker, ip: string): readonly Claim[] {
  const own = claims.get(ip)
  return own === undefined ? claimsOn(peers.book, ip) : [...claimsOn(peers.book, ip), { node, ...own }]
}

function wishOf({ world }: Speaker, { serving, claims }: Held, draining: boolean): Wish {
  const wanted = new Set(world.groups.flatMap(({ key, ips }) => (serving.has(key) ? ips : [])))
  const record = { claims: [...claims.values()], draining, missing: [], impaired: [], macs: [] }
  return { wanted, record, isLeaving: false }
}

function tellWorker(one: Speaker, wish: Wish, when: number): void {
  const text = JSON.stringify([[...wish.wanted], wish.record, wish.isLeaving])
  if (text === one.told) return
  one.told = text
  one.main.clock.wakeAt(when, () => {
    if (one.phase === 'gone') return
    follow(one.voice, one.member, wish)
    one.world.onChange(one)
    if (wish.isLeaving) one.world.onEnd(one)
  })
}

/** As `speaker/src/hand-over.ts`. */
const HAND_OVER_MS = 1000

/** SIGTERM. */
export function handOver(one: Speaker): void {
  if (one.phase !== 'running') return one.world.onEnd(one)
  one.phase = 'leaving'
  urgently(one)
  one.main.clock.wakeAt(one.main.clock.now() + HAND_OVER_MS, () => farewell(one))
}

function endIfInVain(one: Speaker): void {
  const { claims, peers, node } = one
  const canTake = (other: string): boolean => other !== node && peers.recordOf(other)?.draining !== true
  if (claims.size === 0 || ![...peers.living()].some(canTake)) farewell(one)
}

function farewell(one: Speaker): void {
  one.cancel?.()
  tellWorker(one, FAREWELL, one.main.clock.now())
}
