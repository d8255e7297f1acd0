import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { community, filledBook, localFacts, told, weighted } from '../../testing/bgp-book.ts'
import { addressedFacts, appIs, bgpAdvertisement, bgpPeer } from '../../testing/bgp-rules.ts'
import type { BgpBook } from './book.ts'

describe('a weight alone', () => {
  const begin = (): BgpBook => {
    const made = filledBook({ peers: [bgpPeer('tor', weighted())] }, localFacts(1))
    assert.deepEqual(told(made.takeChanges(0)), ['tor 203.0.113.1/32 100 x1250000'])
    return made
  }
  it('is told once in an interval, and then as it is by that time', () => {
    const made = begin()
    made.setService('shop/web', localFacts(2))
    assert.deepEqual(told(made.takeChanges(10)), [])
    made.setService('shop/web', localFacts(3))
    assert.deepEqual(told(made.takeChanges(20)), [])
    assert.equal(made.nextDueAt(), 1000)
    assert.deepEqual(told(made.takeChanges(999)), [])
    assert.deepEqual(told(made.takeChanges(1000)), ['tor 203.0.113.1/32 100 x3750000'])
    assert.equal(made.nextDueAt(), undefined)
  })
  it('is told at once after a rest', () => {
    const made = begin()
    made.setService('shop/web', localFacts(2))
    assert.deepEqual(told(made.takeChanges(5000)), ['tor 203.0.113.1/32 100 x2500000'])
  })
  it('is not told when it is as it was before its time comes', () => {
    const made = begin()
    made.setService('shop/web', localFacts(2))
    made.takeChanges(10)
    made.setService('shop/web', localFacts(1))
    assert.deepEqual(told(made.takeChanges(20)), [])
    assert.equal(made.nextDueAt(), undefined)
  })
  it('does not hold up a withdrawal, a return or another attribute', () => {
    const made = begin()
    made.setService('shop/web', localFacts(0))
    assert.deepEqual(told(made.takeChanges(10)), ['tor 203.0.113.1/32 -'])
    made.setService('shop/web', localFacts(4))
    assert.deepEqual(told(made.takeChanges(20)), ['tor 203.0.113.1/32 100 x5000000'])
    made.setService('shop/web', localFacts(5))
    assert.deepEqual(told(made.takeChanges(30)), [])
    made.setLeaving(true)
    assert.deepEqual(told(made.takeChanges(40)), ['tor 203.0.113.1/32 0 4294901760 x6250000'])
    assert.equal(made.nextDueAt(), undefined)
  })
})

describe('two Services on one prefix', () => {
  const select = (app: string) => [appIs(app)]
  const advertisements = [
    bgpAdvertisement('a', { serviceSelectors: select('a'), localPref: 200, communities: [community(1)] }),
    bgpAdvertisement('b', { serviceSelectors: select('b'), localPref: 300 }),
  ]
  const services = ['a', 'b'].map((app) => addressedFacts(`shop/${app}`, { labels: { app } }))
  it('that disagree: the first by namespace and name has its way, and the other is told of once', () => {
    const made = filledBook({ advertisements }, ...services.toReversed())
    assert.deepEqual(told(made.takeChanges(0)), ['tor 203.0.113.1/32 200 1'])
    const quarrel = { service: 'shop/b', winner: 'shop/a', prefix: '203.0.113.1/32', peer: 'tor' }
    assert.deepEqual(made.takeDisagreements(), [quarrel])
    made.setLeaving(true)
    made.takeChanges(1)
    assert.deepEqual(made.takeDisagreements(), [])
    made.setLeaving(false)
    made.setService('shop/a', undefined)
    assert.deepEqual(told(made.takeChanges(2)), ['tor 203.0.113.1/32 300'])
    made.setService('shop/a', services[0])
    made.takeChanges(3)
    assert.deepEqual(made.takeDisagreements(), [quarrel])
  })
  it('that agree by different advertisements do not', () => {
    const alike = advertisements.map((one) => ({ ...one, localPref: 100, communities: [] }))
    const made = filledBook({ advertisements: alike }, ...services)
    assert.deepEqual(told(made.takeChanges(0)), ['tor 203.0.113.1/32 100'])
    assert.deepEqual(made.takeDisagreements(), [])
  })
  it('are each announced to all peers that have their prefix', () => {
    const apart = advertisements.map((one, at) => ({ ...one, peers: new Set([['tor'], ['spine']][at]) }))
    const made = filledBook({ advertisements: apart, peers: [bgpPeer('tor'), bgpPeer('spine')] }, ...services)
    made.takeServices()
    assert.deepEqual(made.announced.get('shop/a')?.peers, ['spine', 'tor'])
    made.setService('shop/b', undefined)
    const changes = made.takeServices()
    assert.deepEqual(changes.get('shop/a')?.now?.peers, ['tor'])
    assert.equal(changes.get('shop/b')?.now, undefined)
  })
})

describe('what is announced of Services', () => {
  it('is told once, with peers in order', () => {
    const made = filledBook({ peers: [bgpPeer('tor'), bgpPeer('spine')] }, addressedFacts('shop/web'))
    const now = { ips: ['203.0.113.1'], peers: ['spine', 'tor'] }
    assert.deepEqual([...made.takeServices()], [['shop/web', { before: undefined, now }]])
    assert.deepEqual([...made.announced], [['shop/web', now]])
    made.setService('shop/web', addressedFacts('shop/web', { labels: { more: 'yes' } }))
    assert.deepEqual([...made.takeServices()], [])
    assert.equal(made.withheldOf('shop/web'), undefined)
  })
  it('ends with the reason', () => {
    const made = filledBook({}, addressedFacts('shop/web'))
    made.takeServices()
    made.setService('shop/web', addressedFacts('shop/web', { hasEndpoints: false }))
    assert.equal(made.takeServices().get('shop/web')?.now, undefined)
    assert.equal(made.withheldOf('shop/web')?.reason, 'noEndpoints')
    made.setService('shop/web', undefined)
    assert.equal(made.withheldOf('shop/web')?.reason, 'serviceDeleted')
  })
  it('is nothing when no session carries its family', () => {
    const made = filledBook({}, addressedFacts('shop/web', { ips: ['2001:db8::1'] }))
    assert.equal(made.takeServices().size, 0)
    assert.equal(made.withheldOf('shop/web')?.reason, 'noMatchingAdvertisement')
    assert.match(made.withheldOf('shop/web')?.message ?? '', /no BGPPeer of node n1/)
  })
  it('is a reason, once, for what never began', () => {
    const made = filledBook({}, addressedFacts('shop/web', { hasEndpoints: false }))
    const reasons = (): unknown[] => {
      made.takeServices()
      return [...made.takeWithheld()].map(([key, { reason }]) => [key, reason])
    }
    assert.deepEqual(reasons(), [['shop/web', 'noEndpoints']])
    made.setService('shop/web', addressedFacts('shop/web', { hasEndpoints: false, labels: { more: 'yes' } }))
    assert.deepEqual(reasons(), [])
    made.setService('shop/web', addressedFacts('shop/web', { hasEndpoints: false, pool: 'two' }))
    assert.deepEqual(reasons(), [['shop/web', 'notOwner']])
    made.setService('shop/web', addressedFacts('shop/web'))
    assert.deepEqual(reasons(), [])
    made.setService('shop/web', addressedFacts('shop/web', { pool: 'two' }))
    assert.deepEqual(reasons(), [], 'its end tells why')
  })
  it('is no reason on a node without peers, nor of a Service that waits for its address', () => {
    const why = { reason: 'noIPAllocated', message: 'empty' } as const
    const alone = filledBook({ peers: [] }, addressedFacts('shop/web'))
    const waiting = filledBook({}, { kind: 'withdrawn', key: 'shop/web', why })
    for (const made of [alone, waiting]) {
      made.takeServices()
      assert.equal(made.takeWithheld().size, 0)
    }
  })
})
