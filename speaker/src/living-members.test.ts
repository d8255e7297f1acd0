import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { EMPTY_RECORD, type MemberView } from '@steelyard/membership'
import { createLogger } from '@steelyard/program'
import { fakeClock } from '@steelyard/runtime'
import { followPeers, type Hearing, type Peers } from './peers.ts'

function peersOf(clock = fakeClock()): Peers & Hearing {
  return followPeers({
    self: 'a',
    isOn: true,
    knownNodes: () => ['a', 'b'],
    readySpeakers: () => new Set(),
    clock,
    log: createLogger({ level: 'none', caller: 'test' }),
    onLiving: () => {},
    onRecord: () => {},
  })
}

const view = (status: MemberView['status']): MemberView => ({
  node: 'b',
  status,
  since: 0,
  incarnation: 0,
  recordVersion: 1,
  indirect: false,
})

describe('who lives', () => {
  it('is whoever has a record, before the list says so: what it claims is not up for the taking', () => {
    const peers = peersOf()
    peers.onMembers({ members: [view('dead')], standing: 'settled', majority: true })
    assert.deepEqual([...peers.living()], ['a'])
    peers.onRecord('b', EMPTY_RECORD)
    assert.deepEqual([...peers.living()].sort(), ['a', 'b'])
    peers.onRecord('b', undefined)
    assert.deepEqual([...peers.living()], ['a'])
  })
})

describe('a member', () => {
  it('has its status since this node heard of it, whatever the clock of the worker says', () => {
    const clock = fakeClock()
    const peers = peersOf(clock)
    const hear = (since: number): number | undefined => {
      peers.onMembers({ members: [{ ...view('alive'), since }], standing: 'settled', majority: true })
      return peers.members()[0]?.since
    }
    clock.advance(500)
    assert.equal(hear(7000), 500)
    clock.advance(500)
    assert.deepEqual([hear(7000), hear(7400)], [500, 1000])
  })
})

describe('a majority', () => {
  it('counts from its return, and always when it was never missed', () => {
    const clock = fakeClock()
    const peers = peersOf(clock)
    peers.onMembers({ members: [view('alive')], standing: 'settled', majority: true })
    assert.equal(peers.majoritySince(), Number.NEGATIVE_INFINITY)
    peers.onMembers({ members: [view('dead')], standing: 'settled', majority: false })
    assert.equal(peers.majoritySince(), undefined)
    clock.advance(100)
    peers.onMembers({ members: [view('alive')], standing: 'settled', majority: true })
    assert.equal(peers.majoritySince(), 100)
  })
})
