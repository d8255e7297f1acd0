import { EMPTY_RECORD } from '@steelyard/membership'
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { claim, memberLan, statusesOf, toldBy } from './member-lan.ts'
import { answers, ask, BURST_MS, hush, own, requestsFrom, started, startedPair, VIP } from './member-story.ts'
import { mac } from './memory-lan.ts'

const SETTLED = { own: 'settled' }

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
    const { lan, one, two } = startedPair()
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
    const { lan, one, two } = startedPair()
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
