import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type AddressClaim, EMPTY_RECORD, type NodeRecord } from './record.ts'
import { advance, lastOf, type Room, seatOf, settledRoom, sit, tell } from './testing/room.ts'

const NAMES = ['a', 'b', 'c']
const claim = (ip: string, epoch: number, minority = false): AddressClaim => ({ ip, epoch, minority, releasing: false })
const claiming = (...claims: readonly AddressClaim[]): NodeRecord => ({ ...EMPTY_RECORD, claims })

function publish(room: Room, node: string, record: NodeRecord): void {
  tell(room, node, { kind: 'publish', record })
  tell(room, node, { kind: 'tick', lagMs: 0 })
}

const heldBy = (room: Room, node: string, of: string) => seatOf(room, node).state.peers.get(of)?.held
const toldOf = (room: Room, node: string, of: string): (NodeRecord | undefined)[] =>
  seatOf(room, node).told.flatMap((effect) => (effect.kind === 'record' && effect.node === of ? [effect.record] : []))

describe('a record', () => {
  const mine = claiming(claim('192.0.2.1', 1))

  it('is with all others as soon as it is published', () => {
    const three = settledRoom(NAMES)
    publish(three, 'a', mine)
    advance(three, 2)
    assert.deepEqual(lastOf(seatOf(three, 'b'), 'record'), { kind: 'record', node: 'a', record: mine })
  })
  it('that is the same again is no new version', () => {
    const three = settledRoom(NAMES)
    publish(three, 'a', mine)
    publish(three, 'a', { ...mine })
    advance(three, 200)
    assert.equal(heldBy(three, 'b', 'a')?.version, 1)
    assert.equal(toldOf(three, 'b', 'a').length, 1)
  })
  it('that was lost is asked for after the next beat, and comes from somebody else if need be', () => {
    const three = settledRoom(NAMES)
    three.cuts = (from, to) => from === 'a' && to === 'b'
    publish(three, 'a', mine)
    advance(three, 2)
    tell(three, 'b', { kind: 'tick', lagMs: 0 })
    assert.equal(heldBy(three, 'b', 'a'), undefined)
    let beats = 0
    // Only beats of `a` get to `b`: each part of a record is longer.
    three.cuts = (from, to) => from === 'a' && to === 'b' && (beats += 1) > 1
    advance(three, 450)
    assert.deepEqual(heldBy(three, 'b', 'a')?.record, mine)
  })
  it('of a thousand claims comes in parts, through a network that loses every fifth packet', () => {
    const three = settledRoom(NAMES)
    let sent = 0
    three.cuts = () => (sent += 1) % 5 === 0
    const large = claiming(
      ...Array.from({ length: 1000 }, (_, index) => claim(`192.0.${100 + (index >> 8)}.${index & 255}`, 1)),
    )
    const sorted = { ...large, claims: large.claims.toSorted((one, other) => (one.ip < other.ip ? -1 : 1)) }
    publish(three, 'a', sorted)
    advance(three, 1000)
    for (const node of ['b', 'c']) assert.deepEqual(heldBy(three, node, 'a')?.record, sorted, node)
  })
  it('of a member that died or left counts no more, and counts again when the member is back', () => {
    const three = settledRoom(NAMES)
    publish(three, 'a', mine)
    three.cuts = (from, to) => from === 'a' || to === 'a'
    advance(three, 1000)
    assert.deepEqual(toldOf(three, 'b', 'a'), [mine, undefined])
    three.cuts = () => false
    advance(three, 1500)
    assert.deepEqual(toldOf(three, 'b', 'a'), [mine, undefined, mine])
    tell(three, 'a', { kind: 'leave' })
    advance(three, 2)
    assert.deepEqual(toldOf(three, 'b', 'a'), [mine, undefined, mine, undefined])
  })
  it('of an earlier life is not the present one', () => {
    const three = settledRoom(NAMES)
    publish(three, 'a', mine)
    advance(three, 2)
    sit(three, 'a', NAMES)
    advance(three, 50)
    assert.deepEqual(toldOf(three, 'b', 'a'), [mine, undefined])
  })
  it('of a member that is long dead is forgotten', () => {
    const three = settledRoom(NAMES, { keepDeadMs: 5000 })
    publish(three, 'a', mine)
    advance(three, 2)
    three.seats.delete('a')
    advance(three, 5000)
    assert.notEqual(heldBy(three, 'b', 'a'), undefined)
    advance(three, 1000)
    assert.equal(heldBy(three, 'b', 'a'), undefined)
  })
  it('of all is there before a member that starts anew is settled', () => {
    const three = settledRoom(NAMES)
    publish(three, 'a', mine)
    publish(three, 'b', claiming(claim('192.0.2.2', 4)))
    advance(three, 2)
    const seat = sit(three, 'c', NAMES)
    for (let ms = 0; ms < 500 && seat.state.standing !== 'settled'; ms++) advance(three, 1)
    assert.equal(seat.state.standing, 'settled')
    assert.deepEqual([heldBy(three, 'c', 'a')?.version, heldBy(three, 'c', 'b')?.version], [1, 1])
  })
})

describe('an own claim', () => {
  const rows: [name: string, own: AddressClaim, theirs: AddressClaim, beaten: readonly string[]][] = [
    ['is beaten by a later epoch', claim('192.0.2.1', 1), claim('192.0.2.1', 2), ['192.0.2.1']],
    ['is not by an earlier one', claim('192.0.2.1', 3), claim('192.0.2.1', 2), []],
    ['of a minority is beaten by any of a majority', claim('192.0.2.1', 9, true), claim('192.0.2.1', 2), ['192.0.2.1']],
    ['has nothing to do with another address', claim('192.0.2.1', 1), claim('192.0.2.2', 2), []],
  ]
  for (const [name, own, theirs, beaten] of rows) {
    it(name, () => {
      const three = settledRoom(NAMES)
      publish(three, 'a', claiming(own))
      publish(three, 'b', claiming(theirs))
      advance(three, 2)
      assert.deepEqual(lastOf(seatOf(three, 'a'), 'beaten')?.ips ?? [], beaten)
    })
  }
  it('is beaten no more when the other is dead, or when it is raised itself', () => {
    const three = settledRoom(NAMES)
    publish(three, 'a', claiming(claim('192.0.2.1', 1), claim('192.0.2.2', 1)))
    publish(three, 'b', claiming(claim('192.0.2.1', 2), claim('192.0.2.2', 2)))
    advance(three, 2)
    publish(three, 'a', claiming(claim('192.0.2.1', 3), claim('192.0.2.2', 1)))
    assert.deepEqual(lastOf(seatOf(three, 'a'), 'beaten')?.ips, ['192.0.2.2'])
    three.seats.delete('b')
    advance(three, 600)
    assert.deepEqual(lastOf(seatOf(three, 'a'), 'beaten')?.ips, [])
  })
})
