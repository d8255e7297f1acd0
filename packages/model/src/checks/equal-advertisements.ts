import type { Problem } from '../config.ts'
import type { ReadBgpAdvertisement } from '../kinds/bgp-advertisement.ts'
import { problemAt } from '../reading/found.ts'
import { placeIn } from '../reading/objects.ts'

/** Two BGPAdvertisements that say the same are one by mistake. */
export function equalAdvertisementProblems(advertisements: readonly ReadBgpAdvertisement[]): Problem[] {
  const first = new Map<string, string>()
  return advertisements.flatMap((read) => {
    const content = JSON.stringify(read.spec)
    const earlier = first.get(content)
    if (earlier === undefined) {
      first.set(content, read.object)
      return []
    }
    return [problemAt(placeIn(read), `found the same spec as that of ${earlier}; accepted: a spec of its own`)]
  })
}
