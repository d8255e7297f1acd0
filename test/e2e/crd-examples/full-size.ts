import { type Kind, KINDS } from './example.ts'
import { PEER } from './peers.ts'

/** A spec as large as the schema takes. */
export type FullSize = { readonly what: string; readonly kind: Kind; readonly spec: () => object }

function many<T>(count: number, make: (index: number) => T): readonly T[] {
  return Array.from({ length: count }, (_, index) => make(index))
}

const hex = (index: number): string => index.toString(16)
/** As long as a name can be. */
const name = (index: number): string => `${index}-`.padEnd(253, 'x')

const blocks = (index: number): string => `10.${index >> 8}.${index & 255}.0/24`
const ranges = (index: number): string => `10.${index >> 8}.${index & 255}.10 - 10.${index >> 8}.${index & 255}.200`
const blocks6 = (index: number): string => `2001:db8:${hex(index)}::/64`
const longRanges6 = (index: number): string =>
  `2001:0db8:85a3:08d3:1319:8a2e:${hex(0x1000 + index)}:7344 - 2001:0db8:85a3:08d3:1319:8a2e:${hex(0x1000 + index)}:7348`

const labels = Object.fromEntries(many(100, (index) => [`example.com/${index}`, `value-${index}`]))
const requirement = (index: number): object => ({
  key: `example.com/${index}`,
  operator: 'In',
  values: many(100, (value) => `value-${value}`),
})
/** 100 selectors, the first with 100 requirements of 100 values each, and 100 labels. */
const selectors = (): readonly object[] => [
  { matchLabels: labels, matchExpressions: many(100, requirement) },
  ...many(99, (index) => ({ matchLabels: { index: `${index}` }, matchExpressions: many(4, requirement) })),
]

export const FULL: readonly FullSize[] = [
  { what: '1000 IPv4 blocks', kind: KINDS.pool, spec: () => ({ addresses: many(1000, blocks) }) },
  { what: '1000 IPv4 ranges', kind: KINDS.pool, spec: () => ({ addresses: many(1000, ranges) }) },
  { what: '1000 IPv6 blocks', kind: KINDS.pool, spec: () => ({ addresses: many(1000, blocks6) }) },
  { what: '1000 IPv6 ranges in full length', kind: KINDS.pool, spec: () => ({ addresses: many(1000, longRanges6) }) },
  { what: '100 blocks, compared each with each', kind: KINDS.pool, spec: () => ({ addresses: many(100, blocks6) }) },
  {
    what: 'a pool for 200 namespaces',
    kind: KINDS.pool,
    spec: () => ({
      addresses: ['192.0.2.0/24'],
      serviceAllocation: { namespaces: many(200, (index) => `${index}-`.padEnd(63, 'x')) },
    }),
  },
  ...['ipAddressPoolSelectors', 'nodeSelectors', 'serviceSelectors'].map((field) => ({
    what: `an L2Advertisement with 100 ${field}`,
    kind: KINDS.l2,
    spec: () => ({ [field]: selectors() }),
  })),
  {
    what: 'an L2Advertisement with 128 pools, 100 interfaces and 100 preferences',
    kind: KINDS.l2,
    spec: () => ({
      ipAddressPools: many(128, name),
      interfaces: many(100, (index) => `eth${index}`),
      preferredNodeSelectors: many(100, (index) => ({
        weight: index + 1,
        preference: { matchExpressions: many(4, requirement) },
      })),
    }),
  },
  {
    what: 'a BGPAdvertisement with 400 communities, 128 pools and 128 peers',
    kind: KINDS.bgp,
    spec: () => ({
      communities: many(400, (index) => `64512:${index + 10_000}`),
      ipAddressPools: many(128, name),
      peers: many(128, name),
    }),
  },
  {
    what: 'a Community with 400 names',
    kind: KINDS.community,
    spec: () => ({
      communities: many(400, (index) => ({ name: `community-${index}`, value: `large:64512:${index}:1` })),
    }),
  },
  { what: 'a BGPPeer with 100 nodeSelectors', kind: KINDS.peer, spec: () => ({ ...PEER, nodeSelectors: selectors() }) },
]
