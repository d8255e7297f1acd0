import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { advance, membersOf, type Room, seatOf, settledRoom, sit, standingOf, tell } from './testing/room.ts'

const FENCED = { fencing: 'fenced' as const }

/** Two halves that hear nothing of each other. */
function split(all: Room, half: string): void {
  all.cuts = (from, to) => half.includes(from) !== half.includes(to)
}

describe('a member that was late itself', () => {
  it('judges nobody for what it slept through, and doubts itself before it reads what has come meanwhile', () => {
    const three = settledRoom(['a', 'b', 'c'])
    seatOf(three, 'a').isAsleep = true
    advance(three, 5000)
    seatOf(three, 'a').isAsleep = false
    tell(three, 'a', { kind: 'stalled', lagMs: 4950 })
    assert.equal(standingOf(three, 'a'), 'doubting')
    assert.deepEqual(membersOf(three, 'a'), { b: 'alive', c: 'alive' })
    advance(three, 1)
    assert.equal(standingOf(three, 'a'), 'doubting', 'what waited proves nothing')
    advance(three, 1500)
    assert.equal(standingOf(three, 'a'), 'settled')
    assert.equal(membersOf(three, 'b')['a'], 'alive')
  })
  it('by less than it takes to be missed, does not', () => {
    const two = settledRoom(['a', 'b'])
    tell(two, 'a', { kind: 'tick', lagMs: 299 })
    assert.equal(standingOf(two, 'a'), 'settled')
    tell(two, 'a', { kind: 'tick', lagMs: 300 })
    assert.equal(standingOf(two, 'a'), 'doubting')
    advance(two, 10)
    assert.equal(standingOf(two, 'a'), 'settled')
  })
  it('answers who asks about one that it heard just before that it hears it, although its clock was set back since', () => {
    const three = settledRoom(['a', 'b', 'c'])
    three.cuts = (from, to) => from === 'b' && to === 'c'
    for (let ms = 0; ms < 600; ms++) {
      advance(three, 1)
      tell(three, 'a', { kind: 'stalled', lagMs: 60 })
    }
    assert.equal(membersOf(three, 'c')['b'], 'alive, indirect')
  })
  it('doubts for 300 ms at most when a peer does not answer', () => {
    const three = settledRoom(['a', 'b', 'c'])
    three.seats.delete('c')
    tell(three, 'a', { kind: 'stalled', lagMs: 400 })
    advance(three, 290)
    assert.equal(standingOf(three, 'a'), 'doubting')
    advance(three, 15)
    assert.equal(standingOf(three, 'a'), 'settled')
  })
  it('doubts until the newest record is there', () => {
    const two = settledRoom(['a', 'b'])
    seatOf(two, 'a').isAsleep = true
    two.cuts = (_from, to) => to === 'a'
    tell(two, 'b', { kind: 'publish', record: { claims: [], draining: true, missing: [], impaired: [], macs: [] } })
    advance(two, 1000)
    two.cuts = () => false
    seatOf(two, 'a').isAsleep = false
    tell(two, 'a', { kind: 'stalled', lagMs: 1000 })
    for (let ms = 0; ms < 250 && standingOf(two, 'a') === 'doubting'; ms++) advance(two, 1)
    assert.equal(standingOf(two, 'a'), 'settled')
    assert.equal(seatOf(two, 'a').state.peers.get('b')?.held?.record.draining, true)
  })
})

describe('a member without a carrier', () => {
  it('judges nobody, answers for nothing, and doubts when the carrier is back', () => {
    const three = settledRoom(['a', 'b', 'c'])
    three.cuts = (from, to) => from === 'a' || to === 'a'
    tell(three, 'a', { kind: 'carrier', up: false })
    assert.equal(standingOf(three, 'a'), 'doubting')
    advance(three, 3000)
    assert.deepEqual(membersOf(three, 'a'), { b: 'alive', c: 'alive' })
    assert.equal(membersOf(three, 'b')['a'], 'dead')
    three.cuts = () => false
    tell(three, 'a', { kind: 'carrier', up: true })
    assert.equal(standingOf(three, 'a'), 'doubting')
    advance(three, 1500)
    assert.equal(standingOf(three, 'a'), 'settled')
    assert.equal(membersOf(three, 'b')['a'], 'alive')
  })
})

describe('the lesser half', () => {
  it('knows that it is one before it has given up a single member', () => {
    const five = settledRoom(['a', 'b', 'c', 'd', 'e'])
    split(five, 'ab')
    advance(five, 340)
    assert.ok(!Object.values(membersOf(five, 'a')).includes('dead'))
    assert.equal(seatOf(five, 'a').state.hasMajority, false)
    assert.equal(seatOf(five, 'c').state.hasMajority, true)
    assert.equal(standingOf(five, 'a'), 'settled')
  })
  it('is none where the others died one after the other', () => {
    const three = settledRoom(['a', 'b', 'c'])
    three.seats.delete('c')
    advance(three, 6000)
    three.seats.delete('b')
    advance(three, 600)
    assert.equal(seatOf(three, 'a').state.hasMajority, true)
  })
})

describe('a fenced member', () => {
  const halves: [name: string, all: string, half: string, goesOn: string, stops: string][] = [
    ['of the lesser half stops', 'abcde', 'ab', 'cde', 'ab'],
    ['of two equal halves goes on with the lowest name', 'abcd', 'bd', 'ac', 'bd'],
  ]
  for (const [name, all, half, goesOn, stops] of halves) {
    it(`${name}, before the others take over`, () => {
      const room = settledRoom(all.split(''), FENCED)
      split(room, half)
      advance(room, 340)
      for (const node of stops) assert.equal(standingOf(room, node), 'fenced', node)
      for (const node of goesOn) {
        assert.equal(standingOf(room, node), 'settled', node)
        assert.ok(!Object.values(membersOf(room, node)).includes('dead'), 'no verdict yet')
      }
      advance(room, 20_000)
      for (const node of stops) assert.equal(standingOf(room, node), 'fenced', node)
      for (const node of goesOn) assert.equal(standingOf(room, node), 'settled', node)
      room.cuts = () => false
      advance(room, 2500)
      for (const node of all) assert.equal(standingOf(room, node), 'settled', node)
    })
  }
  it('of two asks the gateway, and goes on for as long as that answers', () => {
    const two = settledRoom(['a', 'b'], FENCED)
    split(two, 'a')
    advance(two, 340)
    assert.equal(standingOf(two, 'b'), 'fenced')
    assert.ok(seatOf(two, 'b').told.some(({ kind }) => kind === 'askWitness'))
    tell(two, 'b', { kind: 'witness', reachable: true })
    assert.notEqual(standingOf(two, 'b'), 'fenced')
    advance(two, 310)
    assert.equal(standingOf(two, 'b'), 'settled')
    advance(two, 300)
    assert.equal(standingOf(two, 'b'), 'fenced', 'the answer is too old')
    assert.equal(standingOf(two, 'a'), 'fenced', 'nobody answered it')
  })
  it('that starts in the lesser half does not begin', () => {
    const five = settledRoom(['a', 'b', 'c', 'd', 'e'], FENCED)
    split(five, 'ab')
    advance(five, 1000)
    sit(five, 'a', ['a', 'b', 'c', 'd', 'e'])
    advance(five, 20_000)
    assert.equal(standingOf(five, 'a'), 'fenced')
  })
})
