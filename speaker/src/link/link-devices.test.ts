import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { mac, type MemoryLan, memoryLan, told } from './memory-lan.ts'

const watch = (lan: MemoryLan, ...devices: readonly string[]): void =>
  lan.desire({ addresses: [], excludeInterfaces: [], devices })
const facts = (lan: MemoryLan): string[] =>
  told(lan, 'devices').map(({ devices }) =>
    devices.map(({ name, ifindex, up }) => `${name} ${ifindex ?? 'none'}${up ? ' up' : ''}`).join(', '),
  )

describe('the devices that sessions are bound to', () => {
  it('are told whole when they are wanted, come, are switched off and on, go, and are made anew', () => {
    const lan = memoryLan()
    lan.run(10)
    watch(lan, 'red', 'blue')
    lan.run(10)
    const red = lan.host.addInterface({ name: 'red', mac: mac('01'), segment: lan.segment })
    lan.run(10)
    red.change({ up: false })
    lan.run(10)
    red.change({ up: true })
    lan.run(10)
    red.remove()
    lan.run(10)
    lan.host.addInterface({ name: 'red', mac: mac('02'), segment: lan.segment })
    lan.run(10)
    watch(lan)
    lan.run(10)
    assert.deepEqual(facts(lan), [
      'red none, blue none',
      'red 1 up, blue none',
      'red 1, blue none',
      'red 1 up, blue none',
      'red none, blue none',
      'red 2 up, blue none',
      '',
    ])
  })

  it('are not told again while nothing of that changes', () => {
    const lan = memoryLan()
    const red = lan.host.addInterface({ name: 'red', mac: mac('01'), segment: lan.segment })
    watch(lan, 'red')
    lan.run(10)
    red.change({ carrier: false })
    red.change({ mtu: 9000 })
    watch(lan, 'red')
    lan.run(30_000)
    assert.deepEqual(facts(lan), ['red 1 up'])
  })
})
