import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseAddress } from '@steelyard/net'
import { CEASE } from '../constants.ts'
import { type Duet, duet, type DuetOptions, type Player, route, routes } from '../testing/duet.ts'
import type { Route } from '../peer.ts'

const stateOf = ({ session }: Player): string => session.view().state
const saidBy = ({ notifications }: Player, which: 'sent' | 'received'): string[] =>
  notifications.filter((one) => one.which === which).map(({ notification: { code, subcode } }) => `${code}/${subcode}`)
const errorsOf = ({ views }: Player): string[] => views.flatMap(({ lastError }) => lastError ?? [])
const errorOf = ({ session }: Player): string => session.view().lastError ?? ''

function met(options: DuetOptions = {}): Duet {
  const two = duet(options)
  two.clock.advance(50)
  assert.equal(stateOf(two.left), 'established', errorOf(two.left))
  assert.equal(stateOf(two.right), 'established', errorOf(two.right))
  return two
}

const many = (count: number): Map<string, Route> =>
  new Map(
    Array.from({ length: count }, (_, index) => {
      const one = route(`10.${index >> 16}.${(index >> 8) & 255}.${index & 255}/32`)
      return [`10.${index >> 16}.${(index >> 8) & 255}.${index & 255}/32`, one]
    }),
  )

describe('two sessions of ours', () => {
  it('come up and exchange routes', () => {
    const { clock, left, right } = met()
    left.session.change(routes(route('203.0.113.1/32'), route('203.0.113.2/32')))
    left.session.complete()
    assert.equal(left.session.view().pending, 2)
    clock.advance(5)
    const { announced, pending } = left.session.view()
    assert.deepEqual({ announced, pending }, { announced: 2, pending: 0 })
    assert.equal(right.session.counters().receivedPrefixes, 2)
    assert.equal(right.session.counters().received.update, 2, 'one UPDATE and End-of-RIB')
    assert.deepEqual(left.session.view().established?.remoteAsn, 64_513)
  })
  it('stay up as long as there are keepalives', () => {
    const { clock, left, right } = met()
    clock.advance(3_600_000)
    assert.equal(left.session.view().flaps + right.session.view().flaps, 0)
  })
  it('need none when one of them wants no hold timer', () => {
    const { clock, left, right } = met({ right: { holdMs: 0, keepaliveMs: 0 } })
    const before = left.session.counters().sent.keepalive
    clock.advance(3_600_000)
    assert.equal(stateOf(right), 'established')
    assert.equal(left.session.counters().sent.keepalive, before)
    assert.equal(left.session.view().established?.holdMs, 0)
  })
  it('tell the peer and try again when the hold timer expires', () => {
    const two = met()
    two.pair.cut()
    two.clock.advance(8900)
    assert.equal(stateOf(two.left), 'established')
    two.clock.advance(3200)
    assert.deepEqual(saidBy(two.left, 'sent'), ['4/0'])
    assert.match(errorOf(two.left), /^hold timer expired after 9 s of silence/)
    assert.equal(two.left.session.view().flaps, 1)
    assert.equal(stateOf(two.left), 'connect')
    two.clock.advance(10_000)
    assert.match(errorOf(two.left), /^no connection within 10 s/)
  })
  it('come back at once after a reset, and say everything again', () => {
    const two = met()
    two.left.session.change(many(100))
    two.clock.advance(60_000)
    two.pair.reset('connection reset by peer')
    assert.equal(two.left.session.view().announced, 0)
    assert.match(errorOf(two.left), /the connection was lost: connection reset by peer/)
    two.clock.advance(2000)
    assert.equal(two.left.session.view().announced, 100)
    assert.equal(two.right.session.counters().receivedPrefixes, 200)
  })
  it('hear why the other one stops', async () => {
    const two = met()
    const stopped = two.right.session.stop({ kind: 'cease', subcode: CEASE.administrativeShutdown, text: 'see you' })
    two.clock.advance(20)
    await stopped
    assert.equal(stateOf(two.right), 'idle')
    assert.equal(saidBy(two.left, 'received')[0], '6/2')
    assert.match(errorsOf(two.left)[0] ?? '', /Administrative Shutdown \(6\/2\), its operator says "see you"/)
    assert.equal(two.left.session.view().flaps, 1)
  })
  it('leave without a word when they are told to', () => {
    const two = met()
    void two.left.session.stop({ kind: 'silent' })
    two.clock.advance(20)
    assert.deepEqual(saidBy(two.right, 'received'), [])
    assert.match(errorOf(two.right), /the connection was lost/)
  })
  it('mean it when both know RFC 8538: the Cease is inside a hard reset', () => {
    const gracefulRestart = { restartSeconds: 120 }
    const two = met({ left: { gracefulRestart }, right: { gracefulRestart } })
    void two.left.session.stop({ kind: 'cease', subcode: CEASE.peerDeconfigured })
    two.clock.advance(20)
    assert.deepEqual(saidBy(two.right, 'received'), ['6/9'])
    assert.match(errorOf(two.right), /Peer De-configured \(6\/3\)/)
  })
  it('end at once what BFD has lost, and try again', () => {
    const two = met()
    two.left.session.lost('BFD has lost the peer')
    assert.equal(errorOf(two.left), 'BFD has lost the peer')
    two.clock.advance(2)
    assert.deepEqual(saidBy(two.right, 'received'), ['6/10'])
    two.clock.advance(1100)
    assert.equal(stateOf(two.left), 'established')
  })
  it('say which AS was found and which was wanted', () => {
    const { clock, left, right } = duet({ left: { peerAsn: { kind: 'number', asn: 64_999 } } })
    clock.advance(20)
    assert.equal(errorOf(left), 'the peer says it is AS 64513, wanted is 64999 (spec.peerASN)')
    assert.match(errorOf(right), /Bad Peer AS \(2\/2\)/)
  })
})

describe('both connect at once', () => {
  for (const [name, leftId, rightId] of [
    ['the left one has the higher identifier', '192.0.2.9', '192.0.2.2'],
    ['the right one has', '192.0.2.1', '192.0.2.2'],
    ['both have the same, and the right one the higher AS', '192.0.2.1', '192.0.2.1'],
  ] as const) {
    it(`one connection is left: ${name}`, () => {
      const hosts = {
        left: { address: '192.0.2.1', routerId: leftId },
        right: { address: '192.0.2.2', routerId: rightId },
      }
      const two = duet({ right: { passive: false }, hosts })
      two.clock.advance(30)
      assert.equal(stateOf(two.left), 'established')
      assert.equal(stateOf(two.right), 'established')
      two.clock.advance(60_000)
      assert.equal(two.left.session.view().flaps + two.right.session.view().flaps, 0)
      assert.equal(two.left.session.view().lastError, undefined)
      assert.ok(saidBy(two.left, 'sent').concat(saidBy(two.right, 'sent')).includes('6/7'))
    })
  }
})

describe('a peer that reads slowly', () => {
  it('makes nothing pile up but what is wanted', () => {
    const two = met()
    two.pair.right.setReadingRate(0)
    const own = (index: number): Partial<Route> => ({ communities: [index] })
    const all = new Map([...many(10_000)].map(([key, one], index) => [key, { ...one, ...own(index) }]))
    two.left.session.change(all)
    two.clock.advance(20)
    assert.ok(two.pair.left.unreadBytes() < 200_000, `${two.pair.left.unreadBytes()} bytes wait`)
    assert.ok(two.left.session.view().pending > 5000)
    two.left.session.change(new Map([...all.keys()].slice(0, 9000).map((key) => [key, undefined])))
    two.pair.right.setReadingRate(1000)
    two.clock.advance(3000)
    assert.deepEqual([two.left.session.view().announced, two.left.session.view().pending], [1000, 0])
    assert.ok(two.right.session.counters().receivedPrefixes < 6000, 'what was wanted no more was never said')
  })
  it('is not lost for as long as it reads at all', () => {
    const two = met()
    two.pair.right.setReadingRate(2)
    two.left.session.change(
      new Map([...many(2000)].map(([key, one], index) => [key, { ...one, communities: [index] }])),
    )
    two.clock.advance(120_000)
    assert.equal(two.left.session.view().announced, 2000)
    assert.equal(two.left.session.view().flaps + two.right.session.view().flaps, 0)
  })
})

describe('routes again', () => {
  it('with another next hop, at once and without a reset', () => {
    const two = met()
    two.left.session.change(many(10))
    two.clock.advance(20)
    two.left.session.setNextHops({ ipv4: parseAddress('192.0.2.77')! })
    two.clock.advance(20)
    assert.equal(two.right.session.counters().receivedPrefixes, 20)
    two.left.session.setNextHops({ ipv4: parseAddress('192.0.2.77')! })
    two.clock.advance(20)
    assert.equal(two.right.session.counters().receivedPrefixes, 20, 'the same changes nothing')
    two.left.session.setNextHops({})
    two.clock.advance(20)
    const { announced, unsendable } = two.left.session.view()
    assert.deepEqual({ announced, unsendable }, { announced: 0, unsendable: 10 })
    assert.equal(two.left.session.view().flaps, 0)
  })
  it('each view is made anew, and told of, only when something is new in it', () => {
    const { clock, left } = met()
    const [view, told] = [left.session.view(), left.views.length]
    clock.advance(60_000)
    assert.equal(left.session.view(), view)
    assert.equal(left.views.length, told)
  })
})
