import type { ServiceView } from '@steelyard/model'
import { type Announcing, announcingOf } from './announcements.ts'
import { announceable, plannedOwners } from './ownership.ts'
import type { Situation } from './situation.ts'

/** Something that is announced otherwise than before. */
export type AnnouncementDifference = {
  readonly protocol: 'layer2' | 'bgp'
  readonly service: string
  /** An address, or a prefix and the peer that is told of it. */
  readonly what: string
  readonly change: 'announced' | 'withdrawn' | 'moves'
  /** The node that announces it. */
  readonly before: string
  readonly after: string
}

/** By protocol, Service and what: the node that announces it on the LAN, or the nodes that tell a peer. */
type Picture = ReadonlyMap<
  string,
  Omit<AnnouncementDifference, 'change' | 'before' | 'after'> & { readonly by: string }
>

export function announcementDifferences(before: Situation, after: Situation): readonly AnnouncementDifference[] {
  // A refused configuration leaves the last good one in force.
  const inForce: Situation['speakerOn'] = (node) =>
    after.speakerOn(node).ok ? after.speakerOn(node) : before.speakerOn(node)
  const [old, young] = [pictureOf(before), pictureOf({ ...after, speakerOn: inForce })]
  return [...new Set([...old.keys(), ...young.keys()])].sort().flatMap((key): AnnouncementDifference[] => {
    const [was, is] = [old.get(key), young.get(key)]
    const [from, to] = [was?.by ?? '', is?.by ?? '']
    const entry = is ?? was
    if (entry === undefined || from === to) return []
    const { by: _, ...what } = entry
    return [{ ...what, change: changeOf(what.protocol, from, to), before: from, after: to }]
  })
}

/** More nodes for one route is no harm; one less is. */
function changeOf(protocol: string, from: string, to: string): AnnouncementDifference['change'] {
  if (to === '') return 'withdrawn'
  if (from === '') return 'announced'
  const kept = from.split(', ').every((node) => to.split(', ').includes(node))
  return protocol === 'bgp' && kept ? 'announced' : 'moves'
}

function pictureOf(situation: Situation): Picture {
  const announcing = announcingOf(situation)
  const owners = plannedOwners(situation, announcing)
  const entries = [...situation.views.values()].flatMap((view) => [
    ...onLan(situation, announcing, view, owners.get(view.key)),
    ...toRouters(situation, announcing, view),
  ])
  return new Map(entries.map((entry) => [`${entry.protocol} ${entry.service} ${entry.what}`, entry]))
}

type Entry = Picture extends ReadonlyMap<string, infer Value> ? Value : never

function onLan(situation: Situation, announcing: Announcing, view: ServiceView, owner: string | undefined): Entry[] {
  const facts = owner === undefined ? undefined : announceable(situation, announcing, view)
  return (facts?.ips ?? []).map((what) => ({ protocol: 'layer2', service: view.key, what, by: owner ?? '' }))
}

function toRouters({ nodes }: Situation, { bgpOn }: Announcing, view: ServiceView): Entry[] {
  const told = new Map<string, string[]>()
  for (const node of nodes) {
    const verdict = node.alive ? bgpOn(node, view) : undefined
    if (verdict?.kind !== 'announced') continue
    for (const { prefix, peers } of verdict.routes) {
      for (const peer of peers) {
        const what = `${prefix} to ${peer}`
        told.set(what, [...(told.get(what) ?? []), node.name])
      }
    }
  }
  return [...told].map(([what, by]) => ({ protocol: 'bgp', service: view.key, what, by: by.join(', ') }))
}
