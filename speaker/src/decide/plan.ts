import type { ServiceAddress, WithdrawalReason } from './addresses.ts'
import { candidatesFor, eligibility, type EligibilityRules, type NodeState } from './eligibility.ts'
import { groupCandidates } from './group-candidates.ts'
import { type AnnouncementGroup, announcementGroups } from './groups.ts'
import type { Interfaces, Layer2Reason, Layer2Scope } from './layer2.ts'
import { assignOwners, type Candidate, type Claim } from './ownership.ts'
import type { ServiceFacts } from './service-facts.ts'

/** What is to be true on this node's links. */
export type Announcement = { readonly ips: readonly string[]; readonly interfaces: Interfaces }

export type Withheld = {
  readonly reason: WithdrawalReason | Layer2Reason
  readonly message: string
}

/** All by Service key, `namespace/name`. */
export type Plan = {
  /** The node that announces a Service, as all speakers reckon it. */
  readonly owners: ReadonlyMap<string, string>
  readonly announced: ReadonlyMap<string, Announcement>
  /** Every other Service, and why this node does not announce it. */
  readonly withheld: ReadonlyMap<string, Withheld>
  /** Of those withheld: what this node would announce if it had one of these interfaces. */
  readonly failed: ReadonlyMap<string, Announcement>
}

export type World = {
  readonly services: Iterable<ServiceFacts>
  /** Sorted by name. */
  readonly nodes: readonly NodeState[]
  /** Who says that they announce a Service. */
  readonly claimsOf: (serviceKey: string) => readonly Claim[]
}

export type Self = EligibilityRules & { readonly node: string }

type Scope = Extract<Layer2Scope, { kind: 'announceable' }>
type Member = {
  readonly key: string
  readonly createdAt: string
  readonly addresses: readonly ServiceAddress[]
  readonly scope: Scope
  readonly termsKey: string
}
type Drafts = { readonly members: readonly Member[]; readonly withheld: Map<string, Withheld> }

/** What this node announces on the LAN: the same facts give every node the same owners. */
export function planLayer2(world: World, self: Self): Plan {
  const { members, withheld } = sortOut(world.services)
  const groups = announcementGroups(members)
  const ownership = ownersOf(groups, world, self)
  const failed = wouldAnnounce(groups, world, self)
  const me = world.nodes.find(({ name }) => name === self.node)
  const announced = new Map<string, Announcement>()
  const owners = new Map<string, string>()
  for (const group of groups) {
    const owner = ownership.get(group.key)
    for (const member of group.members) {
      const verdict = judge(member, { me, owner, group }, self)
      if ('ips' in verdict) announced.set(member.key, verdict)
      else withheld.set(member.key, verdict)
      if (owner !== undefined) owners.set(member.key, owner)
    }
  }
  return { owners, announced, withheld, failed }
}

function sortOut(services: Iterable<ServiceFacts>): Drafts {
  const members: Member[] = []
  const withheld = new Map<string, Withheld>()
  for (const { key, createdAt, addressed, layer2, termsKey } of services) {
    if (addressed.kind === 'withdrawn') withheld.set(key, addressed)
    else if (layer2?.kind === 'withheld') withheld.set(key, layer2)
    else if (layer2 !== undefined)
      members.push({ key, createdAt, addresses: addressed.addresses, scope: layer2, termsKey })
  }
  return { members, withheld }
}

function ownersOf(
  groups: readonly AnnouncementGroup<Member>[],
  { nodes, claimsOf }: World,
  rules: EligibilityRules,
): ReadonlyMap<string, string> {
  // Lists are shared wherever they are equal: `assignOwners` looks at each of them once.
  const byTerms = new Map<string, readonly Candidate[]>()
  const byMembers = new Map<string, readonly Candidate[]>()
  const candidatesOfMember = ({ scope, termsKey }: Member): readonly Candidate[] =>
    remembered(byTerms, termsKey, () => candidatesFor(scope, nodes, rules))
  return assignOwners(
    groups.map(({ key, createdAt, lowestAddress, members }) => ({
      key,
      createdAt,
      lowestAddress,
      candidates: remembered(byMembers, members.map(({ termsKey }) => termsKey).join('\n\n'), () =>
        groupCandidates(members.map(candidatesOfMember)),
      ),
      claims: members.flatMap((member) => claimsOf(member.key)),
    })),
  )
}

function remembered<Value>(memory: Map<string, Value>, key: string, make: () => Value): Value {
  const known = memory.get(key)
  if (known !== undefined) return known
  const made = make()
  memory.set(key, made)
  return made
}

type Verdict = Announcement | Withheld
type Seat = {
  readonly me: NodeState | undefined
  readonly owner: string | undefined
  readonly group: AnnouncementGroup<Member>
}

function judge({ addresses, scope }: Member, { me, owner, group }: Seat, self: Self): Verdict {
  if (me === undefined) return { reason: 'notOwner', message: `Node ${self.node} is not known` }
  const found = eligibility(me, scope, self)
  if (found.kind === 'unselected') {
    return { reason: 'noMatchingAdvertisement', message: `no L2Advertisement for it selects node ${self.node}` }
  }
  if (found.kind === 'ineligible')
    return { reason: 'notOwner', message: `node ${self.node} is not eligible: ${found.why}` }
  if (found.kind === 'interfacesMissing')
    return { reason: 'notOwner', message: missingMessage(self.node, found.interfaces) }
  if (owner === self.node) return { ips: addresses.map(({ ip }) => ip), interfaces: found.interfaces }
  return { reason: 'notOwner', message: `${owner ?? 'nobody'} announces ${group.key}${sharersOf(group)}` }
}

function sharersOf({ members }: AnnouncementGroup<Member>): string {
  return members.length === 1 ? '' : ` for the ${members.length} Services that hang together by their addresses`
}

/** How a node says that it has none of the interfaces an announcement wants. */
export function missingMessage(node: string, interfaces: Interfaces): string {
  return interfaces === 'all'
    ? `node ${node} has no usable interface`
    : `node ${node} has none of the interfaces ${interfaces.join(', ')}`
}

/**
 * What this node alone has to say `announceFailed` for: the Services that it would own if interfaces did not
 * matter. All speakers compute the same owner for that, so one node speaks for each Service however many lack
 * the interface, and falls silent as soon as another's claim shows that it took over.
 */
function wouldAnnounce(
  groups: readonly AnnouncementGroup<Member>[],
  world: World,
  self: Self,
): ReadonlyMap<string, Announcement> {
  const failed = new Map<string, Announcement>()
  const me = world.nodes.find(({ name }) => name === self.node)
  if (me === undefined || me.missingInterfaces.size === 0) return failed
  const nodes = world.nodes.map((node) => ({ ...node, missingInterfaces: new Set<string>() }))
  const owners = ownersOf(groups, { ...world, nodes }, self)
  for (const { key, members } of groups) {
    for (const { key: service, addresses, scope } of owners.get(key) === self.node ? members : []) {
      const found = eligibility(me, scope, self)
      if (found.kind !== 'interfacesMissing') continue
      failed.set(service, { ips: addresses.map(({ ip }) => ip), interfaces: found.interfaces })
    }
  }
  return failed
}
