import { EMPTY_RECORD } from '@steelyard/membership'
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { claim, memberLan, statusesOf, toldBy } from './member-lan.ts'
import { answers, ask, BURST_MS, hush, own, requestsFrom, started, startedPair, VIP } from './member-story.ts'

describe('a worker answers', () => {
  it('nothing before it has settled, and then begins with a burst', () => {
    const lan = memberLan(2)
    const [one] = lan.nodes
    assert.ok(one !== undefined)
    own(one, claim(VIP))
    ask(lan)
    lan.run(900)
    ask(lan)
    lan.run(90)
    assert.deepEqual([statusesOf(one)['own'], lan.heard], ['settling', []])
    lan.run(7000)
    const settledAt = lan.heard[0]?.at ?? 0
    assert.ok(settledAt >= 1000 && settledAt < 1100, `${settledAt}`)
    assert.deepEqual(requestsFrom(lan, '01', settledAt), BURST_MS)
    assert.ok(
      lan.heard.some(({ text }) => text.startsWith('01 > 0c arp reply')),
      'who asked meanwhile is told',
    )
    hush(lan)
    ask(lan)
    lan.run(5)
    assert.deepEqual(answers(lan), { '01': 1 })
  })

  it('nothing after it was stopped, if another has taken the address meanwhile', () => {
    const lan = started(3)
    const [one, two] = lan.nodes
    assert.ok(one !== undefined && two !== undefined)
    own(one, claim(VIP))
    lan.run(6000)
    one.isFrozen = true
    lan.run(1000)
    own(two, claim(VIP, { epoch: 2 }))
    lan.run(6000)
    hush(lan)
    for (let asked = 0; asked < 5; asked++) ask(lan)
    one.isFrozen = false
    for (let asked = 0; asked < 20; asked++) {
      ask(lan)
      lan.run(20)
    }
    assert.deepEqual(Object.keys(answers(lan)), ['02'])
    assert.deepEqual(toldBy(one, 'silenced').at(-1), { kind: 'silenced', ips: [VIP] })
  })

  it('nothing after it was stopped and cut off, before it has heard from the others at all', () => {
    const lan = started(3)
    const [one, two] = lan.nodes
    assert.ok(one !== undefined && two !== undefined)
    own(one, claim(VIP))
    lan.run(6000)
    one.isFrozen = true
    one.port.isShut = true
    lan.run(1000)
    own(two, claim(VIP, { epoch: 2 }))
    lan.run(6000)
    hush(lan)
    one.port.isShut = false
    // Nothing waits for it but this.
    ask(lan)
    lan.run(1)
    const told = one.facts.length
    one.isFrozen = false
    lan.run(1000)
    assert.deepEqual(Object.keys(answers(lan)), ['02'])
    const standings = one.facts.slice(told).flatMap((fact) => (fact.kind === 'members' ? [fact.standing] : []))
    assert.deepEqual([standings[0], standings.at(-1)], ['doubting', 'settled'])
  })

  it('again with a burst after it was stopped, if nobody has taken the address', () => {
    const lan = started(3)
    const [one] = lan.nodes
    assert.ok(one !== undefined)
    own(one, claim(VIP))
    lan.run(6000)
    one.isFrozen = true
    lan.run(2000)
    hush(lan)
    ask(lan)
    one.isFrozen = false
    lan.run(10_000)
    const again = lan.heard[0]?.at ?? 0
    assert.ok(again > 9000 && again < 9310, `${again}`)
    assert.deepEqual(requestsFrom(lan, '01', again), BURST_MS)
  })

  it('no request that waited together with a better claim', () => {
    const { lan, one, two } = startedPair()
    own(one, claim(VIP))
    lan.run(6000)
    // Too short for a doubt: what waits is all that this turn has to go by.
    one.isFrozen = true
    hush(lan)
    ask(lan)
    two.desire({}, { record: { ...EMPTY_RECORD, claims: [claim(VIP, { epoch: 2 })] } })
    lan.run(50)
    ask(lan)
    one.isFrozen = false
    lan.run(10)
    assert.deepEqual(answers(lan), {})
    assert.deepEqual(toldBy(one, 'silenced').at(-1)?.ips, [VIP])
  })

  it('again once it has the better claim, and not because the other has died', () => {
    const { lan, one, two } = startedPair()
    own(one, claim(VIP))
    own(two, claim(VIP, { epoch: 2 }))
    lan.run(6000)
    assert.deepEqual(toldBy(one, 'silenced').at(-1)?.ips, [VIP])
    two.port.isShut = true
    lan.run(2000)
    hush(lan)
    ask(lan)
    // The same claim again is no better one.
    own(one, claim(VIP))
    lan.run(2000)
    assert.deepEqual(answers(lan), {})
    const from = lan.clock.now()
    own(one, claim(VIP, { epoch: 3 }))
    lan.run(7000)
    assert.deepEqual(toldBy(one, 'silenced').at(-1)?.ips, [])
    assert.deepEqual(requestsFrom(lan, '01', from), BURST_MS)
  })

  it('nothing for an address that is beaten still, whatever its new claim', () => {
    const { lan, one, two } = startedPair()
    own(one, claim(VIP))
    two.desire({}, { record: { ...EMPTY_RECORD, claims: [claim(VIP, { epoch: 5 })] } })
    lan.run(100)
    hush(lan)
    own(one, claim(VIP, { epoch: 4 }))
    lan.run(100)
    ask(lan)
    lan.run(5000)
    assert.deepEqual(answers(lan), {})
    one.desire({ addresses: [] }, { record: EMPTY_RECORD })
    lan.run(100)
    assert.deepEqual(toldBy(one, 'silenced').at(-1)?.ips, [])
  })
})
