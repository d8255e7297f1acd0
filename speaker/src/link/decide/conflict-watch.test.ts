import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { LINK_CONFIG } from '../config.ts'
import type { ConflictFact } from '../messages.ts'
import {
  befriend,
  type ConflictWatch,
  conflictWatch,
  forgetConflicts,
  forgetDefence,
  type Heard,
  mayDefend,
  nextConflictAt,
  noteConflict,
  takeEnded,
} from './conflict-watch.ts'

const CONFIG = LINK_CONFIG.conflicts
const MAC = '02:00:00:00:00:66'
const HEARD: Heard = { ip: '192.0.2.99', mac: MAC, interface: 'eth0', form: 'arp-announcement', whose: 'foreign' }
const PEER: Heard = { ...HEARD, whose: 'peer' }

/** What is told at each of the times at which `heard` is heard, in short. */
const tellings = (watch: ConflictWatch, heard: Heard, times: readonly number[]): string[] =>
  times.flatMap((at) => noteConflict(watch, heard, at, CONFIG).map((fact) => `${at} ${inShort(fact)}`))
const inShort = ({ kind, times, whose }: ConflictFact): string => `${kind} ${whose} ${times}`

describe('a foreign use of an address', () => {
  it('is told at once, then each minute with all that was heard so far', () => {
    const told = tellings(conflictWatch(), HEARD, [0, 1, 30_000, 59_999, 60_000, 60_001, 120_000])
    assert.deepEqual(told, ['0 conflict foreign 1', '60000 conflict foreign 5', '120000 conflict foreign 7'])
  })

  it('says what was heard, by whom and where', () => {
    const [fact] = noteConflict(conflictWatch(), { ...HEARD, refused: true, keepUntil: 9 }, 0, CONFIG)
    assert.deepEqual(fact, {
      kind: 'conflict',
      ip: '192.0.2.99',
      mac: MAC,
      interface: 'eth0',
      form: 'arp-announcement',
      times: 1,
      whose: 'foreign',
      refused: true,
    })
  })

  it('has ended two minutes after it was heard last, and is new when it comes back', () => {
    const watch = conflictWatch()
    tellings(watch, HEARD, [0, 50_000])
    assert.deepEqual([nextConflictAt(watch), takeEnded(watch, 169_999)], [170_000, []])
    assert.deepEqual(takeEnded(watch, 170_000).map(inShort), ['conflictEnded foreign 2'])
    assert.equal(nextConflictAt(watch), undefined)
    assert.deepEqual(tellings(watch, HEARD, [170_001]), ['170001 conflict foreign 1'])
  })

  it('of a refused address has not ended before the next check', () => {
    const watch = conflictWatch()
    tellings(watch, { ...HEARD, keepUntil: 305_000 }, [0])
    assert.deepEqual([takeEnded(watch, 304_999), nextConflictAt(watch)], [[], 305_000])
  })

  it('is told apart by address and by MAC, not by interface', () => {
    const watch = conflictWatch()
    const others = [HEARD, { ...HEARD, ip: '192.0.2.98' }, { ...HEARD, mac: '02:00:00:00:00:67' }]
    assert.equal(others.flatMap((heard) => tellings(watch, heard, [0])).length, 3)
    assert.deepEqual(tellings(watch, { ...HEARD, interface: 'eth1' }, [1]), [])
  })

  it('is over when the address is not wanted here any more', () => {
    const watch = conflictWatch()
    tellings(watch, HEARD, [0])
    tellings(watch, { ...HEARD, ip: '192.0.2.98' }, [0])
    assert.deepEqual(forgetConflicts(watch, '192.0.2.99').map(inShort), ['conflictEnded foreign 1'])
    assert.equal(watch.pairs.size, 1)
  })
})

describe('a peer that uses an address of ours', () => {
  const table: [name: string, times: number[], told: string[]][] = [
    ['within a second is moving it: not told', [0, 50, 150, 350, 750, 1000], []],
    ['for longer than a second is told, once', [0, 50, 750, 1750, 2750], ['1750 conflict peer 4']],
    ['for a moment, and for another one later, is told neither time', [0, 50, 20_000, 20_050, 90_000], []],
    ['and goes on is told each minute', [0, 1750, 61_749, 61_750], ['1750 conflict peer 2', '61750 conflict peer 4']],
  ]
  for (const [name, times, told] of table) {
    it(name, () => assert.deepEqual(tellings(conflictWatch(), PEER, times), told))
  }

  it('and was never told does not end with a word', () => {
    const watch = conflictWatch()
    tellings(watch, PEER, [0])
    assert.deepEqual([takeEnded(watch, 120_000), watch.pairs.size], [[], 0])
  })

  it('before it was known as one: that conflict ends, and what follows must last', () => {
    const watch = conflictWatch()
    tellings(watch, HEARD, [0])
    assert.deepEqual(befriend(watch, new Set(['02:00:00:00:00:01'])), [])
    assert.deepEqual(befriend(watch, new Set([MAC])).map(inShort), ['conflictEnded foreign 1'])
    assert.deepEqual(tellings(watch, PEER, [10, 1000, 1011]), ['1011 conflict peer 3'])
  })
})

describe('whoever invents MACs', () => {
  const invented = (index: number): Heard => ({ ...HEARD, mac: `02:00:00:00:${index >> 8}:${index & 255}` })

  it('fills 256 places, of which the oldest go, and their end is told', () => {
    const watch = conflictWatch()
    const told = Array.from({ length: 10_000 }, (_, index) => tellings(watch, invented(index), [index * 1000])).flat()
    assert.equal(watch.pairs.size, CONFIG.mostPairs)
    assert.equal(told.filter((text) => text.includes('conflict ')).length, 10_000)
    assert.equal(told.filter((text) => text.includes('conflictEnded ')).length, 10_000 - CONFIG.mostPairs)
  })

  it('does not drown the main thread: a few are told at once, then a few a second', () => {
    const watch = conflictWatch()
    const told = Array.from({ length: 100_000 }, (_, index) => tellings(watch, invented(index), [index / 10])).flat()
    assert.ok(told.length <= 2 * (64 + 4 * 10), `${told.length} facts in 10 s`)
  })

  it('does not keep one that goes on from being told', () => {
    const watch = conflictWatch()
    for (let index = 0; index < 200; index++) noteConflict(watch, invented(index), 0, CONFIG)
    assert.deepEqual(tellings(watch, HEARD, [1, 251]), ['251 conflict foreign 2'])
  })
})

describe('a defence', () => {
  it('comes at once, and at most each ten seconds for an address on an interface', () => {
    const watch = conflictWatch()
    const may = (key: string, now: number): boolean => mayDefend(watch, key, now, CONFIG)
    assert.deepEqual(
      [0, 1, 9999, 10_000, 10_001].map((now) => may('a', now)),
      [true, false, false, true, false],
    )
    assert.equal(may('b', 10_001), true)
    forgetDefence(watch, 'a')
    assert.equal(may('a', 10_002), true)
  })
})
