import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { addNic, type MemoryLan, memoryLan } from './memory-lan.ts'

const BURST_MS = [0, 50, 150, 350, 750, 1750, 2750, 3750, 4750]

const desireAt = (lan: MemoryLan, ...interfaces: string[]): void =>
  lan.desire({
    addresses: ['192.0.2.99', '2001:db8::99'].map((ip) => ({ ip, interfaces })),
    excludeInterfaces: [],
  })

/** When gratuitous requests and unsolicited advertisements came from a MAC. */
const burstsOf = (lan: MemoryLan, mac: string): { readonly arp: number[]; readonly ndp: number[] } => {
  const start = lan.heard[0]?.at ?? 0
  const at = (pattern: RegExp): number[] =>
    lan.heard.filter(({ text }) => pattern.test(text)).map((heard) => Math.round(heard.at - start))
  return { arp: at(new RegExp(`^${mac} > ff.* arp request 192.0.2.99 `)), ndp: at(new RegExp(`^${mac} > 33:.* -O$`)) }
}

describe('an interface that hangs at another place of the network', () => {
  for (const [what, moves] of [
    ['announces what it has anew, at once and with the whole burst', 1],
    ['does it once when the kernel says twice that it moved', 2],
  ] as const) {
    it(what, () => {
      const lan = memoryLan()
      const bond = addNic(lan, 'bond0', '01')
      desireAt(lan, 'bond0')
      lan.run(6000)
      lan.heard.splice(0)
      for (let left = moves; left > 0; left--) bond.move()
      lan.run(6000)
      assert.deepEqual(burstsOf(lan, '01'), { arp: BURST_MS, ndp: BURST_MS })
    })
  }

  it('is news for the bridge above it, and for no other', () => {
    const lan = memoryLan()
    const bridge = addNic(lan, 'br0', '01')
    addNic(lan, 'eth1', '02')
    const bond = addNic(lan, 'bond0', '03')
    bond.change({ masterIndex: bridge.index })
    desireAt(lan, 'br0', 'eth1', 'bond0')
    lan.run(6000)
    lan.heard.splice(0)
    bond.move()
    lan.run(1000)
    assert.deepEqual([...new Set(lan.heard.map(({ text }) => text.slice(0, 2)))], ['01'])
  })

  it('says nothing where nothing is announced, and an event without it is none', () => {
    const lan = memoryLan()
    const bond = addNic(lan, 'bond0', '01')
    addNic(lan, 'eth1', '02')
    desireAt(lan, 'eth1')
    lan.run(6000)
    lan.heard.splice(0)
    bond.move()
    bond.change({})
    lan.run(1000)
    assert.deepEqual(lan.heard, [])
  })
})
