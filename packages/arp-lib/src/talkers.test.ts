import { formatAddress, parseAddress } from '@steelyard/net'
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { noteTalker, TALKER_LIMITS, type Talkers, talkersOf } from './talkers.ts'

const station = (index: number): { ip: ReturnType<typeof parseAddress> & object; mac: Uint8Array } => ({
  ip: parseAddress(`10.0.${index >> 8}.${index & 255}`)!,
  mac: Uint8Array.of(2, 0, 0, 0, index >> 8, index & 255),
})
const names = (talkers: Talkers, target: string, now: number): string[] =>
  talkersOf(talkers, target, now).map(({ ip }) => formatAddress(ip))

describe('known talkers', () => {
  it('are those who asked for this very address', () => {
    const talkers: Talkers = new Map()
    noteTalker(talkers, 'a', station(1), 0)
    noteTalker(talkers, 'b', station(2), 0)
    assert.deepEqual(names(talkers, 'a', 1000), ['10.0.0.1'])
    assert.deepEqual(names(talkers, 'c', 1000), [])
  })

  it('are known once, by their latest Ethernet address', () => {
    const talkers: Talkers = new Map()
    noteTalker(talkers, 'a', station(1), 0)
    noteTalker(talkers, 'a', { ...station(1), mac: station(9).mac }, 10)
    assert.deepEqual(
      talkersOf(talkers, 'a', 20).map(({ mac }) => mac),
      [station(9).mac],
    )
  })

  it('are forgotten after five minutes', () => {
    const talkers: Talkers = new Map()
    noteTalker(talkers, 'a', station(1), 0)
    noteTalker(talkers, 'a', station(2), 200_000)
    assert.deepEqual(names(talkers, 'a', 300_001), ['10.0.0.2'])
  })

  it('are not those who asked since: they were answered by whoever announces now', () => {
    const talkers: Talkers = new Map()
    noteTalker(talkers, 'a', station(1), 100)
    noteTalker(talkers, 'a', station(2), 200)
    assert.deepEqual(names(talkers, 'a', 200), ['10.0.0.1'])
  })

  it('never grow beyond their limits; the oldest goes first', () => {
    const talkers: Talkers = new Map()
    for (let index = 0; index < 50_000; index++) noteTalker(talkers, `t${index % 5000}`, station(index % 60_000), index)
    assert.equal(talkers.size, TALKER_LIMITS.targets)
    for (let index = 0; index < 100; index++) noteTalker(talkers, 'busy', station(index), 60_000)
    assert.equal(talkers.get('busy')?.size, TALKER_LIMITS.perTarget)
    assert.ok(names(talkers, 'busy', 60_001).includes('10.0.0.99'))
    assert.ok(!talkers.has('t0') || talkers.size <= TALKER_LIMITS.targets)
  })
})
