import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { KINDS } from '../names.ts'
import { type SampleObject, sampleObject, samplePeer } from '../sample-objects.ts'
import type { StoredObjects } from './between.ts'
import { advertisement, community, judge, lines, policy, pool, rack, TWO_POOLS } from './sample-changes.ts'

type Row = {
  readonly name: string
  readonly object: SampleObject
  readonly with: Partial<StoredObjects>
  /** The beginning of what is told, or nothing: it is taken. */
  readonly says?: string
}

const CREATIONS: readonly Row[] = [
  {
    name: 'a pool that overlaps another is refused, with both pools and both blocks',
    object: pool('a-new', '10.0.0.128/25'),
    with: { pools: [pool('old', '10.0.0.0/24')] },
    says:
      'IPAddressPool a-new: spec.addresses[0]: found "10.0.0.128/25", whose 10.0.0.128/25 overlaps 10.0.0.0/24 of ' +
      '"10.0.0.0/24", which is spec.addresses[0] of IPAddressPool old; accepted: ',
  },
  {
    name: 'a range that overlaps a block, which CEL cannot see, is refused',
    object: pool('new', '10.0.0.254-10.0.1.5'),
    with: { pools: [pool('old', '10.0.0.0/24')] },
    says: 'IPAddressPool new: spec.addresses[0]: found "10.0.0.254-10.0.1.5", whose 10.0.0.254/31 overlaps 10.0.0.0/24 of',
  },
  {
    name: 'a pool that lies beside another is taken',
    object: pool('new', '10.0.1.0/24'),
    with: { pools: [pool('old', '10.0.0.0/24')] },
  },
  {
    name: 'a pool is not compared with one of its own name, which a retry of its creation finds stored',
    object: pool('new', '10.0.0.0/24'),
    with: { pools: [pool('new', '10.0.0.0/24')] },
  },
  {
    name: 'an overlap of two others is not held against a third',
    object: pool('new', '10.9.0.0/24'),
    with: { pools: [pool('a', '10.0.0.0/24'), pool('b', '10.0.0.0/25')] },
  },
  {
    name: 'another that cannot be read is not held against a good one',
    object: pool('new', '10.9.0.0/24'),
    with: { pools: [pool('broken', 'nonsense')] },
  },
  {
    name: 'an IPv6 range with its higher end first, where CEL sees a dotted tail, is refused',
    object: pool('new', '64:ff9b::192.0.2.9-64:ff9b::192.0.2.1'),
    with: {},
    says: 'IPAddressPool new: spec.addresses[0]: found "64:ff9b::192.0.2.9-64:ff9b::192.0.2.1"',
  },
  {
    name: 'an L2Advertisement for pools that do not exist yet is taken',
    object: sampleObject(KINDS.l2Advertisement, 'l2', { ipAddressPools: ['later'] }),
    with: {},
  },
  {
    name: 'an aggregate wider than the pool is refused',
    object: advertisement('wide', { aggregationLength: 24 }),
    with: { pools: [pool('small', '10.0.0.0/28')] },
    says: 'BGPAdvertisement wide: spec.aggregationLength: found /24, but "10.0.0.0/28" of IPAddressPool small',
  },
  {
    name: 'an aggregate that the pool fills is taken',
    object: advertisement('fits', { aggregationLength: 28 }),
    with: { pools: [pool('small', '10.0.0.0/28')] },
  },
  {
    name: 'an advertisement that says the same as another is refused',
    object: advertisement('twin', { localPref: 200 }),
    with: { bgpAdvertisements: [advertisement('first', { localPref: 200 })] },
    says: 'BGPAdvertisement twin: spec: found the same spec as that of BGPAdvertisement first;',
  },
  {
    name: 'another localPref for the same routes on a common node is refused',
    object: advertisement('b', { localPref: 300, ...rack('a') }),
    with: { pools: [pool('lan', '10.0.0.0/24')], bgpAdvertisements: [advertisement('a', { localPref: 200 })] },
    says: 'BGPAdvertisement b: spec.localPref: found 300, but BGPAdvertisement a has 200 for the same routes of IPAddressPool lan;',
  },
  {
    name: 'another localPref on other nodes is taken',
    object: advertisement('b', { localPref: 300, ...rack('a') }),
    with: {
      pools: [pool('lan', '10.0.0.0/24')],
      bgpAdvertisements: [advertisement('a', { localPref: 200, ...rack('b') })],
    },
  },
  {
    name: 'another localPref where there is no node at all is taken',
    object: advertisement('b', { localPref: 300 }),
    with: {
      nodes: [],
      pools: [pool('lan', '10.0.0.0/24')],
      bgpAdvertisements: [advertisement('a', { localPref: 200 })],
    },
  },
  {
    name: 'an alias that no Community defines yet is taken',
    object: advertisement('aliased', { communities: ['later', 'as-well'] }),
    with: {},
  },
  {
    name: 'a community with a colon that is none is refused',
    object: advertisement('literal', { communities: ['later', '70000:1'] }),
    with: {},
    says: 'BGPAdvertisement literal: spec.communities[1]: found "70000:1", which is no community;',
  },
  {
    name: 'an alias with a colon that a Community defines is taken',
    object: advertisement('literal', { communities: ['70000:1'] }),
    with: { communities: [community('odd', '70000:1')] },
  },
  {
    name: 'more communities than one UPDATE takes are refused, unknown aliases counted as short ones',
    object: advertisement('many', { communities: Array.from({ length: 1000 }, (_, index) => `alias-${index}`) }),
    with: {},
    says: 'BGPAdvertisement many: spec.communities: found communities of 4000 bytes;',
  },
  {
    name: 'a second peer for one neighbour on a common node is refused, with both names',
    object: samplePeer('b'),
    with: { bgpPeers: [samplePeer('a', rack('b'))] },
    says: 'BGPPeer b: spec: found a second session to 198.51.100.1 port 179, as in BGPPeer a, on a node',
  },
  {
    name: 'a second peer for one neighbour on other nodes is taken',
    object: samplePeer('b', rack('a')),
    with: { bgpPeers: [samplePeer('a', rack('b'))] },
  },
  {
    name: 'a peer whose BFDProfile and Secret do not exist yet is taken',
    object: samplePeer('b', { bfdProfile: 'later', passwordSecret: { name: 'later' } }),
    with: {},
  },
  {
    name: 'a peer of the own AS with ebgpMultiHop is refused',
    object: samplePeer('b', { peerASN: 64_512, ebgpMultiHop: true }),
    with: {},
    says: 'BGPPeer b: spec.ebgpMultiHop: found true with peerASN 64512',
  },
  {
    name: 'a community name of another object is refused',
    object: community('b', 'own', 'shared'),
    with: { communities: [community('a', 'shared')] },
    says: 'Community b: spec.communities[1].name: found "shared", which Community a defines as well;',
  },
  {
    name: 'community names of its own are taken',
    object: community('b', 'own'),
    with: { communities: [community('a', 'x')] },
  },
  {
    name: 'a second policy for one peer is refused, with both names',
    object: policy('b', 'x', 'tor'),
    with: { bgpPeerPolicies: [policy('a', 'tor')] },
    says: 'BGPPeerPolicy b: spec.peers[1]: found a second policy for BGPPeer tor, as in BGPPeerPolicy a;',
  },
  {
    name: 'a second policy for all peers is refused',
    object: policy('b'),
    with: { bgpPeerPolicies: [policy('a')] },
    says: 'BGPPeerPolicy b: spec.peers: found a second policy for all peers, as in BGPPeerPolicy a;',
  },
  {
    name: 'a policy for one peer beside that for all is taken',
    object: policy('b', 'tor'),
    with: { bgpPeerPolicies: [policy('a')] },
  },
  {
    name: 'a BFDProfile with an interval out of range is refused',
    object: sampleObject(KINDS.bfdProfile, 'fast', { receiveInterval: 5 }),
    with: {},
    says: 'BFDProfile fast: spec.receiveInterval: found 5;',
  },
  {
    name: 'an object outside the namespace of the product is refused, with the right one',
    object: { ...pool('lost', '10.0.0.0/24'), metadata: { name: 'lost', namespace: 'default' } },
    with: {},
    says: 'IPAddressPool lost: metadata.namespace: found "default", where it has no effect; accepted: "metallb-system"',
  },
]

describe('the judgement of a new object', () => {
  for (const { name, object, with: part, says } of CREATIONS) {
    it(name, () => {
      const told = lines(judge({ operation: 'CREATE', object }, part).problems)
      assert.equal(told.length, says === undefined ? 0 : 1, told.join('\n'))
      assert.ok(
        told.every((line) => line.startsWith(says ?? '')),
        `${told.join('\n')}\nshould begin with ${says}`,
      )
    })
  }

  it('tells every other peer that a new one is a copy of', () => {
    const others = [samplePeer('a', rack('a')), samplePeer('b', rack('b'))]
    const told = lines(judge({ operation: 'CREATE', object: samplePeer('c') }, { bgpPeers: others }).problems)
    assert.deepEqual(
      told.map((line) => /as in (BGPPeer \w)/.exec(line)?.[1]),
      ['BGPPeer a', 'BGPPeer b'],
    )
  })

  it('warns of disableMP, and checks all the same', () => {
    const object = samplePeer('b', { disableMP: true })
    const { problems, warnings } = judge({ operation: 'CREATE', object }, { bgpPeers: [samplePeer('a')] })
    assert.equal(problems.length, 1)
    assert.deepEqual(lines(warnings), ['BGPPeer b: spec.disableMP: found true, which is deprecated and has no effect'])
  })

  it('never shows a password', () => {
    const object = samplePeer('b', { password: 'hunter2', passwordSecret: { name: 'where-it-is' } })
    const told = lines(judge({ operation: 'CREATE', object }).problems).join('\n')
    assert.match(told, /spec\.password/)
    assert.doesNotMatch(told, /hunter2|where-it-is/)
  })
})

describe('the judgement of a deletion', () => {
  const profile = sampleObject(KINDS.bfdProfile, 'fast', {})
  const users = [samplePeer('b', { bfdProfile: 'fast' }), samplePeer('a', { bfdProfile: 'fast', myASN: 'unreadable' })]

  it('keeps a BFDProfile that peers use, and tells which', () => {
    const { problems } = judge({ operation: 'DELETE', oldObject: profile }, { bgpPeers: users })
    assert.deepEqual(lines(problems), [
      'BFDProfile fast: is to be deleted, but found in use by BGPPeer a, BGPPeer b; accepted: once no BGPPeer names it in spec.bfdProfile',
    ])
  })

  const TAKEN: readonly [name: string, object: SampleObject, part: Partial<StoredObjects>][] = [
    ['of a BFDProfile that nobody uses', profile, { bgpPeers: [samplePeer('a', { bfdProfile: 'slow' })] }],
    [
      'of a BFDProfile outside the namespace of the product',
      { ...profile, metadata: { name: 'fast', namespace: 'default' } },
      { bgpPeers: users },
    ],
    ['of a pool that an advertisement names', pool('a', '10.0.0.0/24'), TWO_POOLS],
    ['of a Community whose alias is in use', community('a', 'one'), {}],
  ]
  for (const [name, oldObject, part] of TAKEN) {
    it(`takes that ${name}`, () => {
      assert.deepEqual(judge({ operation: 'DELETE', oldObject }, part), { problems: [], warnings: [] })
    })
  }
})
