import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { birdConfig } from './bird-config.ts'
import { birdBfdSessions, birdRoutes } from './bird-output.ts'
import { readExtended } from './communities.ts'
import { familyRoutes, readExabgp } from './exabgp-output.ts'
import { frrBfdConfig } from './frr-config.ts'
import { type FrrBfdCounters, type FrrBfdPeer, frrBfdSession, frrRoutes, frrValues } from './frr-output.ts'
import { featuresOf } from './features.ts'

/** As the daemons of Debian 12 wrote it. */

describe('what routers print', () => {
  it('BIRD: a path of a peer with its attributes, and nothing of routes that are not of BGP', () => {
    const text = `BIRD 2.0.12 ready.
Table master4:
192.0.2.0/24         unicast [direct1 10:42:57.008] * (240)
\tdev e0
\tType: device univ
203.0.113.0/24       unicast [peer0 10:42:57.477] * (100) [AS65002i]
\tvia 192.0.2.2 on e0
\tType: BGP univ
\tBGP.origin: IGP
\tBGP.as_path: 65002
\tBGP.next_hop: 192.0.2.2
\tBGP.local_pref: 100
\tBGP.community: (65535,0) (65001,7)
\tBGP.large_community: (65001, 1, 2)
\tBGP.ext_community: (unknown 0x4, 65002, 1290693416)
                     unicast [peer1 10:42:58.000] (100) [AS65003i]
\tvia 192.0.2.3 on e0
\tBGP.origin: Incomplete
\tBGP.as_path: 65003
\tBGP.next_hop: 192.0.2.3
`
    const [first, second, ...none] = birdRoutes(text, (name) => (name.startsWith('peer') ? `of ${name}` : undefined))
    assert.deepEqual(none, [])
    assert.deepEqual(first?.communities, ['65535:0', '65001:7'])
    assert.deepEqual(first?.largeCommunities, ['65001:1:2'])
    assert.deepEqual(first?.linkBandwidth, { asn: 65_002, bytesPerSecond: 125_000_000 })
    assert.deepEqual([second?.prefix, second?.from, second?.asPath], ['203.0.113.0/24', 'of peer1', [65_003]])
    assert.deepEqual([second?.origin, second?.localPref], ['incomplete', undefined])
  })

  it('FRR: several answers one after the other, a community by name, link bandwidth in words', () => {
    const path = {
      aspath: { segments: [{ list: [65_001] }] },
      origin: 'IGP',
      community: { list: ['gracefulShutdown', '65001:1'] },
      extendedCommunity: { string: 'LB:65001:100000000 (800.000 Mbps) RT:1:2' },
      nexthops: [
        { ip: 'fe80::1', scope: 'link-local' },
        { ip: '2001:db8::1', scope: 'global' },
      ],
      peer: { peerId: '192.0.2.1' },
    }
    assert.equal(frrValues('{\n "a":1\n}\n{\n "b":{\n }\n}\n').length, 2)
    const [route] = frrRoutes('2001:db8:5::/48', { paths: [path] })
    assert.deepEqual(route?.communities, ['65535:0', '65001:1'])
    assert.deepEqual(route?.nextHops, ['2001:db8::1', 'fe80::1'])
    assert.deepEqual(route?.linkBandwidth, { asn: 65_001, bytesPerSecond: 100_000_000 })
    assert.deepEqual(route?.extendedCommunities, ['RT:1:2'])
  })

  it('ExaBGP: a table made of what it tells, gone with the session', () => {
    const line = (more: object): string =>
      JSON.stringify({ neighbor: { address: { peer: '192.0.2.1' }, direction: 'receive', ...more }, type: 'update' })
    const update = line({
      message: {
        update: {
          attribute: { origin: 'igp', 'as-path': [65_001], 'extended-community': [{ value: 1 }] },
          announce: { 'ipv4 unicast': { '192.0.2.1': [{ nlri: '203.0.113.0/24' }] } },
        },
      },
    }).replace('"value":1', '"value": 4613091096791006240')
    const down = JSON.stringify({
      type: 'state',
      neighbor: { address: { peer: '192.0.2.1' }, state: 'down', reason: 'x' },
    })
    const [route] = familyRoutes(readExabgp(`done\n${update}\n{"half`), 'ipv4')
    assert.deepEqual([route?.nextHops, route?.linkBandwidth?.bytesPerSecond], [['192.0.2.1'], 100_000_000])
    assert.deepEqual(familyRoutes(readExabgp(`${update}\n${down}\n`), 'ipv4'), [])
  })

  it('link bandwidth is read transitive or not, and is not among the others', () => {
    for (const type of ['40', '00']) {
      const { linkBandwidth, extendedCommunities } = readExtended([`${type}04fde94cbebc20`, '0002000100000002'])
      assert.deepEqual(linkBandwidth, { asn: 65_001, bytesPerSecond: 100_000_000 })
      assert.deepEqual(extendedCommunities, ['0002000100000002'])
    }
  })

  it('BIRD: sessions of BFD, in effect and in milliseconds', () => {
    const text = `BIRD 2.0.12 ready.
bfd1:
IP address                Interface  State      Since         Interval  Timeout
192.0.2.2                 e0         Up         11:22:04.929    0.050    0.150
192.0.2.1                 ---        Down       11:22:13.305    1.000    0.000
`
    assert.deepEqual(
      birdBfdSessions(text).map(({ neighbour, state, inEffect }) => [neighbour, state, inEffect]),
      [
        ['192.0.2.2', 'up', { transmitMs: 50, detectMs: 150 }],
        ['192.0.2.1', 'down', { transmitMs: 1000, detectMs: 0 }],
      ],
    )
  })

  it('FRR: a session of BFD out of two lists, of which the second may lack it', () => {
    const peer = `{"peer":"192.0.2.1","status":"shutdown","diagnostic":"ok","remote-receive-interval":50,
"remote-transmit-interval":60,"remote-detect-multiplier":3}`
    const text = `[${peer}]\n[{"peer":"192.0.2.1","session-down":2,"control-packet-input":7}]\n`
    const [all = [], counters = []] = frrValues(text) as [FrrBfdPeer[]?, FrrBfdCounters[]?]
    const session = frrBfdSession('192.0.2.1', all, counters)
    assert.deepEqual(session, {
      neighbour: '192.0.2.1',
      state: 'adminDown',
      inEffect: undefined,
      peerSays: { transmitMs: 60, receiveMs: 50, detectMultiplier: 3 },
      diagnostic: 'ok',
      counters: { ups: 0, downs: 2, controlIn: 7, controlOut: 0, echoIn: 0, echoOut: 0 },
    })
    assert.equal(frrBfdSession('192.0.2.9', all, counters), undefined)
    assert.equal(frrBfdSession('192.0.2.1', all, [])?.counters?.downs, 0)
  })

  it('peers of BFD alone are configured with their numbers, BGP neighbours are not asked for', () => {
    const bfdPeers = [
      { address: '192.0.2.1', localAddress: '198.51.100.9', multihop: true, transmitInterval: 50, minimumTtl: 250 },
    ]
    const options = { namespace: 'n', asn: 1, routerId: '10.0.0.1', neighbours: [], bfdPeers }
    assert.match(
      frrBfdConfig(options) ?? '',
      / profile to-192-0-2-1\n {2}transmit-interval 50\n {2}minimum-ttl 250\n exit\n peer 192\.0\.2\.1 multihop local-address 198\.51\.100\.9\n {2}profile to-192-0-2-1\n exit\n/,
    )
    assert.match(
      birdConfig(options, new Set()),
      /multihop \{ min tx interval 50 ms; \}; neighbor 192\.0\.2\.1 local 198\.51\.100\.9 multihop on; \}/,
    )
    assert.equal(frrBfdConfig({ ...options, bfdPeers: [] }), undefined)
  })

  it('what a neighbour asks for is known by name', () => {
    const neighbour = { interface: 'e0', asn: 1, families: ['ipv4'], bfd: {}, fourOctetAsn: false } as const
    assert.deepEqual(featuresOf(neighbour), ['unnumbered peers', 'two-octet AS numbers only', 'BFD'])
  })
})
