import type { L2Advertisement } from '../config.ts'
import { KINDS } from '../names.ts'
import { type Found, type ValueOf } from '../reading/found.ts'
import { type Named, readObject } from '../reading/objects.ts'
import { integer, text } from '../reading/scalars.ts'
import { labelSelector, selectorList } from '../reading/selectors.ts'
import { distinctNames, fields, optionalList, withDefault } from '../reading/structures.ts'

const HEAVIEST = 100

const preferredNode = fields({ weight: integer(1, HEAVIEST), preference: labelSelector })

/** One without a spec is the most common of all: everything, everywhere. */
const spec = withDefault(
  fields({
    ipAddressPools: distinctNames,
    ipAddressPoolSelectors: selectorList,
    nodeSelectors: selectorList,
    serviceSelectors: selectorList,
    interfaces: optionalList(text),
    preferredNodeSelectors: optionalList(preferredNode),
  }),
  {},
)

export type ReadL2Advertisement = Named<ValueOf<typeof spec>>

export function readL2Advertisement(object: unknown): Found<ReadL2Advertisement> {
  return readObject(KINDS.l2Advertisement, object, spec)
}

export function resolveL2Advertisement(read: ReadL2Advertisement, pools: ReadonlySet<string>): L2Advertisement {
  const { nodeSelectors, serviceSelectors, interfaces, preferredNodeSelectors } = read.spec
  return {
    name: read.name,
    pools,
    nodeSelectors,
    serviceSelectors,
    interfaces: [...new Set(interfaces)],
    preferredNodes: preferredNodeSelectors,
  }
}
