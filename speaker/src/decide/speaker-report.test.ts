import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { shownSession } from './session-report.ts'
import { reportedConditions, reportedStatus, type ReportedStanding } from './speaker-report.ts'
import { address, REPORT, session, SINCE } from '../testing/speaker-report.ts'

const NAME = 'n'.repeat(253)

describe('the status of a speaker', () => {
  it('is what it reports, sorted, with counts for the columns', () => {
    const members = [
      { node: 'n2', status: 'dead', since: SINCE },
      { node: 'n1', status: 'alive', since: SINCE },
    ] as const
    const owned = [address('192.0.2.9'), { ...address('192.0.2.10'), services: ['shop/web', 'shop/api'] }]
    const drops = { WrongKey: 2, Malformed: 7, Replayed: 0 }
    const conflicts = [{ ip: '192.0.2.9', mac: '02:00:00:00:00:07', interface: 'eth0', since: SINCE }]
    const moves = [{ at: SINCE, ip: '192.0.2.9', from: '', to: 'n1', cause: 'NodeDead' }]
    const sessions = [session('tor-2'), session('tor-1', { established: true })]
    const report = { ...REPORT, sessions, policyGeneration: 3, members, owned, drops, conflicts, moves }
    assert.deepEqual(reportedStatus('n1', report), {
      node: 'n1',
      standing: 'settled',
      observedPolicyGeneration: 3,
      memberCount: 1,
      members: [
        { node: 'n1', status: 'alive', since: '2026-01-01T00:00:00.000Z' },
        { node: 'n2', status: 'dead', since: '2026-01-01T00:00:00.000Z' },
      ],
      ownedCount: 2,
      owned: [
        {
          ip: '192.0.2.10',
          epoch: 1,
          since: '2026-01-01T00:00:00.000Z',
          services: ['shop/api', 'shop/web'],
          cause: 'Planned',
        },
        { ip: '192.0.2.9', epoch: 1, since: '2026-01-01T00:00:00.000Z', services: ['shop/web'], cause: 'Planned' },
      ],
      moves: [{ at: '2026-01-01T00:00:00.000Z', ip: '192.0.2.9', from: '', to: 'n1', cause: 'NodeDead' }],
      conflicts: [{ ip: '192.0.2.9', mac: '02:00:00:00:00:07', interface: 'eth0', since: '2026-01-01T00:00:00.000Z' }],
      sessionCount: 2,
      establishedCount: 1,
      sessionsUp: '1/2',
      sessions: sessions.toReversed().map(shownSession),
      dropped: [
        { reason: 'Malformed', count: 7 },
        { reason: 'WrongKey', count: 2 },
      ],
    })
  })

  it('keeps the last 50 moves', () => {
    const moves = Array.from({ length: 80 }, (_, at) => ({ at: SINCE, ip: `${at}`, from: '', to: '', cause: '' }))
    const shown = reportedStatus('n1', { ...REPORT, moves }).moves.map(({ ip }) => ip)
    assert.deepEqual([shown.length, shown[0], shown.at(-1)], [50, '30', '79'])
  })

  it('stays below a mebibyte, whatever there is to tell, and tells the counts in full', () => {
    const many = Array.from({ length: 6000 }, (_, at) => at)
    const services = Array.from({ length: 40 }, (_, at) => `${NAME.slice(0, 63)}/${NAME}${at}`)
    const status = reportedStatus('n1', {
      ...REPORT,
      members: many.map((at) => ({ node: `${at}${NAME}`.slice(0, 253), status: 'alive', since: SINCE })),
      owned: many.map((at) => ({ ...address(`2001:db8::${at}`), services })),
      moves: many.map((at) => ({ at: SINCE, ip: `${at}`, from: NAME, to: NAME, cause: 'NodeDead' })),
      conflicts: many.map((at) => ({ ip: `${at}`, mac: '02:00:00:00:00:07', interface: 'eth0', since: SINCE })),
      sessions: many.map((at) => session(`${at}${NAME}`.slice(0, 253), { lastError: '🙂'.repeat(2000) })),
      drops: Object.fromEntries(many.map((at) => [`Reason${at}`, 1])),
    })
    const size = Buffer.byteLength(JSON.stringify(status))
    assert.ok(size < 2 ** 20, `${size}`)
    assert.deepEqual([status.memberCount, status.ownedCount], [6000, 6000])
    const { members, owned, moves, conflicts, dropped, sessions } = status
    assert.ok(members.length > 700 && owned.length > 4000, `${members.length} ${owned.length}`)
    assert.deepEqual([moves.length, conflicts.length, dropped.length], [50, 100, 100])
    assert.ok(sessions.length > 20, `${sessions.length}`)
    assert.equal(status.sessionsUp, '0/6000')
    assert.equal(owned[0]?.services.length, 8)
    assert.deepEqual(owned.at(-1)?.services, [])
  })

  it('names every address and member of a large cluster of ordinary names', () => {
    const members = Array.from({ length: 1000 }, (_, at) => ({
      node: `worker-${at}.example.com`,
      status: 'alive' as const,
      since: SINCE,
    }))
    const owned = Array.from({ length: 1000 }, (_, at) => ({ ...address(`10.0.${at >> 8}.${at & 255}`) }))
    const status = reportedStatus('n1', { ...REPORT, members, owned })
    assert.deepEqual([status.members.length, status.owned.length], [1000, 1000])
    assert.ok(status.owned.every(({ services }) => services.length === 1))
  })
})

describe('the conditions of a speaker', () => {
  const SILENT: readonly (readonly [ReportedStanding, string, RegExp])[] = [
    ['settled', 'NothingOwned', /owns no address/],
    ['settling', 'Settling', /just started/],
    ['doubting', 'Doubting', /late or cut off/],
    ['fenced', 'Fenced', /majority/],
    ['off', 'NothingOwned', /owns no address/],
  ]
  for (const [standing, reason, message] of SILENT) {
    it(`say why it announces nothing when ${standing}`, () => {
      const [announcing] = reportedConditions({ ...REPORT, standing })
      assert.deepEqual([announcing?.status, announcing?.reason], ['False', reason])
      assert.match(announcing?.message ?? '', message)
    })
  }
  const ANNOUNCED = [
    [1, 'answers for 1 address'],
    [2, 'answers for 2 addresses'],
  ] as const
  for (const [number, message] of ANNOUNCED) {
    it(`say that it ${message}`, () => {
      const owned = Array.from({ length: number }, (_, at) => address(`192.0.2.${at}`))
      const [announcing] = reportedConditions({ ...REPORT, owned })
      assert.deepEqual([announcing?.status, announcing?.message], ['True', message])
    })
  }
  it('name the first foreign machine, and count the others', () => {
    const conflict = { ip: '192.0.2.9', mac: '02:00:00:00:00:07', interface: 'eth0', since: SINCE }
    const textOf = (conflicts: readonly (typeof conflict)[]): readonly unknown[] => {
      const [, found] = reportedConditions({ ...REPORT, conflicts })
      return [found?.status, found?.reason, found?.message]
    }
    const one = '02:00:00:00:00:07 answers for 192.0.2.9 on eth0, which this node announces'
    assert.deepEqual(textOf([]), ['False', 'NoConflict', ''])
    assert.deepEqual(textOf([conflict]), ['True', 'ForeignAnswer', one])
    assert.deepEqual(textOf([conflict, conflict, conflict]), ['True', 'ForeignAnswer', `${one}, and 2 more conflicts`])
  })
})
