import type { CommunityValue, Problem } from '../config.ts'
import type { ReadCommunity } from '../kinds/community.ts'
import { problemAt } from '../reading/found.ts'
import { placeIn } from '../reading/objects.ts'
import { quoted } from '../reading/structures.ts'

/** The value of each alias. */
export type Aliases = ReadonlyMap<string, CommunityValue>

export function aliasesOf(communities: readonly ReadCommunity[]): Aliases {
  return new Map(communities.flatMap(({ spec }) => spec.communities.map(({ name, value }) => [name, value] as const)))
}

/** An alias stands in one Community object only; inside one object its reading has seen to that. */
export function communityNameProblems(communities: readonly ReadCommunity[]): Problem[] {
  const owners = new Map<string, string>()
  return communities.flatMap((community) =>
    community.spec.communities.flatMap(({ name }, index) => {
      const owner = owners.get(name)
      if (owner === undefined) {
        owners.set(name, community.object)
        return []
      }
      const message = `found ${quoted(name)}, which ${owner} defines as well; accepted: a name that no other Community defines`
      return [problemAt(placeIn(community, 'communities', index, 'name'), message)]
    }),
  )
}
