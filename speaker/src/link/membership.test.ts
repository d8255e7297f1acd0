import { type AddressClaim, EMPTY_RECORD } from '@steelyard/membership'
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { claim, type MemberLan, memberLan, type MemberNode, statusesOf, toldBy } from './member-lan.ts'
import { arpRequest, mac } from './memory-lan.ts'

const VIP = '192.0.2.99'
const BURST_MS = [0, 50, 150, 350, 750, 1750, 2750, 3750, 4750]
const SETTLED = { own: 'settled' }

function ask(lan: MemberLan): void {
  lan.client.send(arpRequest(VIP, { from: mac('0c') }))
}

/** The node announces the address, with this claim on it. */
function own(node: MemberNode | undefined, ...claims: AddressClaim[]): void {
  node?.desire({ addresses: [{ ip: VIP, interfaces: 'all' }] }, { record: { ...EMPTY_RECORD, claims } })
}

function started(count: number, options: Parameters<typeof memberLan>[1] = {}): MemberLan {
  const lan = memberLan(count, options)
  for (const node of lan.nodes) node.desire({})
  lan.run(1000)
  return lan
}

/** Whose MACs the client was told the address is at since `hush`, and by how many frames. */
function answers(lan: MemberLan): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { text } of lan.heard) {
    const from = / reply 192.0.2.99 at (\w+) /.exec(text)?.[1]
    if (from !== undefined) counts[from] = (counts[from] ?? 0) + 1
  }
  return counts
}
const hush = (lan: MemberLan): void => void lan.heard.splice(0)
const requestsFrom = (lan: MemberLan, last: string, from: number): number[] =>
  lan.heard.filter(({ text }) => text.includes(`arp request ${VIP} at ${last}`)).map(({ at }) => Math.round(at - from))

describe('workers on one LAN', () => {
  for (const count of [2, 3]) {
    it(`find each other, ${count} of them, and settle before a start without the others would`, () => {
      const lan = memberLan(count)
      for (const node of lan.nodes) node.desire({})
      lan.run(500)
      for (const node of lan.nodes) {
        const others = lan.nodes.filter((other) => other !== node).map(({ name }) => [name, 'alive'])
        assert.deepEqual(statusesOf(node), { ...Object.fromEntries(others), ...SETTLED })
      }
    })
  }

  it('say of one that is cut off that it is dead within 0.6 s, and of one that comes back that it lives', () => {
    const lan = started(3)
    const [one, two, three] = lan.nodes
    assert.ok(one !== undefined && two !== undefined && three !== undefined)
    three.port.isShut = true
    lan.run(600)
    assert.deepEqual(statusesOf(one), { n2: 'alive', n3: 'dead', ...SETTLED })
    assert.deepEqual(statusesOf(two), { n1: 'alive', n3: 'dead', ...SETTLED })
    assert.equal(toldBy(three, 'members').at(-1)?.majority, false)
    three.port.isShut = false
    lan.run(3000)
    assert.deepEqual(lan.nodes.map(statusesOf), [
      { n2: 'alive', n3: 'alive', ...SETTLED },
      { n1: 'alive', n3: 'alive', ...SETTLED },
      { n1: 'alive', n2: 'alive', ...SETTLED },
    ])
  })

  it('judge nobody while their own cable is out', () => {
    const lan = started(3)
    const [one] = lan.nodes
    assert.ok(one !== undefined)
    one.eth0.change({ carrier: false })
    lan.run(5000)
    assert.deepEqual(statusesOf(one), { n2: 'alive', n3: 'alive', own: 'doubting' })
    assert.deepEqual(toldBy(one, 'interfaces').at(-1), {
      kind: 'interfaces',
      interfaces: [],
      impaired: ['eth0'],
      macs: [],
    })
    one.eth0.change({ carrier: true })
    lan.run(2000)
    assert.deepEqual(statusesOf(one), { n2: 'alive', n3: 'alive', ...SETTLED })
    const interfaces = [{ name: 'eth0', arp: true, ndp: true }]
    const macs = [mac('01')]
    assert.deepEqual(toldBy(one, 'interfaces').at(-1), { kind: 'interfaces', interfaces, impaired: [], macs })
  })

  it('hear a goodbye at once, and who has said it is silent', () => {
    const lan = started(2)
    const [one, two] = lan.nodes
    assert.ok(one !== undefined && two !== undefined)
    own(one, claim(VIP))
    lan.run(100)
    one.desire({}, { leaving: true })
    lan.run(5)
    assert.equal(statusesOf(two)['n1'], 'left')
    hush(lan)
    ask(lan)
    lan.run(5000)
    assert.deepEqual(lan.heard, [])
  })

  it('tell what others say of themselves, and when it counts no more', () => {
    const lan = started(2)
    const [one, two] = lan.nodes
    assert.ok(one !== undefined && two !== undefined)
    own(two, claim(VIP, { epoch: 7 }))
    lan.run(50)
    assert.deepEqual(toldBy(one, 'record').at(-1)?.record?.claims, [claim(VIP, { epoch: 7 })])
    two.port.isShut = true
    lan.run(1000)
    assert.deepEqual(toldBy(one, 'record').at(-1), { kind: 'record', node: 'n2', record: undefined })
  })

  it('only count what is sealed with another secret, or is no message at all', () => {
    const lan = memberLan(3)
    for (const node of lan.nodes) node.desire({}, node.name === 'n3' ? { secrets: [Uint8Array.of(9)] } : {})
    lan.run(3000)
    const [one] = lan.nodes
    assert.ok(one !== undefined)
    assert.deepEqual(statusesOf(one), { n2: 'alive', n3: 'unknown', ...SETTLED })
    const dropped = toldBy(one, 'memberCounters').at(-1)?.dropped ?? {}
    assert.deepEqual(Object.keys(dropped).includes('WrongKey'), true, JSON.stringify(dropped))
    const times = toldBy(one, 'memberCounters').length
    assert.ok(times >= 2 && times <= 4, `${times} reports in 3 s`)
  })
})

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
    const lan = started(2)
    const [one, two] = lan.nodes
    assert.ok(one !== undefined && two !== undefined)
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
    const lan = started(2)
    const [one, two] = lan.nodes
    assert.ok(one !== undefined && two !== undefined)
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
    const lan = started(2)
    const [one, two] = lan.nodes
    assert.ok(one !== undefined && two !== undefined)
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

describe('with membership off', () => {
  it('a worker announces and answers at once, opens nothing for others and says nothing to them', () => {
    const lan = memberLan(2)
    const [one, two] = lan.nodes
    assert.ok(one !== undefined && two !== undefined)
    two.desire({})
    one.desire({ addresses: [{ ip: VIP, interfaces: 'all' }] }, 'off')
    lan.run(7000)
    assert.deepEqual(requestsFrom(lan, '01', lan.heard[0]?.at ?? 0), BURST_MS)
    assert.ok((lan.heard[0]?.at ?? 1) < 1)
    assert.equal(one.host.openDescriptors(), 5, 'wake, netlink, ARP, NDP and its groups')
    assert.equal(statusesOf(two)['n1'], 'unknown')
  })

  it('one that was on speaks again, and gives its sockets back', () => {
    const lan = started(2)
    const [one] = lan.nodes
    assert.ok(one !== undefined)
    own(one, claim(VIP))
    lan.nodes[1]?.desire({}, { record: { ...EMPTY_RECORD, claims: [claim(VIP, { epoch: 2 })] } })
    lan.run(1000)
    hush(lan)
    one.desire({}, 'off')
    lan.run(10)
    ask(lan)
    lan.run(10)
    assert.deepEqual(answers(lan), { '01': 2 })
    assert.equal(one.host.openDescriptors(), 5)
    one.desire({})
    lan.run(1500)
    assert.deepEqual(statusesOf(one), { n2: 'alive', ...SETTLED })
  })
})
