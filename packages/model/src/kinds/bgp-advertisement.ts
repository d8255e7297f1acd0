import type { BgpAdvertisement, CommunityValue } from '../config.ts'
import { KINDS } from '../names.ts'
import { type Field, found, type Found, inside, mismatch, obeying, problemAt, type ValueOf } from '../reading/found.ts'
import { type Named, readObject } from '../reading/objects.ts'
import { integer } from '../reading/scalars.ts'
import { selectorList } from '../reading/selectors.ts'
import { distinctNames, fields, optional, withDefault } from '../reading/structures.ts'

const DEFAULT_AGGREGATION = 32
const DEFAULT_AGGREGATION_V6 = 128
const HIGHEST_32 = 2 ** 32 - 1

/** What a route carries where an advertisement names none. */
export const DEFAULT_LOCAL_PREF = 100

function aggregation(family: string, least: number, most: number): Field<number> {
  const length = integer(least, most)
  return (value, place) => {
    const read = length(value, place)
    return read.ok ? found(read.value) : mismatch(value, place, `an ${family} prefix length from ${least} to ${most}`)
  }
}

const table = fields({
  aggregationLength: withDefault(aggregation('IPv4', 1, DEFAULT_AGGREGATION), DEFAULT_AGGREGATION),
  aggregationLengthV6: withDefault(aggregation('IPv6', 0, DEFAULT_AGGREGATION_V6), DEFAULT_AGGREGATION_V6),
  localPref: optional(integer(0, HIGHEST_32)),
  communities: distinctNames,
  ipAddressPools: distinctNames,
  ipAddressPoolSelectors: selectorList,
  nodeSelectors: selectorList,
  serviceSelectors: selectorList,
  peers: distinctNames,
})

/** Which Service an aggregate is for cannot be told apart, so the two features exclude each other. */
const spec = withDefault(
  obeying(table, ({ aggregationLength, aggregationLengthV6, serviceSelectors }, place) => {
    if (serviceSelectors.length === 0) return []
    const lengths = [
      { name: 'aggregationLength', family: 'IPv4', length: aggregationLength, whole: DEFAULT_AGGREGATION },
      { name: 'aggregationLengthV6', family: 'IPv6', length: aggregationLengthV6, whole: DEFAULT_AGGREGATION_V6 },
    ]
    return lengths
      .filter(({ length, whole }) => length !== whole)
      .map(({ name, family, length, whole }) =>
        problemAt(
          inside(place, name),
          `found ${length} for ${family} together with serviceSelectors, which exclude each other; accepted: ${whole}`,
        ),
      )
  }),
  {},
)

export type ReadBgpAdvertisement = Named<ValueOf<typeof spec>>

export function readBgpAdvertisement(object: unknown): Found<ReadBgpAdvertisement> {
  return readObject(KINDS.bgpAdvertisement, object, spec)
}

/** @param pools names of the pools it is for. @param communities with aliases resolved. */
export function resolveBgpAdvertisement(
  { name, spec: read }: ReadBgpAdvertisement,
  pools: ReadonlySet<string>,
  communities: readonly CommunityValue[],
): BgpAdvertisement {
  const { nodeSelectors, serviceSelectors, aggregationLength, aggregationLengthV6, localPref } = read
  return {
    name,
    pools,
    nodeSelectors,
    serviceSelectors,
    aggregationLength,
    aggregationLengthV6,
    ...(localPref === undefined ? {} : { localPref }),
    communities,
    peers: new Set(read.peers),
  }
}
