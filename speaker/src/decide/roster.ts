import type { Node } from '@steelyard/model'
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
