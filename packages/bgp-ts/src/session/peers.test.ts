import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { decodeMessage } from '../codec/message-codec.ts'
import { notificationOf } from '../codec/refusal.ts'
import { OPENING_TERMS } from '../codec/wire-terms.ts'
import { CEASE, ERROR_CODE, HEADER_BYTES, OPEN_ERROR } from '../constants.ts'
import type { Message, Open, RouteRefresh, Update } from '../message.ts'
import { route, routes } from '../testing/duet.ts'
import { type RawPeer, rawPeer } from '../testing/raw-peer.ts'
import { keepaliveBytes, openBytes } from './error-table.ts'

const TERMS = { ...OPENING_TERMS, fourOctetAsn: true }
function read(bytes: Uint8Array, terms = TERMS): Message | Update {
  const decoded = decodeMessage(bytes, terms)
  if (decoded.kind === 'message') return decoded.message
  assert.ok(decoded.kind === 'update', JSON.stringify(decoded))
  return decoded.update
}
const opens = (peer: RawPeer): Open[] => peer.heard('open').map((bytes) => read(bytes) as Open)
const kinds = (open: Open | undefined): string[] => open?.capabilities.map(({ kind }) => kind) ?? []
const notes = (peer: RawPeer): string[] =>
  peer.heard('notification').map((bytes) => bytes.subarray(HEADER_BYTES, HEADER_BYTES + 2).join('/'))
const errorOf = ({ session }: RawPeer): string => session.view().lastError ?? ''

function established(peer: RawPeer, open = openBytes()): RawPeer {
  peer.say(open)
  peer.say(keepaliveBytes())
  assert.equal(peer.session.view().state, 'established', errorOf(peer))
  return peer
}
const REFRESH: RouteRefresh = { kind: 'routeRefresh', afi: 1, safi: 1, subtype: 0 }

describe('our OPEN', () => {
  it('offers what there is to offer', () => {
    const peer = rawPeer(
      { families: [4, 6], extendedNextHop: true, gracefulRestart: { restartSeconds: 120 } },
      { restarting: true },
    )
    const [open] = opens(peer)
    assert.deepEqual(kinds(open), [
      'multiprotocol',
      'multiprotocol',
      'fourOctetAsn',
      'routeRefresh',
      'enhancedRouteRefresh',
      'extendedMessage',
      'extendedNextHop',
      'gracefulRestart',
    ])
    const restart = open?.capabilities.find(({ kind }) => kind === 'gracefulRestart')
    assert.deepEqual(restart, {
      kind: 'gracefulRestart',
      restarting: true,
      notification: true,
      restartSeconds: 120,
      families: [
        { afi: 1, safi: 1, forwarding: true },
        { afi: 2, safi: 1, forwarding: true },
      ],
    })
  })
  it('says that we have restarted until a session has been established, and not after', () => {
    const peer = rawPeer({ gracefulRestart: { restartSeconds: 120 } }, { restarting: true })
    peer.close('reset')
    peer.clock.advance(0)
    established(peer)
    peer.close('reset')
    peer.clock.advance(0)
    const restarting = opens(peer).map(({ capabilities }) =>
      capabilities.some((one) => one.kind === 'gracefulRestart' && one.restarting),
    )
    assert.deepEqual(restarting, [true, true, false])
  })
  it('shows AS_TRANS where the number needs four octets', () => {
    const [open] = opens(rawPeer({ localAsn: 4_200_000_000 }))
    assert.equal(open?.asn, 23_456)
    assert.ok(open?.capabilities.some((one) => one.kind === 'fourOctetAsn' && one.asn === 4_200_000_000))
  })
  it('is said once more with less by a peer that does not know a capability', () => {
    const peer = rawPeer({ gracefulRestart: { restartSeconds: 120 } })
    peer.say(notificationOf(ERROR_CODE.open, OPEN_ERROR.unsupportedCapability, Uint8Array.of(64, 2, 0, 120)))
    peer.clock.advance(0)
    assert.deepEqual(kinds(opens(peer)[1]), ['multiprotocol', 'fourOctetAsn'])
    assert.equal(established(peer).session.view().established?.routeRefresh, false)
  })
  it('is bare towards a peer that knows no capabilities at all, and whole again after that', () => {
    const peer = rawPeer()
    peer.say(notificationOf(ERROR_CODE.open, OPEN_ERROR.unsupportedParameter))
    peer.clock.advance(0)
    assert.deepEqual(kinds(opens(peer)[1]), [])
    established(peer, openBytes({ capabilities: [] }))
    peer.close('reset')
    peer.clock.advance(0)
    assert.ok(kinds(opens(peer)[2]).length > 3)
  })
  it('is not said again and again to a peer that refuses the bare one, too', () => {
    const peer = rawPeer()
    for (let times = 0; times < 2; times++) {
      peer.say(notificationOf(ERROR_CODE.open, OPEN_ERROR.unsupportedParameter))
      peer.clock.advance(0)
    }
    peer.say(notificationOf(ERROR_CODE.open, OPEN_ERROR.unsupportedParameter))
    peer.clock.advance(0)
    peer.say(notificationOf(ERROR_CODE.open, OPEN_ERROR.unsupportedParameter))
    assert.equal(peer.session.view().state, 'idle')
    peer.clock.advance(700)
    assert.equal(peer.session.view().state, 'idle')
  })
})

describe('an old peer of two octets', () => {
  it('sees AS_TRANS in the path, and AS4_PATH beside it', () => {
    const peer = rawPeer({ localAsn: 4_200_000_000 })
    peer.session.change(routes(route('203.0.113.0/24')))
    established(peer, openBytes({ capabilities: [] }))
    peer.clock.advance(0)
    const update = read(peer.heard('update')[0]!, OPENING_TERMS) as Update
    assert.deepEqual(update.attributes.asPath, [{ kind: 'sequence', asns: [23_456] }])
    assert.deepEqual(update.attributes.as4Path, [{ kind: 'sequence', asns: [4_200_000_000] }])
  })
})

describe('a route refresh', () => {
  const refreshed = (open?: Uint8Array): string[] => {
    const peer = rawPeer()
    peer.session.change(routes(route('203.0.113.0/24')))
    peer.session.complete()
    established(peer, open)
    peer.clock.advance(0)
    const before = peer.heard('update').length + peer.heard('routeRefresh').length
    peer.say(REFRESH)
    peer.clock.advance(0)
    const all = [...peer.heard('update').slice(2), ...peer.heard('routeRefresh')]
    assert.equal(all.length, peer.heard('update').length + peer.heard('routeRefresh').length - before)
    return all.map((bytes) => {
      const message = read(bytes)
      return message.kind === 'routeRefresh' ? `mark ${message.subtype}` : message.kind
    })
  }
  it('of a peer that knows RFC 7313 is answered between two marks', () =>
    assert.deepEqual(refreshed(), ['update', 'mark 1', 'mark 2']))
  it('of one that does not, without them', () => {
    const capabilities: Open['capabilities'] = [
      { kind: 'multiprotocol', afi: 1, safi: 1 },
      { kind: 'fourOctetAsn', asn: 64_513 },
      { kind: 'routeRefresh' },
    ]
    assert.deepEqual(refreshed(openBytes({ capabilities })), ['update'])
  })
  it('of a family that was not agreed upon is passed over', () => {
    const peer = established(rawPeer())
    peer.say({ ...REFRESH, afi: 2 })
    peer.clock.advance(0)
    assert.equal(peer.session.view().state, 'established')
    assert.equal(peer.heard('update').length, 0)
  })
})

describe('a peer that is none', () => {
  it('and hangs up at our OPEN, is asked about in a sentence', () => {
    const peer = rawPeer()
    peer.close('connection reset by peer')
    assert.match(errorOf(peer), /^the peer closed the connection right after our OPEN: it may not know this neighbour/)
  })
  it('and sends no OPEN, is told so after 10 s', () => {
    const peer = rawPeer()
    peer.clock.advance(9999)
    assert.equal(peer.session.view().state, 'openSent')
    peer.clock.advance(1)
    assert.deepEqual(notes(peer), ['4/0'])
    assert.match(errorOf(peer), /sent no OPEN within 10 s/)
  })
  it('and answers with a greeting of another protocol, is told so', () => {
    const peer = rawPeer()
    peer.say(new TextEncoder().encode('SSH-2.0-OpenSSH_9.6\r\n'))
    assert.deepEqual(notes(peer), ['1/1'])
  })
  it('and reads nothing for 8 minutes, is told and left (RFC 9687)', () => {
    const peer = rawPeer()
    established(peer, openBytes({ holdSeconds: 0 }))
    peer.setRoom(false)
    peer.session.change(routes(route('203.0.113.0/24')))
    peer.clock.advance(479_999)
    assert.equal(peer.session.view().state, 'established')
    peer.clock.advance(1)
    assert.deepEqual(notes(peer), ['8/0'])
    assert.match(errorOf(peer), /has read nothing of what we sent for 480 s/)
  })
  it('and comes and goes, is waited for ever longer', () => {
    const peer = rawPeer()
    const waits: number[] = []
    for (let times = 0; times < 6; times++) {
      const [before, at] = [peer.connections(), peer.clock.now()]
      established(peer)
      peer.close('reset')
      while (peer.connections() === before) peer.clock.advance(Math.max(0, peer.clock.nextWakeAt()! - peer.clock.now()))
      waits.push(Math.round((peer.clock.now() - at) / 1000))
      peer.clock.advance(0)
    }
    assert.equal(waits[0], 0)
    for (const [index, least, most] of [
      [2, 1, 2],
      [3, 3, 4],
      [4, 6, 8],
      [5, 12, 16],
    ] as const)
      assert.ok(waits[index]! >= least && waits[index]! <= most, waits.join(' '))
  })
  const waitsOf = (peer: RawPeer, times: number): number[] =>
    Array.from({ length: times }, () => {
      const [before, at] = [peer.connections(), peer.clock.now()]
      peer.close('connection refused')
      while (peer.connections() === before) peer.clock.advance(Math.max(0, peer.clock.nextWakeAt()! - peer.clock.now()))
      return (peer.clock.now() - at) / 1000
    })
  it('and refuses every connection, is tried again after 0, 1, 2, 4 … 120 s, less a random quarter at most', () => {
    const waits = waitsOf(rawPeer({}, { answers: false }), 11)
    for (const [index, most] of [0, 1, 2, 4, 8, 16, 32, 64, 120, 120, 120].entries())
      assert.ok(waits[index]! >= most * 0.75 && waits[index]! <= most, `wait ${index}: ${waits[index]} s`)
  })
  it('and refuses every connection, is tried as often as is wished, and the reason is what the transport says', () => {
    const peer = rawPeer({ connectMs: 60_000 }, { answers: false })
    assert.deepEqual(waitsOf(peer, 3), [60, 60, 60])
    peer.close('connection refused: nothing listens on port 179')
    assert.equal(errorOf(peer), 'connection refused: nothing listens on port 179')
  })
})

describe('a peer that connects to us', () => {
  const passive = { passive: true } as const
  it('is waited for, when it is to', () => {
    const peer = rawPeer(passive)
    assert.equal(peer.session.view().state, 'active')
    peer.clock.advance(3_600_000)
    assert.equal(peer.connections(), 0)
    peer.call()
    established(peer)
  })
  it('is told that there is a session already', () => {
    const peer = rawPeer(passive)
    peer.call()
    established(peer)
    peer.call()
    assert.deepEqual(notes(peer), ['6/7'])
    assert.equal(peer.session.view().state, 'established')
  })
  it('and has begun anew under graceful restart, is let in, and the old connection goes without a word', () => {
    const peer = rawPeer({ ...passive, gracefulRestart: { restartSeconds: 120 } })
    const restart = {
      kind: 'gracefulRestart' as const,
      restarting: true,
      notification: false,
      restartSeconds: 1,
      families: [],
    }
    peer.call()
    established(peer, openBytes({ capabilities: [restart] }))
    peer.call()
    assert.deepEqual(notes(peer), [])
    established(peer, openBytes({ capabilities: [restart] }))
    assert.equal(peer.session.view().flaps, 1)
  })
  it('and is Established so, needs our own connection no more', () => {
    const peer = rawPeer()
    peer.call()
    established(peer)
    assert.deepEqual(notes(peer), ['6/7'])
    assert.equal(peer.isOver(), false, 'it is ours that is closed')
  })
  it('is refused once the session is stopped', () => {
    const peer = rawPeer(passive)
    void peer.session.stop({ kind: 'cease', subcode: CEASE.administrativeShutdown })
    peer.call()
    assert.deepEqual(notes(peer), ['6/5'])
  })
})

describe('whose AS it is, is checked where any will do', () => {
  for (const [kind, asn, ok] of [
    ['internal', 64_512, true],
    ['internal', 64_513, false],
    ['external', 64_513, true],
    ['external', 64_512, false],
  ] as const) {
    it(`${kind}: AS ${asn} is ${ok ? 'taken' : 'refused'}`, () => {
      const peer = rawPeer({ peerAsn: { kind } })
      peer.say(openBytes({ asn, capabilities: [{ kind: 'fourOctetAsn', asn }] }))
      assert.deepEqual(notes(peer), ok ? [] : ['2/2'])
    })
  }
})
