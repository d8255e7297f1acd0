import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { community, filledBook, largeCommunity, localFacts, told, weighted } from '../../testing/bgp-book.ts'
import { addressedFacts, bgpAdvertisement, bgpPeer, bgpRules } from '../../testing/bgp-rules.ts'
import type { BgpFacts } from './facts.ts'
import type { BgpRules } from './rules.ts'

describe('what each peer is told', () => {
  type Row = readonly [what: string, rules: Partial<BgpRules>, services: readonly BgpFacts[], told: readonly string[]]
  const dual = addressedFacts('shop/web', { ips: ['203.0.113.1', '2001:db8::1'] })
  const rows: Row[] = [
    ['an address as it is', {}, [addressedFacts('shop/web')], ['tor 203.0.113.1/32 100']],
    [
      'an aggregate, once for all Services in it',
      { advertisements: [bgpAdvertisement('a', { aggregationLength: 24 })] },
      [addressedFacts('shop/a'), addressedFacts('shop/b', { ips: ['203.0.113.9'] })],
      ['tor 203.0.113.0/24 100'],
    ],
    [
      'two lengths by two advertisements, each with its own attributes',
      { advertisements: [bgpAdvertisement('a', { aggregationLength: 24, localPref: 50 }), bgpAdvertisement('b')] },
      [addressedFacts('shop/a')],
      ['tor 203.0.113.0/24 50', 'tor 203.0.113.1/32 100'],
    ],
    ['only the family of its address', {}, [dual], ['tor 203.0.113.1/32 100']],
    [
      'only IPv6 over IPv6',
      { peers: [bgpPeer('tor', { neighbour: { kind: 'address', address: '2001:db8::9' } })] },
      [dual],
      ['tor 2001:db8::1/128 100'],
    ],
    [
      'both when it is dual stack',
      { peers: [bgpPeer('tor', { dualStack: true })] },
      [dual],
      ['tor 203.0.113.1/32 100', 'tor 2001:db8::1/128 100'],
    ],
    [
      'both when it is an interface',
      { peers: [bgpPeer('tor', { neighbour: { kind: 'interface', interface: 'eth0' } })] },
      [dual],
      ['tor 203.0.113.1/32 100', 'tor 2001:db8::1/128 100'],
    ],
    [
      'the aggregation of each family',
      {
        peers: [bgpPeer('tor', { dualStack: true })],
        advertisements: [bgpAdvertisement('a', { aggregationLength: 28, aggregationLengthV6: 64 })],
      },
      [dual],
      ['tor 203.0.113.0/28 100', 'tor 2001:db8::/64 100'],
    ],
    [
      'communities united, ascending, each once',
      {
        advertisements: [
          bgpAdvertisement('a', { communities: [community(9), largeCommunity(2, 0, 0), community(4_294_901_760)] }),
          bgpAdvertisement('b', {
            communities: [community(9), community(1), largeCommunity(1, 9, 9), largeCommunity(2, 0, 0)],
          }),
        ],
      },
      [addressedFacts('shop/web')],
      ['tor 203.0.113.1/32 100 1 9 4294901760 1:9:9 2:0:0'],
    ],
    [
      'only what advertisements that mean it say',
      {
        peers: [bgpPeer('tor'), bgpPeer('spine')],
        advertisements: [
          bgpAdvertisement('a', { peers: new Set(['tor']), localPref: 0, communities: [community(1)] }),
          bgpAdvertisement('b', { peers: new Set(['spine']), localPref: 300, communities: [community(2)] }),
        ],
      },
      [addressedFacts('shop/web')],
      ['tor 203.0.113.1/32 0 1', 'spine 203.0.113.1/32 300 2'],
    ],
    [
      'nothing when no advertisement means it',
      { advertisements: [bgpAdvertisement('a', { peers: new Set(['spine']) })] },
      [addressedFacts('shop/web')],
      [],
    ],
    ['nothing of another pool', {}, [addressedFacts('shop/web', { pool: 'two' })], []],
    [
      'the weight of a node',
      { peers: [bgpPeer('tor', weighted())] },
      [localFacts(3)],
      ['tor 203.0.113.1/32 100 x3750000'],
    ],
    [
      'the weight of all Services on an address',
      { peers: [bgpPeer('tor', weighted())] },
      [localFacts(3), { ...localFacts(2), key: 'shop/other' }],
      ['tor 203.0.113.1/32 100 x6250000'],
    ],
    [
      'no weight under Cluster',
      { peers: [bgpPeer('tor', weighted())] },
      [localFacts(3), addressedFacts('shop/other')],
      ['tor 203.0.113.1/32 100'],
    ],
    ['no weight unless the policy says so', {}, [localFacts(3)], ['tor 203.0.113.1/32 100']],
  ]
  for (const [what, rules, services, expected] of rows) {
    it(`is ${what}`, () => assert.deepEqual(told(filledBook(rules, ...services).takeChanges(0)), expected))
  }
})

describe('what changes', () => {
  const AGGREGATE = { advertisements: [bgpAdvertisement('a', { aggregationLength: 24 })] }
  const [a, b] = [addressedFacts('shop/a'), addressedFacts('shop/b', { ips: ['203.0.113.9'] })]
  it('an aggregate stays while one Service needs it', () => {
    const made = filledBook(AGGREGATE, a, b)
    made.takeChanges(0)
    made.setService('shop/a', undefined)
    assert.deepEqual(told(made.takeChanges(1)), [])
    made.setService('shop/b', undefined)
    assert.deepEqual(told(made.takeChanges(2)), ['tor 203.0.113.0/24 -'])
  })
  it('nothing when a Service says the same again, or goes and comes between two looks', () => {
    const made = filledBook({}, a)
    made.takeChanges(0)
    made.setService('shop/a', { ...a, labels: { new: 'yes' } })
    made.setService('shop/a', undefined)
    made.setService('shop/a', a)
    assert.deepEqual(told(made.takeChanges(1)), [])
  })
  it('an address that is another', () => {
    const made = filledBook({}, a)
    made.takeChanges(0)
    made.setService('shop/a', addressedFacts('shop/a', { ips: ['203.0.113.2'] }))
    assert.deepEqual(told(made.takeChanges(1)), ['tor 203.0.113.1/32 -', 'tor 203.0.113.2/32 100'])
  })
  it('communities and localPref of an advertisement, for all Services', () => {
    const made = filledBook({}, a, b)
    made.takeChanges(0)
    made.setRules(
      bgpRules({ advertisements: [bgpAdvertisement('all', { communities: [community(7)], localPref: 1 })] }),
    )
    assert.deepEqual(told(made.takeChanges(1)), ['tor 203.0.113.1/32 1 7', 'tor 203.0.113.9/32 1 7'])
  })
  it('nothing for the old peers when one is added; all for the new one', () => {
    const made = filledBook({}, a)
    made.takeChanges(0)
    made.setRules(bgpRules({ peers: [bgpPeer('tor'), bgpPeer('spine')] }))
    assert.deepEqual(told(made.takeChanges(1)), ['spine 203.0.113.1/32 100'])
    made.setRules(bgpRules({ peers: [bgpPeer('spine')] }))
    assert.deepEqual(told(made.takeChanges(2)), [])
    assert.equal(made.routesOf('tor').size, 0)
    assert.deepEqual([...made.routesOf('spine').keys()], ['203.0.113.1/32'])
  })
  it('everything is withdrawn from a node that may not announce', () => {
    const made = filledBook({}, a, b)
    made.takeChanges(0)
    made.setRules(bgpRules({ networkUnavailable: true }))
    assert.deepEqual(told(made.takeChanges(1)), ['tor 203.0.113.1/32 -', 'tor 203.0.113.9/32 -'])
  })
  it('a node that leaves asks for other paths, and takes it back', () => {
    const made = filledBook({ advertisements: [bgpAdvertisement('x', { communities: [community(7)] })] }, a)
    made.takeChanges(0)
    made.setLeaving(true)
    assert.deepEqual(told(made.takeChanges(1)), ['tor 203.0.113.1/32 0 7 4294901760'])
    made.setService('shop/b', b)
    assert.deepEqual(told(made.takeChanges(2)), ['tor 203.0.113.9/32 0 7 4294901760'])
    made.setLeaving(false)
    assert.deepEqual(told(made.takeChanges(3)), ['tor 203.0.113.1/32 100 7', 'tor 203.0.113.9/32 100 7'])
  })
})
