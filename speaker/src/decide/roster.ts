import type { Labels, Node, Pod } from '@steelyard/model'
import { type Family, parseAddress } from '@steelyard/net'

/** The other nodes, and the address at which the speaker of each is reached: its first internal one of the family. */
export function rosterOf(
  nodes: Iterable<Node>,
  self: string,
  family: Family,
): readonly { readonly node: string; readonly address: string }[] {
  return [...nodes]
    .flatMap(({ metadata: { name }, status }) => {
      const address = (status?.addresses ?? []).find(
        ({ type, address: text }) => type === 'InternalIP' && parseAddress(text)?.family === family,
      )
      return name === self || address === undefined ? [] : [{ node: name, address: address.address }]
    })
    .sort((a, b) => (a.node < b.node ? -1 : 1))
}

/**
 * The nodes that run a speaker, or have in this life: a Pod that is gone for a moment, in a rollout, is no reason to
 * forget its node. Where no speaker Pod was ever seen (speakers run by hand), all nodes may have one.
 * @param known those of before; those that are found are added
 */
export function nodesOfSpeakers(
  nodes: Iterable<Node>,
  pods: Iterable<Pod>,
  labels: Labels,
  known: Set<string>,
): readonly Node[] {
  for (const { metadata, spec } of pods) {
    const isSpeaker = Object.entries(labels).every(([key, value]) => metadata.labels?.[key] === value)
    if (isSpeaker && spec?.nodeName !== undefined) known.add(spec.nodeName)
  }
  const all = [...nodes]
  return known.size === 0 ? all : all.filter(({ metadata }) => known.has(metadata.name))
}
