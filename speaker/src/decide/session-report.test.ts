import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { session, SINCE } from '../testing/speaker-report.ts'
import { lastingPart, type ReportedSession, sessionsCondition, shownSession } from './session-report.ts'

describe('a session in the status', () => {
  it('is what both have agreed upon, while it is established', () => {
    const watched = session('tor', {
      established: true,
      bfd: {
        state: 'up',
        since: SINCE,
        transmitMs: 50,
        receiveMs: 66.6667,
        detectMs: 150,
        echoMs: 1000,
        lastDown: 'the peer fell silent',
        ups: 2,
        downs: 1,
      },
    })
    assert.deepEqual(shownSession(watched), {
      peer: 'tor',
      neighbour: '192.0.2.1:179',
      state: 'Established',
      since: '2026-01-01T00:00:00.000Z',
      flaps: 0,
      announced: 3,
      pending: 0,
      unsendable: 0,
      localASN: 64_512,
      remoteASN: 64_513,
      remoteRouterID: '192.0.2.1',
      holdTime: '90s',
      keepaliveTime: '30s',
      families: ['IPv4', 'IPv6'],
      gracefulRestart: true,
      bfd: {
        state: 'Up',
        since: '2026-01-01T00:00:00.000Z',
        transmitInterval: '50ms',
        receiveInterval: '66.667ms',
        detectionTime: '150ms',
        echoInterval: '1s',
        lastDown: 'the peer fell silent',
      },
    })
  })
  it('is why it is not, while it is not', () => {
    const { state, lastError, remoteASN, bfd } = shownSession(session('tor', { lastError: 'no route to 192.0.2.1' }))
    assert.deepEqual([state, lastError, remoteASN, bfd], ['Active', 'no route to 192.0.2.1', undefined, undefined])
  })
  it('shows words of the peer such that they are stored as they are sent', () => {
    const long = `${'x'.repeat(1022)}🙂🙂`
    const { lastError = '' } = shownSession(session('tor', { lastError: long }))
    assert.equal(lastError.length, 1024)
    assert.ok(lastError.isWellFormed())
  })
})

describe('what of a session is worth a write soon', () => {
  const up = session('tor', { established: true })
  const down = session('tor')
  const rows: [what: string, a: ReportedSession, b: ReportedSession, worth: boolean][] = [
    ['another number of prefixes', up, { ...up, view: { ...up.view, announced: 9, pending: 1 } }, false],
    ['another step of connecting', down, { ...down, view: { ...down.view, state: 'openSent' } }, false],
    ['another attempt', down, { ...down, since: new Date(1) }, false],
    ['being established', down, up, true],
    ['being established anew', up, { ...up, since: new Date(1) }, true],
    ['another error', down, session('tor', { lastError: 'refused' }), true],
    ['a prefix that cannot be sent', up, { ...up, view: { ...up.view, unsendable: 1 } }, true],
    [
      'one more that cannot be sent',
      { ...up, view: { ...up.view, unsendable: 1 } },
      { ...up, view: { ...up.view, unsendable: 2 } },
      false,
    ],
  ]
  for (const [what, a, b, worth] of rows) {
    it(`${worth ? 'is' : 'is not'} ${what}`, () => {
      const [one, other] = [a, b].map((each) => JSON.stringify(lastingPart(shownSession(each))))
      assert.equal(one !== other, worth)
    })
  }
})

describe('the condition of all sessions', () => {
  it('is absent without peers', () => assert.equal(sessionsCondition([]), undefined))
  it('is True when all are established', () => {
    const all = [session('a', { established: true }), session('b', { established: true })]
    assert.deepEqual(sessionsCondition(all), {
      type: 'BGPSessions',
      status: 'True',
      reason: 'AllEstablished',
      message: '2 of 2',
    })
  })
  it('tells who is missing, and why', () => {
    const some = [session('b'), session('a', { lastError: 'it refuses' }), session('c', { established: true })]
    assert.deepEqual(sessionsCondition(some), {
      type: 'BGPSessions',
      status: 'False',
      reason: 'NotEstablished',
      message:
        '2 of 3 are not established: a (192.0.2.1:179): it refuses; b (192.0.2.1:179): has not been established yet',
    })
  })
  it('names five, and counts the others', () => {
    const many = Array.from({ length: 9 }, (_, at) => session(`p${at}`))
    assert.match(sessionsCondition(many)?.message ?? '', /^9 of 9 .* p4 [^;]*; and 4 more$/)
  })
})
