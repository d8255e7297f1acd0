import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { compileSpeaker, type SpeakerObjects } from './compile-speaker.ts'
import type { SpeakerConfig } from './config.ts'
import { DEFAULT_PEER_POLICY } from './kinds/bgp-peer-policy.ts'
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

const SELF = { name: 'n1', labels: { rack: 'a' } }
const RACK_A = { matchLabels: { rack: 'a' } }
const RACK_B = { matchLabels: { rack: 'b' } }

type Part = Partial<SpeakerObjects>
const compile = (part: Part): ReturnType<typeof compileSpeaker> => compileSpeaker(sampleObjects(part), SELF)

function configOf(part: Part): SpeakerConfig {
  const compiled = compile(part)
  assert.ok(compiled.ok, compiled.ok ? '' : describeProblems(compiled.problems))
  return compiled.config
}

const l2 = (name: string, spec?: unknown): SampleObject => sampleObject(KINDS.l2Advertisement, name, spec)
const bgp = (name: string, spec?: unknown): SampleObject => sampleObject(KINDS.bgpAdvertisement, name, spec)
const profile = (name: string, spec: unknown = {}): SampleObject => sampleObject(KINDS.bfdProfile, name, spec)

describe('which pools an advertisement is for', () => {
  const POOLS = [
    samplePool('gold', { addresses: ['10.1.0.0/24'] }, { tier: 'gold', site: 'x' }),
    samplePool('silver', { addresses: ['10.2.0.0/24'] }, { tier: 'silver', site: 'x' }),
    samplePool('plain', { addresses: ['10.3.0.0/24'] }),
  ]
  const CASES: readonly (readonly [name: string, spec: unknown, pools: readonly string[]])[] = [
    ['all without a spec', undefined, ['gold', 'plain', 'silver']],
    ['all with empty lists', { ipAddressPools: [], ipAddressPoolSelectors: [] }, ['gold', 'plain', 'silver']],
    ['those named', { ipAddressPools: ['plain'] }, ['plain']],
    ['those selected', { ipAddressPoolSelectors: [{ matchLabels: { tier: 'gold' } }] }, ['gold']],
    [
      'those selected by any',
      { ipAddressPoolSelectors: [{ matchLabels: { tier: 'gold' } }, { matchLabels: { tier: 'silver' } }] },
      ['gold', 'silver'],
    ],
    [
      'the union, each once',
      { ipAddressPools: ['gold', 'plain'], ipAddressPoolSelectors: [{ matchLabels: { tier: 'gold' } }] },
      ['gold', 'plain'],
    ],
    ['unknown names count for nothing', { ipAddressPools: ['gold', 'platinum'] }, ['gold']],
    ['none where all names are unknown', { ipAddressPools: ['platinum'] }, []],
    ['none where nothing is selected', { ipAddressPoolSelectors: [{ matchLabels: { tier: 'iron' } }] }, []],
    ['all with a selector that is empty', { ipAddressPoolSelectors: [{}] }, ['gold', 'plain', 'silver']],
  ]
  for (const [name, spec, pools] of CASES) {
    it(name, () => {
      const config = configOf({ pools: POOLS, l2Advertisements: [l2('x', spec)], bgpAdvertisements: [bgp('x', spec)] })
      assert.deepEqual([...(config.l2Advertisements[0]?.pools ?? [])].sort(), pools)
      assert.deepEqual([...(config.bgpAdvertisements[0]?.pools ?? [])].sort(), pools)
    })
  }
})

describe('L2Advertisements', () => {
  it('come with their lists, selectors in one shape, each interface once', () => {
    const spec = {
      nodeSelectors: [{ matchLabels: { rack: 'b' }, matchExpressions: [{ key: 'gpu', operator: 'DoesNotExist' }] }],
      interfaces: ['eth0', 'eth1', 'eth0'],
      preferredNodeSelectors: [{ weight: 5, preference: RACK_A }],
    }
    assert.deepEqual(configOf({ l2Advertisements: [l2('x', spec)] }).l2Advertisements, [
      {
        name: 'x',
        pools: new Set(),
        nodeSelectors: [
          [
            { key: 'rack', operator: 'In', values: ['b'] },
            { key: 'gpu', operator: 'DoesNotExist', values: [] },
          ],
        ],
        serviceSelectors: [],
        interfaces: ['eth0', 'eth1'],
        preferredNodes: [{ weight: 5, preference: [{ key: 'rack', operator: 'In', values: ['a'] }] }],
      },
    ])
  })

  it('are kept though they select other nodes only: who is eligible elsewhere matters here', () => {
    const config = configOf({ l2Advertisements: [l2('b', { nodeSelectors: [RACK_B] }), l2('a')] })
    assert.deepEqual(
      config.l2Advertisements.map(({ name }) => name),
      ['a', 'b'],
    )
  })
})

describe('BGP objects of other nodes', () => {
  const BROKEN = { myASN: 0, nodeSelectors: [RACK_B] }
  it('are dropped before they are validated', () => {
    const config = configOf({
      bgpPeers: [samplePeer('far', BROKEN), samplePeer('near', { nodeSelectors: [RACK_B, RACK_A] })],
      bgpAdvertisements: [bgp('far', { aggregationLength: 99, nodeSelectors: [RACK_B] }), bgp('near')],
    })
    assert.deepEqual(
      config.bgpPeers.map(({ name }) => name),
      ['near'],
    )
    assert.deepEqual(
      config.bgpAdvertisements.map(({ name }) => name),
      ['near'],
    )
  })

  it('are dropped even if a selector stands twice in them', () => {
    assert.deepEqual(configOf({ bgpPeers: [samplePeer('far', { nodeSelectors: [RACK_B, RACK_B] })] }).bgpPeers, [])
  })

  it('break no rule between objects', () => {
    const config = configOf({
      pools: [samplePool('a')],
      bgpPeers: [samplePeer('far', { nodeSelectors: [RACK_B], bfdProfile: 'gone' }), samplePeer('near')],
      bgpAdvertisements: [bgp('far', { localPref: 7, nodeSelectors: [RACK_B] }), bgp('near', { localPref: 8 })],
    })
    assert.deepEqual([config.bgpPeers.length, config.bgpAdvertisements.length], [1, 1])
  })

  it('cannot be told from others when their nodeSelectors are broken', () => {
    const compiled = compile({ bgpPeers: [samplePeer('odd', { nodeSelectors: [{ matchLabels: { rack: 7 } }] })] })
    assert.deepEqual(compiled.ok ? [] : compiled.problems.map(({ path }) => path), [
      'spec.nodeSelectors[0].matchLabels.rack',
    ])
  })
})

describe('BGPPeers', () => {
  it('have the defaults of the contract', () => {
    assert.deepEqual(configOf({ bgpPeers: [samplePeer('tor')] }).bgpPeers, [
      {
        name: 'tor',
        myAsn: 64512,
        peerAsn: { kind: 'number', asn: 64513 },
        neighbour: { kind: 'address', address: '198.51.100.1' },
        port: 179,
        holdMs: 90_000,
        keepaliveMs: 30_000,
        nodeSelectors: [],
        gracefulRestart: false,
        ebgpMultiHop: false,
        dualStack: false,
        policy: DEFAULT_PEER_POLICY,
      },
    ])
  })

  it('carry everything they are given', () => {
    const spec = {
      peerASN: undefined,
      dynamicASN: 'internal',
      localASN: 65001,
      peerAddress: undefined,
      interface: 'eth1',
      peerPort: 1179,
      sourceAddress: '2001:DB8::1',
      routerID: '192.0.2.1',
      vrf: 'red',
      bfdProfile: 'fast',
      holdTime: '9500ms',
      keepaliveTime: '1.5s',
      connectTime: '5s',
      passwordSecret: { name: 'bgp', namespace: 'elsewhere' },
      enableGracefulRestart: true,
      ebgpMultiHop: true,
      dualStackAddressFamily: true,
      disableMP: true,
    }
    const objects = {
      bgpPeers: [samplePeer('tor', spec)],
      bfdProfiles: [profile('fast')],
      secrets: [sampleSecret('bgp')],
    }
    const [peer] = configOf(objects).bgpPeers
    assert.partialDeepStrictEqual(peer, {
      myAsn: 64512,
      localAsn: 65001,
      peerAsn: { kind: 'internal' },
      neighbour: { kind: 'interface', interface: 'eth1' },
      port: 1179,
      sourceAddress: '2001:db8::1',
      routerId: '192.0.2.1',
      vrf: 'red',
      bfdProfile: { name: 'fast', receiveIntervalMs: 300 },
      holdMs: 9000,
      keepaliveMs: 1500,
      connectMs: 5000,
      password: 'hunter2',
      gracefulRestart: true,
      ebgpMultiHop: true,
      dualStack: true,
    })
  })

  it('stored through v1beta1 mean the same, port 0 included', () => {
    const old = { ...samplePeer('tor', { peerPort: 0 }), apiVersion: 'metallb.io/v1beta1' }
    assert.deepEqual(configOf({ bgpPeers: [old] }), configOf({ bgpPeers: [samplePeer('tor')] }))
  })

  const TIMERS: readonly (readonly [name: string, spec: object, holdMs: number, keepaliveMs: number])[] = [
    ['unset timers are 90 and 30 seconds', {}, 90_000, 30_000],
    ['a hold time alone gives a third to keepalives', { holdTime: '30s' }, 30_000, 10_000],
    ['a keepalive time alone gives three times to the hold time', { keepaliveTime: '10s' }, 30_000, 10_000],
    ['explicit zeros are off, not unset', { holdTime: '0s', keepaliveTime: '0s' }, 0, 0],
    ['a hold time of zero switches keepalives off', { holdTime: '0' }, 0, 0],
    ['a keepalive time of zero switches the hold timer off', { keepaliveTime: '0s' }, 0, 0],
    ['a hold time may do without keepalives', { holdTime: '9s', keepaliveTime: '0s' }, 9_000, 0],
    ['a hold time is counted in whole seconds', { holdTime: '3.9s' }, 3_000, 1_000],
  ]
  for (const [name, spec, holdMs, keepaliveMs] of TIMERS) {
    it(name, () => {
      const [peer] = configOf({ bgpPeers: [samplePeer('tor', spec)] }).bgpPeers
      assert.deepEqual([peer?.holdMs, peer?.keepaliveMs], [holdMs, keepaliveMs])
    })
  }

  it('warn of what is accepted but odd', () => {
    const odd = samplePeer('tor', { disableMP: true, holdTime: '0s', keepaliveTime: '0s' })
    const compiled = compile({ bgpPeers: [odd, samplePeer('two', { peerPort: 180 })] })
    assert.deepEqual(compiled.ok ? compiled.warnings?.map(({ object, path }) => `${object} ${path}`) : [], [
      'BGPPeer tor spec.disableMP',
      'BGPPeer tor spec.holdTime',
    ])
  })
})

describe('BGPAdvertisements', () => {
  const COMMUNITIES = [
    sampleObject(KINDS.community, 'x', {
      communities: [
        { name: 'blackhole', value: '65535:666' },
        { name: '1:1', value: '2:2' },
      ],
    }),
  ]
  it('have their communities resolved: aliases before literals, values once', () => {
    const spec = { communities: ['blackhole', '65535:666', '1:1', 'large:1:2:3'], peers: ['tor'], localPref: 0 }
    const [advertisement] = configOf({
      communities: COMMUNITIES,
      bgpAdvertisements: [bgp('x', spec)],
    }).bgpAdvertisements
    assert.deepEqual(advertisement, {
      name: 'x',
      pools: new Set(),
      nodeSelectors: [],
      serviceSelectors: [],
      aggregationLength: 32,
      aggregationLengthV6: 128,
      localPref: 0,
      communities: [
        { kind: 'standard', value: 0xffff029a },
        { kind: 'standard', value: 0x00020002 },
        { kind: 'large', words: [1, 2, 3] },
      ],
      peers: new Set(['tor']),
    })
  })
})
