import { EMPTY_RECORD, hashText, type NodeRecord } from '@steelyard/membership'
import { type Address, formatAddress } from '@steelyard/net'
import { type FakeClock, fakeClock, type Random, seededRandom } from '@steelyard/runtime'
import { type ClaimBook, claimBook, claimsOn, noteEpoch, noteRecord } from '../decide/claim-book.ts'
import { assignOwners, type Candidate, type Claim } from '../decide/ownership.ts'
import { type Pace, pace } from '../decide/pace.ts'
import { type Drain, release } from '../decide/release.ts'
import { nextTenure, NO_TENURE, type Tenure } from '../decide/tenure.ts'

/** Many nodes that decide what they hold, on a network that delivers records late and in any order. */
export type TenureWorld = {
  readonly clock: FakeClock
  readonly nodes: ReadonlyMap<string, TestNode>
  readonly groups: readonly TestGroup[]
  readonly kill: (name: string) => void
  /** A new process, which knows nothing. */
  readonly start: (name: string) => void
  readonly drain: (name: string, drain: Drain) => void
  readonly prefer: (name: string, weight: number) => void
  /** Lets everything happen that has to. */
  readonly rest: () => void
  /** By group key, who serves it. */
  readonly serving: () => ReadonlyMap<string, readonly string[]>
}

type TestGroup = {
  readonly key: string
  readonly hash: number
  readonly ips: readonly string[]
  readonly createdAt: string
  readonly lowestAddress: Address
}

type TestNode = {
  readonly name: string
  readonly book: ClaimBook
  readonly taking: Pace
  readonly giving: Pace
  tenure: Tenure
  serving: ReadonlySet<string>
  record: NodeRecord
  isUp: boolean
  /** Whom it takes to be alive. */
  readonly living: Set<string>
  drain: Drain
  weight: number
  isPlanned: boolean
}

type World = {
  readonly clock: FakeClock
  readonly random: Random
  readonly nodes: Map<string, TestNode>
  readonly groups: readonly TestGroup[]
}

const LATEST_NEWS_MS = 30
const LATEST_DETECTION_MS = 200
const MOVES_PER_SECOND = 1000

export function tenureWorld(names: readonly string[], groups: number, seed: number): TenureWorld {
  const world: World = {
    clock: fakeClock(),
    random: seededRandom(seed),
    nodes: new Map(),
    groups: Array.from({ length: groups }, (_, at) => groupNumber(at)),
  }
  for (const name of names) start(world, name)
  // All have met before any of them takes anything: that is what settling is for.
  for (const node of world.nodes.values()) for (const name of names) node.living.add(name)
  return {
    clock: world.clock,
    nodes: world.nodes,
    groups: world.groups,
    kill: (name) => kill(world, name),
    start: (name) => start(world, name),
    drain: (name, drain) => change(world, name, { drain }),
    prefer: (name, weight) => change(world, name, { weight }),
    rest: () => world.clock.advance(70_000),
    serving: () => servingIn(world),
  }
}

function groupNumber(at: number): TestGroup {
  const lowestAddress: Address = { family: 4, words: [0x0a000000 + at] }
  const ip = formatAddress(lowestAddress)
  return { key: ip, hash: hashText(ip), ips: [ip], createdAt: '2026-01-01T00:00:00Z', lowestAddress }
}

function start(world: World, name: string): void {
  const living = [...world.nodes.values()].flatMap((node) => (node.isUp && node.name !== name ? [node.name] : []))
  const { drain, weight } = world.nodes.get(name) ?? { drain: 'none', weight: 0 }
  const node: TestNode = {
    name,
    book: claimBook(),
    taking: pace(),
    giving: pace(),
    tenure: NO_TENURE,
    serving: new Set(),
    record: EMPTY_RECORD,
    isUp: true,
    living: new Set([name, ...living]),
    drain,
    weight,
    isPlanned: false,
  }
  world.nodes.set(name, node)
  // It learns what the others have before it takes anything.
  for (const other of living) noteRecord(node.book, other, world.nodes.get(other)?.record)
  for (const other of living) later(world, LATEST_NEWS_MS, world.nodes.get(other), (seen) => void seen.living.add(name))
  plan(world, node)
}

function kill(world: World, name: string): void {
  const node = world.nodes.get(name)
  if (node === undefined || !node.isUp) return
  node.isUp = false
  node.serving = new Set()
  for (const other of world.nodes.values()) {
    later(world, LATEST_DETECTION_MS, other, (seen) => {
      // Unless it has a new process by then, which the others have met.
      if (world.nodes.get(name) !== node) return
      seen.living.delete(name)
      noteRecord(seen.book, name, undefined)
    })
  }
}

function change(world: World, name: string, parts: Partial<Pick<TestNode, 'drain' | 'weight'>>): void {
  const node = world.nodes.get(name)
  if (node === undefined) return
  Object.assign(node, parts)
  // Labels and policies reach each node in its own time.
  for (const other of world.nodes.values()) later(world, LATEST_NEWS_MS, other, () => {})
  publish(world, node)
}

function later(world: World, latestMs: number, node: TestNode | undefined, act: (node: TestNode) => void): void {
  if (node === undefined) return
  world.clock.wakeAt(world.clock.now() + world.random() * latestMs, () => {
    if (!node.isUp) return
    act(node)
    plan(world, node)
  })
}

function plan(world: World, node: TestNode, at = world.clock.now()): void {
  if (node.isPlanned && at <= world.clock.now()) return
  node.isPlanned ||= at <= world.clock.now()
  world.clock.wakeAt(at, () => {
    node.isPlanned = false
    if (node.isUp) pass(world, node)
  })
}

function pass(world: World, node: TestNode): void {
  const { groups, clock } = world
  const candidates = [...node.living].sort().map((name): Candidate => {
    const { weight = 0, drain = 'none' } = world.nodes.get(name) ?? {}
    const draining = name === node.name ? drain !== 'none' : (node.book.records.get(name)?.draining ?? false)
    return draining ? { node: name, weight, draining } : { node: name, weight }
  })
  const owners = assignOwners(groups, { candidatesOf: () => candidates, claimsOf: ({ key }) => claimsAt(node, key) })
  const shared = { now: clock.now(), movesPerSecond: MOVES_PER_SECOND }
  const { book, name: self, taking } = node
  const result = nextTenure(node.tenure, {
    ...shared,
    self,
    groups,
    owners,
    book,
    candidatesOf: () => candidates,
    settled: true,
    served: node.serving,
    majority: true,
    pace: taking,
  })
  for (const { ip, epoch } of result.tenure.claims.values()) noteEpoch(book, ip, { epoch, node: self })
  const mine = groups.filter(({ key }) => result.serving.has(key))
  const { drain, giving } = node
  const released = release(result.tenure, {
    ...shared,
    groups: mine,
    drain,
    excess: new Set<string>(),
    pace: giving,
    majoritySince: 0,
  })
  Object.assign(node, { tenure: released.tenure, serving: result.serving })
  publish(world, node)
  for (const at of [result.lookAgainAt, released.lookAgainAt])
    if (at !== undefined) plan(world, node, Math.max(at, clock.now() + 1))
}

function claimsAt(node: TestNode, ip: string): readonly Claim[] {
  const own = node.tenure.claims.get(ip)
  return own === undefined ? claimsOn(node.book, ip) : [...claimsOn(node.book, ip), { node: node.name, ...own }]
}

function publish(world: World, node: TestNode): void {
  const claims = [...node.tenure.claims.values()]
  const draining = node.drain !== 'none'
  const { record: before } = node
  const isSame = claims.length === before.claims.length && claims.every((claim, at) => claim === before.claims[at])
  if (isSame && before.draining === draining) return
  node.record = { ...EMPTY_RECORD, claims, draining }
  for (const other of world.nodes.values()) {
    // Versions only go up: whatever is delivered is the newest there is by then.
    if (other !== node)
      later(world, LATEST_NEWS_MS, other, (seen) => {
        if (node.isUp && world.nodes.get(node.name) === node) noteRecord(seen.book, node.name, node.record)
      })
  }
}

function servingIn({ nodes, groups }: World): ReadonlyMap<string, readonly string[]> {
  const up = [...nodes.values()].filter(({ isUp }) => isUp)
  return new Map(groups.map(({ key }) => [key, up.flatMap((node) => (node.serving.has(key) ? [node.name] : []))]))
}
