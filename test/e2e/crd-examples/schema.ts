import { type Kind, KINDS } from './example.ts'
import { PEER } from './peers.ts'

/** A whole number and what it may be, in a spec that is good otherwise. */
export type Bounds = {
  readonly kind: Kind
  readonly field: string
  readonly least: number
  readonly most: number
  readonly put: (value: number) => object
}

const HIGHEST_32 = 4_294_967_295

function bounds(kind: Kind, base: object, rows: readonly (readonly [string, number, number])[]): readonly Bounds[] {
  return rows.map(([field, least, most]) => ({
    kind,
    field: `spec.${field}`,
    least,
    most,
    put: (value) => ({ ...base, [field]: value }),
  }))
}

const PEER_NUMBERS = [
  ['myASN', 1, HIGHEST_32],
  ['localASN', 1, HIGHEST_32],
] as const

/** The numbers that the schema bounds, at both ends. */
export const BOUNDS: readonly Bounds[] = [
  ...bounds(KINDS.bgp, {}, [
    ['aggregationLength', 1, 32],
    ['aggregationLengthV6', 0, 128],
    ['localPref', 0, HIGHEST_32],
  ]),
  ...bounds(KINDS.peer, PEER, [...PEER_NUMBERS, ['peerPort', 1, 16_384]]),
  ...bounds(KINDS.oldPeer, PEER, [...PEER_NUMBERS, ['peerPort', 0, 16_384]]),
  ...[KINDS.peer, KINDS.oldPeer].flatMap((kind) =>
    bounds(kind, { ...PEER, dynamicASN: undefined }, [['peerASN', 1, HIGHEST_32]]),
  ),
  ...bounds(KINDS.bfd, {}, [
    ['receiveInterval', 10, 60_000],
    ['transmitInterval', 10, 60_000],
    ['echoInterval', 10, 60_000],
    ['detectMultiplier', 2, 255],
    ['minimumTtl', 1, 254],
  ]),
  ...(
    [
      ['membership', 'misses', 2, 20],
      ['moves', 'perSecond', 1, 1000],
      ['announcement', 'framesPerSecond', 10, 100_000],
    ] as const
  ).map(([part, field, least, most]) => ({
    kind: KINDS.policy,
    field: `spec.${part}.${field}`,
    least,
    most,
    put: (value: number) => ({ [part]: { [field]: value } }),
  })),
  ...bounds(KINDS.peerPolicy, { passive: true }, [
    ['listenPort', 1, 65_535],
    ['minimumTTL', 1, 255],
  ]),
  {
    kind: KINDS.peerPolicy,
    field: 'spec.weightedECMP.megabitsPerEndpoint',
    least: 1,
    most: 1_000_000,
    put: (value) => ({ weightedECMP: { megabitsPerEndpoint: value } }),
  },
  {
    kind: KINDS.l2,
    field: 'spec.preferredNodeSelectors[0].weight',
    least: 1,
    most: 100,
    put: (weight) => ({ preferredNodeSelectors: [{ weight, preference: {} }] }),
  },
]

/** What the schema alone refuses: something left out, of another type, or not one of the words. */
export type Misfit = {
  readonly what: string
  readonly kind: Kind
  readonly refused: { readonly spec?: unknown }
  readonly at: string
  readonly says: string
}

const POOL = { addresses: ['192.0.2.0/24'] }
const requirement = (change: object): object => ({
  nodeSelectors: [{ matchExpressions: [{ key: 'zone', operator: 'In', values: ['a'], ...change }] }],
})
const duration = (at: string): Misfit => ({
  what: `a ${at} without a unit`,
  kind: KINDS.peer,
  refused: { spec: { ...PEER, [at]: '90' } },
  at: `spec.${at}`,
  says: 'Invalid value: "90": ',
})

export const MISFITS: readonly Misfit[] = [
  { what: 'a pool without a spec', kind: KINDS.pool, refused: {}, at: 'spec', says: 'Required value' },
  {
    what: 'a pool without addresses',
    kind: KINDS.pool,
    refused: { spec: {} },
    at: 'spec.addresses',
    says: 'Required value',
  },
  {
    what: 'a pool with no address',
    kind: KINDS.pool,
    refused: { spec: { addresses: [] } },
    at: 'spec.addresses',
    says: 'Invalid value: 0: spec.addresses in body should have at least 1 items',
  },
  {
    what: 'a pool whose addresses are one text',
    kind: KINDS.pool,
    refused: { spec: { addresses: '192.0.2.0/24' } },
    at: 'spec.addresses',
    says: 'Invalid value: "string": spec.addresses in body must be of type array: "string"',
  },
  {
    what: 'a priority that is no whole number',
    kind: KINDS.pool,
    refused: { spec: { ...POOL, serviceAllocation: { priority: 1.5 } } },
    at: 'spec.serviceAllocation.priority',
    says: 'must be of type integer',
  },
  {
    what: 'a preference without a weight',
    kind: KINDS.l2,
    refused: { spec: { preferredNodeSelectors: [{ preference: {} }] } },
    at: 'spec.preferredNodeSelectors[0].weight',
    says: 'Required value',
  },
  {
    what: 'a weight without a preference',
    kind: KINDS.l2,
    refused: { spec: { preferredNodeSelectors: [{ weight: 1 }] } },
    at: 'spec.preferredNodeSelectors[0].preference',
    says: 'Required value',
  },
  {
    what: 'a requirement with an unknown operator',
    kind: KINDS.l2,
    refused: { spec: requirement({ operator: 'Gt' }) },
    at: 'spec.nodeSelectors[0].matchExpressions[0].operator',
    says: 'Unsupported value: "Gt"',
  },
  {
    what: 'a requirement whose key is no label key',
    kind: KINDS.l2,
    refused: { spec: requirement({ key: 'zone/' }) },
    at: 'spec.nodeSelectors[0].matchExpressions[0].key',
    says: 'Invalid value: "zone/"',
  },
  {
    what: 'a requirement whose value is no label value',
    kind: KINDS.l2,
    refused: { spec: requirement({ values: ['a b'] }) },
    at: 'spec.nodeSelectors[0].matchExpressions[0].values[0]',
    says: 'Invalid value: "a b"',
  },
  {
    what: 'a label whose value is no label value',
    kind: KINDS.l2,
    refused: { spec: { nodeSelectors: [{ matchLabels: { zone: 'a/b' } }] } },
    at: 'spec.nodeSelectors[0].matchLabels.zone',
    says: 'Invalid value: "a/b"',
  },
  { what: 'a peer without a spec', kind: KINDS.peer, refused: {}, at: 'spec', says: 'Required value' },
  {
    what: 'a peer without an own AS number',
    kind: KINDS.peer,
    refused: { spec: { ...PEER, myASN: undefined } },
    at: 'spec.myASN',
    says: 'Required value',
  },
  {
    what: 'a v1beta1 peer without a peerASN',
    kind: KINDS.oldPeer,
    refused: { spec: { ...PEER, peerASN: undefined, dynamicASN: 'internal' } },
    at: 'spec.peerASN',
    says: 'Required value',
  },
  {
    what: 'a v1beta1 peer without a peerAddress',
    kind: KINDS.oldPeer,
    refused: { spec: { ...PEER, peerAddress: undefined, interface: 'eth0' } },
    at: 'spec.peerAddress',
    says: 'Required value',
  },
  {
    what: 'a peer whose AS number is to be guessed',
    kind: KINDS.peer,
    refused: { spec: { ...PEER, peerASN: 0, dynamicASN: 'any' } },
    at: 'spec.dynamicASN',
    says: 'Unsupported value: "any"',
  },
  ...['holdTime', 'keepaliveTime', 'connectTime'].map(duration),
  {
    what: 'an alias without a name',
    kind: KINDS.community,
    refused: { spec: { communities: [{ value: '64512:1' }] } },
    at: 'spec.communities[0].name',
    says: 'Required value',
  },
  {
    what: 'an alias with an empty name',
    kind: KINDS.community,
    refused: { spec: { communities: [{ name: '', value: '64512:1' }] } },
    at: 'spec.communities[0].name',
    says: 'should be at least 1 chars long',
  },
  {
    what: 'an alias without a value',
    kind: KINDS.community,
    refused: { spec: { communities: [{ name: 'backup' }] } },
    at: 'spec.communities[0].value',
    says: 'Required value',
  },
  ...(
    [
      ['partition', 'split'],
      ['rebalance.mode', 'always'],
      ['duplicateAddress', 'ignore'],
    ] as const
  ).map(([path, word]) => ({
    what: `a policy whose ${path} is none of the words`,
    kind: KINDS.policy,
    refused: { spec: path === 'rebalance.mode' ? { rebalance: { mode: word } } : { [path]: word } },
    at: `spec.${path}`,
    says: `Unsupported value: "${word}"`,
  })),
  {
    what: 'a policy with an interval that has no unit',
    kind: KINDS.policy,
    refused: { spec: { membership: { heartbeatInterval: '100' } } },
    at: 'spec.membership.heartbeatInterval',
    says: 'Invalid value: "100"',
  },
  {
    what: 'a policy whose switch is no switch',
    kind: KINDS.policy,
    refused: { spec: { maintenance: { drainUnschedulable: 'yes' } } },
    at: 'spec.maintenance.drainUnschedulable',
    says: 'must be of type boolean',
  },
]
