import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { compileSpeaker, type SpeakerObjects } from './compile-speaker.ts'
import type { Compiled, SpeakerConfig } from './config.ts'
import { KINDS } from './names.ts'
import { describeProblems } from './problem.ts'
import {
  type SampleObject,
  sampleObject,
  sampleObjects,
  samplePeer,
  samplePool,
  sampleSecret,
} from './sample-objects.ts'

type Part = Partial<SpeakerObjects>
const compile = (part: Part): Compiled<SpeakerConfig> =>
  compileSpeaker(sampleObjects(part), { name: 'n1', labels: { rack: 'a' } })

const adv = (name: string, spec?: object): SampleObject => sampleObject(KINDS.bgpAdvertisement, name, spec)
const profile = (name: string): SampleObject => sampleObject(KINDS.bfdProfile, name, {})
const community = (name: string, ...aliases: readonly string[]): SampleObject =>
  sampleObject(KINDS.community, name, { communities: aliases.map((one) => ({ name: one, value: '1:2' })) })
const SECRET_REF = { passwordSecret: { name: 'bgp' } }
const peerWith = (spec: object, secrets: Part['secrets'] = []): Part => ({
  bgpPeers: [samplePeer('tor', spec)],
  secrets,
})

/** A rule that needs several objects: what breaks it, what is told, and the nearest that passes. */
type Row = {
  readonly rule: string
  readonly refused: Part
  readonly at: string
  readonly tells: readonly string[]
  readonly accepted: Part
}

const POOL = samplePool('lan', { addresses: ['10.0.0.0/24'] })
const DUAL = samplePool('dual', { addresses: ['10.0.0.0/24', '2001:db8::/64'] })
const inPool = (pool: SampleObject, ...bgpAdvertisements: readonly SampleObject[]): Part => ({
  pools: [pool],
  bgpAdvertisements,
})

const REFERENCES: readonly Row[] = [
  {
    rule: 'a BFD profile exists',
    refused: { bgpPeers: [samplePeer('tor', { bfdProfile: 'fast' })], bfdProfiles: [profile('slow')] },
    at: 'BGPPeer tor spec.bfdProfile',
    tells: ['"fast"', 'BFDProfile'],
    accepted: { bgpPeers: [samplePeer('tor', { bfdProfile: 'fast' })], bfdProfiles: [profile('fast')] },
  },
  {
    rule: 'a Secret exists',
    refused: peerWith(SECRET_REF, [sampleSecret('other')]),
    at: 'BGPPeer tor spec.passwordSecret.name',
    tells: ['"bgp"', 'no such Secret'],
    accepted: peerWith(SECRET_REF, [sampleSecret('bgp')]),
  },
  {
    rule: 'a Secret has the right type',
    refused: peerWith(SECRET_REF, [sampleSecret('bgp', { type: 'Opaque' })]),
    at: 'BGPPeer tor spec.passwordSecret.name',
    tells: ['"Opaque"', 'kubernetes.io/basic-auth'],
    accepted: peerWith(SECRET_REF, [sampleSecret('bgp', { type: 'kubernetes.io/basic-auth' })]),
  },
  {
    rule: 'a Secret has the key',
    refused: peerWith(SECRET_REF, [sampleSecret('bgp', { data: { passwort: 'eA==' } })]),
    at: 'BGPPeer tor spec.passwordSecret.name',
    tells: ['without a "password"'],
    accepted: peerWith(SECRET_REF, [sampleSecret('bgp', { data: { password: 'eA==' } })]),
  },
  {
    rule: 'a password is not empty',
    refused: peerWith(SECRET_REF, [sampleSecret('bgp', { data: { password: '' } })]),
    at: 'BGPPeer tor spec.passwordSecret.name',
    tells: ['not empty'],
    accepted: peerWith(SECRET_REF, [sampleSecret('bgp', { data: { password: 'IA==' } })]),
  },
  {
    rule: 'a password is text',
    refused: peerWith(SECRET_REF, [sampleSecret('bgp', { data: { password: '/w==' } })]),
    at: 'BGPPeer tor spec.passwordSecret.name',
    tells: ['text'],
    accepted: peerWith(SECRET_REF, [sampleSecret('bgp', { data: { password: 'w7w=' } })]),
  },
  {
    rule: 'an alias exists',
    refused: {
      bgpAdvertisements: [adv('a', { communities: ['1:1', 'hole'] })],
      communities: [community('c', 'whole')],
    },
    at: 'BGPAdvertisement a spec.communities[1]',
    tells: ['"hole"', 'no Community object defines'],
    accepted: {
      bgpAdvertisements: [adv('a', { communities: ['1:1', 'hole'] })],
      communities: [community('c', 'hole')],
    },
  },
]

const DUPLICATES: readonly Row[] = [
  ...[
    { rule: 'address', one: {}, other: { peerAddress: '198.51.100.2' }, tells: '198.51.100.1' },
    { rule: 'port, the default included', one: { peerPort: 179 }, other: { peerPort: 180 }, tells: 'port 179' },
    { rule: 'vrf', one: { vrf: '' }, other: { vrf: 'red' }, tells: 'port 179' },
    { rule: 'source', one: { sourceAddress: '' }, other: { sourceAddress: '192.0.2.1' }, tells: 'port 179' },
  ].map(({ rule, one, other, tells }): Row => ({
    rule: `two peers differ in their ${rule}`,
    refused: { bgpPeers: [samplePeer('one', one), samplePeer('two', { myASN: 64999 })] },
    at: 'BGPPeer two spec',
    tells: ['BGPPeer one', tells],
    accepted: { bgpPeers: [samplePeer('one', other), samplePeer('two', { myASN: 64999 })] },
  })),
  {
    rule: 'two unnumbered peers differ in their interface',
    refused: {
      bgpPeers: ['one', 'two'].map((name) => samplePeer(name, { peerAddress: undefined, interface: 'eth0' })),
    },
    at: 'BGPPeer two spec',
    tells: ['BGPPeer one', '"eth0"'],
    accepted: {
      bgpPeers: ['eth0', 'eth1'].map((name) => samplePeer(name, { peerAddress: undefined, interface: name })),
    },
  },
  {
    rule: 'two spellings of an address are one',
    refused: {
      bgpPeers: [
        samplePeer('one', { peerAddress: '2001:db8::1' }),
        samplePeer('two', { peerAddress: '2001:DB8:0::1' }),
      ],
    },
    at: 'BGPPeer two spec',
    tells: ['2001:db8::1'],
    accepted: {
      bgpPeers: [samplePeer('one', { peerAddress: '2001:db8::1' }), samplePeer('two', { peerAddress: '2001:db8::2' })],
    },
  },
  {
    rule: 'peers of disjoint node sets may be equal',
    refused: {
      bgpPeers: [
        samplePeer('one', { nodeSelectors: [{ matchLabels: { rack: 'a' } }] }),
        samplePeer('two', { nodeSelectors: [{}] }),
      ],
    },
    at: 'BGPPeer two spec',
    tells: ['BGPPeer one'],
    accepted: {
      bgpPeers: [
        samplePeer('one', { nodeSelectors: [{ matchLabels: { rack: 'a' } }] }),
        samplePeer('two', { nodeSelectors: [{ matchLabels: { rack: 'b' } }] }),
      ],
    },
  },
  {
    rule: 'two advertisements do not say the same, defaults included',
    refused: { bgpAdvertisements: [adv('one', { aggregationLength: 32, peers: [] }), adv('two')] },
    at: 'BGPAdvertisement two spec',
    tells: ['BGPAdvertisement one'],
    accepted: { bgpAdvertisements: [adv('one', { aggregationLength: 31 }), adv('two')] },
  },
]

const AGGREGATION: readonly Row[] = [
  {
    rule: 'a block is not narrower than the aggregate',
    refused: inPool(POOL, adv('a', { aggregationLength: 23 })),
    at: 'BGPAdvertisement a spec.aggregationLength',
    tells: ['/23', '/24', '"10.0.0.0/24"', 'IPAddressPool lan'],
    accepted: inPool(POOL, adv('a', { aggregationLength: 24 })),
  },
  {
    rule: 'an IPv6 block is not narrower than the aggregate of its own family',
    refused: inPool(DUAL, adv('a', { aggregationLength: 24, aggregationLengthV6: 63 })),
    at: 'BGPAdvertisement a spec.aggregationLengthV6',
    tells: ['/63', '/64', '"2001:db8::/64"'],
    accepted: inPool(DUAL, adv('a', { aggregationLength: 24, aggregationLengthV6: 64 })),
  },
  {
    rule: 'a range fails only if all its blocks are narrower',
    refused: inPool(samplePool('p', { addresses: ['10.0.0.1-10.0.0.8'] }), adv('a', { aggregationLength: 29 })),
    at: 'BGPAdvertisement a spec.aggregationLength',
    tells: ['/29', '/30', '"10.0.0.1-10.0.0.8"'],
    accepted: inPool(samplePool('p', { addresses: ['10.0.0.1-10.0.0.8'] }), adv('a', { aggregationLength: 30 })),
  },
  {
    rule: 'each entry is judged, though another is wide enough',
    refused: inPool(
      samplePool('p', { addresses: ['10.0.0.0/16', '10.1.0.0/26'] }),
      adv('a', { aggregationLength: 24 }),
    ),
    at: 'BGPAdvertisement a spec.aggregationLength',
    tells: ['"10.1.0.0/26"'],
    accepted: inPool(
      samplePool('p', { addresses: ['10.0.0.0/16', '10.1.0.0/24'] }),
      adv('a', { aggregationLength: 24 }),
    ),
  },
  {
    rule: 'pools that are not advertised do not count',
    refused: inPool(POOL, adv('a', { aggregationLength: 23, ipAddressPools: ['lan'] })),
    at: 'BGPAdvertisement a spec.aggregationLength',
    tells: ['IPAddressPool lan'],
    accepted: inPool(POOL, adv('a', { aggregationLength: 23, ipAddressPools: ['wan'] })),
  },
]

const clash = (pool: SampleObject, one: object, other: object): Part =>
  inPool(pool, adv('one', { localPref: 200, ...one }), adv('two', other))
const LOCAL_PREF: readonly Row[] = [
  {
    rule: 'values are equal, 100 being the default',
    one: { localPref: 200 },
    fix: { localPref: 100, communities: ['1:2'] },
    pool: POOL,
    other: {},
  },
  {
    rule: 'aggregation differs for the only family',
    one: { aggregationLengthV6: 64 },
    fix: { aggregationLength: 24 },
    pool: POOL,
    other: {},
  },
  {
    rule: 'aggregation differs for both families',
    one: { aggregationLength: 24 },
    fix: { aggregationLength: 24, aggregationLengthV6: 64 },
    pool: DUAL,
    other: {},
  },
  {
    rule: 'peers are disjoint',
    one: { peers: ['p', 'q'] },
    fix: { peers: ['p'] },
    pool: POOL,
    other: { peers: ['q'] },
  },
  { rule: 'peers are given on both sides', one: {}, fix: { peers: ['p'] }, pool: POOL, other: { peers: ['q'] } },
  { rule: 'pools differ', one: {}, fix: { ipAddressPools: ['elsewhere'] }, pool: POOL, other: {} },
  { rule: 'one has serviceSelectors', one: {}, fix: { serviceSelectors: [{}] }, pool: POOL, other: {} },
  {
    rule: 'node sets are disjoint',
    one: { nodeSelectors: [{ matchLabels: { rack: 'a' } }] },
    fix: { nodeSelectors: [{ matchLabels: { rack: 'b' } }] },
    pool: POOL,
    other: { nodeSelectors: [{ matchLabels: { rack: 'a' } }] },
  },
].map(({ rule, one, fix, pool, other }) => ({
  rule: `two values of localPref do not clash where ${rule}`,
  refused: clash(pool, one, other),
  at: 'BGPAdvertisement two spec.localPref',
  tells: ['BGPAdvertisement one', '200', '100', 'IPAddressPool'],
  accepted: clash(pool, fix, other),
}))

describe('rules between BGP objects', () => {
  for (const { rule, refused, at, tells, accepted } of [...REFERENCES, ...DUPLICATES, ...AGGREGATION, ...LOCAL_PREF]) {
    it(rule, () => {
      const bad = compile(refused)
      assert.ok(!bad.ok, 'nothing was refused')
      assert.deepEqual(
        bad.problems.map(({ object, path }) => `${object} ${path}`),
        [at],
      )
      const message = describeProblems(bad.problems)
      assert.deepEqual(
        [...tells, 'accepted: '].filter((word) => !message.includes(word)),
        [],
        message,
      )
      const good = compile(accepted)
      assert.ok(good.ok, good.ok ? '' : describeProblems(good.problems))
    })
  }

  it('shows nothing of what a Secret holds', () => {
    const secrets = [sampleSecret('bgp', { type: 'Opaque' })]
    const refused = compile(peerWith(SECRET_REF, secrets))
    assert.doesNotMatch(JSON.stringify(refused), /hunter2|aHVudGVyMg/)
  })
})
