import { candidatesFor, type Eligibility, eligibility, type EligibilityRules, type NodeState } from './eligibility.ts'
import { groupCandidates } from './group-candidates.ts'
import type { AnnouncementGroup } from './groups.ts'
import type { Interfaces } from './layer2.ts'
import { assignOwners, type Candidate, type Claim } from './ownership.ts'
import type { AnnounceableService, ServiceFacts, Withheld } from './service-facts.ts'

/** What is to be true on this node's links. */
export type Announcement = { readonly ips: readonly string[]; readonly interfaces: Interfaces }

/** All by Service key, `namespace/name`. */
export type Plan = {
  /** The node that announces a Service: this one, or the one that should by all speakers' reckoning. */
  readonly owners: ReadonlyMap<string, string>
  /** What this node announces. */
  readonly announced: ReadonlyMap<string, Announcement>
  /** What this node would announce if it had one of these interfaces. */
  readonly failed: ReadonlyMap<string, Announcement>
}

export type Group = AnnouncementGroup<AnnounceableService>

export type World = {
  /** Oldest first. */
  readonly groups: readonly Group[]
  /** Sorted by name. */
  readonly nodes: readonly NodeState[]
  /** Who of the living says that they have an address, this node among them. */
  readonly claimsOf: (ip: string) => readonly Claim[]
}

export type Self = EligibilityRules & { readonly node: string }

/** Who should have what. The same facts give the same on every node. */
export type Ownership = {
  /** By group key. */
  readonly owners: ReadonlyMap<string, string>
  /** Equal lists are one list. */
  readonly candidatesOf: (group: Group) => readonly Candidate[]
}

/** Lists are shared wherever they are equal: `assignOwners` looks at each of them once. */
export function ownershipOf({ groups, nodes, claimsOf }: World, rules: EligibilityRules): Ownership {
  const byTerms = new Map<string, readonly Candidate[]>()
  const ofMember = ({ scope, termsKey }: AnnounceableService): readonly Candidate[] =>
    remembered(byTerms, termsKey, () => candidatesFor(scope, nodes, rules))
  const candidatesOf: Ownership['candidatesOf'] = ({ termsKey, members }) =>
    remembered(byTerms, termsKey, () => groupCandidates(members.map(ofMember)))
  const owners = assignOwners(groups, {
    candidatesOf,
    claimsOf: ({ ips }) => {
      const [only = '', ...more] = ips
      return more.length === 0 ? claimsOf(only) : ips.flatMap(claimsOf)
    },
  })
  return { owners, candidatesOf }
}

/** What this node serves now, whoever should. */
export type Serving = {
  /** Keys of groups. */
  readonly groups: ReadonlySet<string>
  /** As announced so far: on these terms it goes on with what it may not announce any more. */
  readonly before: ReadonlyMap<string, Announcement>
  /** Whether the other speakers are known: before that each would speak for all. */
  readonly settled: boolean
}

/** What this node announces on the LAN. */
export function planLayer2(world: World, self: Self, { owners: assigned }: Ownership, serving: Serving): Plan {
  const eligibleAs = eligibilityOf(world, self)
  const owners = new Map<string, string>()
  const announced = new Map<string, Announcement>()
  for (const { key, members } of world.groups) {
    const isServed = serving.groups.has(key)
    const owner = isServed ? self.node : assigned.get(key)
    if (owner === undefined) continue
    for (const member of members) {
      owners.set(member.key, owner)
      const announcement = isServed ? announcementOf(member, eligibleAs(member), serving) : undefined
      if (announcement !== undefined) announced.set(member.key, announcement)
    }
  }
  return { owners, announced, failed: serving.settled ? wouldAnnounce(world, self) : new Map() }
}

function announcementOf(
  { key, ips }: AnnounceableService,
  found: Eligibility | undefined,
  { before }: Serving,
): Announcement | undefined {
  if (found?.kind === 'eligible') return { ips, interfaces: found.interfaces }
  const was = before.get(key)
  return was === undefined ? undefined : { ips, interfaces: was.interfaces }
}

function remembered<Value>(memory: Map<string, Value>, key: string, make: () => Value): Value {
  const known = memory.get(key)
  if (known !== undefined) return known
  const made = make()
  memory.set(key, made)
  return made
}

/** Whether this node may announce a Service; reckoned once for all on the same terms. */
function eligibilityOf({ nodes }: World, self: Self): (service: AnnounceableService) => Eligibility | undefined {
  const me = nodes.find(({ name }) => name === self.node)
  const known = new Map<string, Eligibility>()
  if (me === undefined) return () => undefined
  return ({ scope, termsKey }) => remembered(known, termsKey, () => eligibility(me, scope, self))
}

/**
 * What this node alone has to say `announceFailed` for: the Services that it would own if interfaces did not
 * matter. All speakers compute the same owner for that, so one node speaks for each Service however many lack
 * the interface, and falls silent as soon as another's claim shows that it took over.
 */
function wouldAnnounce(world: World, self: Self): ReadonlyMap<string, Announcement> {
  const failed = new Map<string, Announcement>()
  const me = world.nodes.find(({ name }) => name === self.node)
  if (me === undefined || me.missingInterfaces.size === 0) return failed
  const whole = { missingInterfaces: new Set<string>(), impairedInterfaces: new Set<string>() }
  const nodes = world.nodes.map((node) => ({ ...node, ...whole }))
  const { owners } = ownershipOf({ ...world, nodes }, self)
  for (const { key, members } of world.groups) {
    for (const member of owners.get(key) === self.node ? members : []) {
      const found = eligibility(me, member.scope, self)
      if (found.kind !== 'interfacesMissing') continue
      failed.set(member.key, { ips: member.ips, interfaces: found.interfaces })
    }
  }
  return failed
}

/** Why this node does not announce a Service, under a plan that says it does not. */
export function whyWithheld(
  facts: ServiceFacts | undefined,
  plan: Plan,
  { nodes }: Pick<World, 'nodes'>,
  self: Self,
): Withheld {
  if (facts === undefined) return { reason: 'serviceDeleted', message: 'the Service is gone' }
  if (facts.kind === 'withheld') return facts.why
  const me = nodes.find(({ name }) => name === self.node)
  if (me === undefined) return { reason: 'notOwner', message: `Node ${self.node} is not known` }
  const found = eligibility(me, facts.scope, self)
  if (found.kind === 'unselected') {
    return { reason: 'noMatchingAdvertisement', message: `no L2Advertisement for it selects node ${self.node}` }
  }
  return { reason: 'notOwner', message: whyNotOwner(found, self, plan.owners.get(facts.key)) }
}

function whyNotOwner(found: Eligibility, { node }: Self, owner = 'nobody'): string {
  if (found.kind === 'ineligible') return `node ${node} is not eligible: ${found.why}`
  if (found.kind === 'interfacesMissing') return missingMessage(node, found.interfaces)
  return `${owner} announces it, or what shares its addresses`
}

/** How a node says that it has none of the interfaces an announcement wants. */
export function missingMessage(node: string, interfaces: Interfaces): string {
  return interfaces === 'all'
    ? `node ${node} has no usable interface`
    : `node ${node} has none of the interfaces ${interfaces.join(', ')}`
}
