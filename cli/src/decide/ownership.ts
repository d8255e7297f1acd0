import type { ServiceView } from '@steelyard/model'
import {
  type AnnounceableService,
  announcementGroups,
  byAge,
  type Claim,
  eligibility,
  ownershipOf,
  type Plan,
  whyWithheld,
} from '@steelyard/speaker'
import type { Announcing } from './announcements.ts'
import type { Situation } from './situation.ts'
import { reportsOf } from './speaker-reports.ts'

/** An address, and the node whose report says that it answers for it. */
export type Holding = {
  readonly ip: string
  readonly node: string
  readonly epoch: number
  readonly since: string
  readonly cause: string
}

/** Of each address the holder with the highest epoch, among the nodes whose speakers are alive. */
export function holdingsOf({ objects, living }: Situation): ReadonlyMap<string, Holding> {
  const holdings = reportsOf(objects.speakerStatuses)
    .filter(({ node }) => living.alive.has(node))
    .flatMap(({ node, owned }) => owned.map(({ ip, epoch, since, cause = '' }) => ({ ip, node, epoch, since, cause })))
    .sort((a, b) => a.epoch - b.epoch)
  return new Map(holdings.map((holding) => [holding.ip, holding]))
}

/** Who should announce each Service on the LAN, by the reckoning that all speakers share: node by Service key. */
export function plannedOwners(situation: Situation, announcing: Announcing): ReadonlyMap<string, string> {
  const [first] = situation.nodes
  if (first === undefined) return new Map()
  const members = [...situation.views.values()].flatMap((view) => announceable(situation, announcing, view) ?? [])
  const groups = announcementGroups(members).sort(byAge)
  const holdings = holdingsOf(situation)
  const world = { groups, nodes: situation.nodes, claimsOf: (ip: string) => claimsOf(situation, holdings.get(ip)) }
  const { owners } = ownershipOf(world, situation.rules)
  return new Map(
    groups.flatMap(({ key, members: all }) => {
      const owner = owners.get(key)
      return owner === undefined ? [] : all.map((member): [string, string] => [member.key, owner])
    }),
  )
}

function claimsOf({ nodes }: Situation, holding: Holding | undefined): readonly Claim[] {
  if (holding === undefined) return []
  const { node, epoch } = holding
  const releasing = nodes.find(({ name }) => name === node)?.draining ?? false
  return [{ node, epoch, minority: false, releasing }]
}

/** What may be announced on the LAN is the same wherever the configuration is in force. */
export function announceable(
  { nodes }: Situation,
  { factsOn }: Announcing,
  view: ServiceView,
): AnnounceableService | undefined {
  for (const { name } of nodes) {
    const facts = factsOn(name, view)
    if (facts !== undefined) return facts.kind === 'announceable' ? facts : undefined
  }
  return undefined
}

export type NodeVerdict = {
  readonly node: string
  /** `announces`, `eligible`, or the word of the speaker for why it does not announce. */
  readonly reason: string
  readonly message: string
}

/** What each node has to say of a Service on the LAN, in the words of its own speaker. */
export function layer2Verdicts(
  situation: Situation,
  announcing: Announcing,
  view: ServiceView,
  owner: string | undefined,
): readonly NodeVerdict[] {
  const owners = new Map(owner === undefined ? [] : [[view.key, owner]])
  const plan: Plan = { owners, announced: new Map(), failed: new Map() }
  return situation.nodes.map((node): NodeVerdict => {
    const facts = announcing.factsOn(node.name, view)
    if (facts === undefined) {
      return { node: node.name, reason: 'ConfigurationError', message: 'the configuration is refused on this node' }
    }
    if (node.name === owner) return { node: node.name, reason: 'announces', message: 'answers for it' }
    const found = facts.kind === 'announceable' ? eligibility(node, facts.scope, situation.rules) : undefined
    if (found?.kind === 'eligible') {
      const weight = found.weight === 0 ? '' : `, preferred with weight ${found.weight}`
      const duty = node.draining ? ', but it is in maintenance' : ''
      return { node: node.name, reason: 'eligible', message: `would take it over${weight}${duty}` }
    }
    const { reason, message } = whyWithheld(facts, plan, situation, { ...situation.rules, node: node.name })
    return { node: node.name, reason, message }
  })
}
