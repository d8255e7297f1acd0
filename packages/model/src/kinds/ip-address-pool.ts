import { parsePrefix, parseRange, rangeToPrefixes } from '@steelyard/net'
import type { Pool, PoolEntry, ServiceAllocation } from '../config.ts'
import type { Labels } from '../kubernetes.ts'
import { KINDS } from '../names.ts'
import { type Field, found, type Found, problemAt, refused, shown, type ValueOf } from '../reading/found.ts'
import { type Named, readObject } from '../reading/objects.ts'
import { flag, integer } from '../reading/scalars.ts'
import { selectorList } from '../reading/selectors.ts'
import { distinctNames, fields, nonEmptyList, optional, withDefault } from '../reading/structures.ts'
import { anySelectorMatches, type LabelSelector } from '../selector.ts'

const ACCEPTED = 'a CIDR block such as 192.0.2.0/28, or a range such as 192.0.2.1-192.0.2.9'

/** A bare address is refused: whether it means one address or its network is anybody's guess. */
const poolEntry: Field<PoolEntry> = (value, place) => {
  const refuse = (why: string): Found<never> => refused([problemAt(place, `${why}; accepted: ${ACCEPTED}`)])
  if (typeof value !== 'string') return refuse(`found ${shown(value)}`)
  const prefix = parsePrefix(value)
  if (prefix !== undefined) return found({ text: value, prefixes: [prefix] })
  if (!value.includes('-')) return refuse(`found "${value}", which is no CIDR block`)
  const range = parseRange(value)
  return 'problem' in range
    ? refuse(`found "${value}": ${range.problem}`)
    : found({ text: value, prefixes: rangeToPrefixes(range) })
}

const allocation = fields({
  priority: withDefault(integer(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER), 0),
  namespaces: distinctNames,
  namespaceSelectors: selectorList,
  serviceSelectors: selectorList,
})

const spec = fields({
  addresses: nonEmptyList(poolEntry),
  autoAssign: withDefault(flag, true),
  avoidBuggyIPs: withDefault(flag, false),
  serviceAllocation: optional(allocation),
})

export type ReadPool = Named<ValueOf<typeof spec>>

export function readIpAddressPool(object: unknown): Found<ReadPool> {
  return readObject(KINDS.ipAddressPool, object, spec)
}

/** The pool with its namespace criterion resolved against the namespaces there are. */
export function resolvePool({ name, spec: read }: ReadPool, namespaces: readonly NamespaceLabels[]): Pool {
  const { addresses, autoAssign, avoidBuggyIPs, serviceAllocation } = read
  const pool = { name, entries: addresses, autoAssign, avoidBuggyIPs }
  return serviceAllocation === undefined
    ? pool
    : { ...pool, serviceAllocation: resolveAllocation(serviceAllocation, namespaces) }
}

export type NamespaceLabels = { readonly name: string; readonly labels: Labels }

function resolveAllocation(
  { priority, namespaces, namespaceSelectors, serviceSelectors }: ValueOf<typeof allocation>,
  known: readonly NamespaceLabels[],
): ServiceAllocation {
  const byNamespace = namespaces.length > 0 || namespaceSelectors.length > 0
  return {
    priority,
    ...(byNamespace ? { namespaces: new Set([...namespaces, ...selected(namespaceSelectors, known)]) } : {}),
    ...(serviceSelectors.length > 0 ? { serviceSelectors } : {}),
  }
}

/** No selector selects nothing here: this is one half of a union, not a filter. */
function selected(selectors: readonly LabelSelector[], known: readonly NamespaceLabels[]): string[] {
  if (selectors.length === 0) return []
  return known.filter(({ labels }) => anySelectorMatches(selectors, labels)).map(({ name }) => name)
}
