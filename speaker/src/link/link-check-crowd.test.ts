import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { addNic, type MemoryLan, memoryLan, told } from './memory-lan.ts'
import type { DesiredAddress } from './messages.ts'

const LATE = '192.0.2.99'

/** A node with one interface and no addresses, at 1000 ms. */
function node(): MemoryLan {
  const lan = memoryLan()
  addNic(lan, 'eth0', '01')
  lan.run(1000)
  return lan
}

/** A thousand addresses. */
const many = (prefix: string, check?: 'refuse'): DesiredAddress[] =>
  Array.from({ length: 1000 }, (_, index) => {
    const ip = `${prefix}.${index >> 8}.${index & 255}`
    return { ip, interfaces: 'all', ...(check === undefined ? {} : { check }) }
  })

describe('a check of a thousand addresses', () => {
  it('leaves half of the rate to what moves here', () => {
    const lan = node()
    const crowd = many('10.0', 'refuse')
    lan.desire({ addresses: crowd, excludeInterfaces: [] })
    lan.run(1000)
    lan.desire({ addresses: [...crowd, { ip: LATE, interfaces: 'all' }], excludeInterfaces: [] })
    lan.run(10)
    const first = lan.heard.find(({ text }) => text.includes(`arp request ${LATE} at 01 `))
    assert.ok((first?.at ?? Infinity) <= 2005, `announced at ${first?.at}`)
    lan.run(5000)
    assert.equal(told(lan, 'checked').length, 1000)
  })

  it('spends from the frames a second that all announcements have together', () => {
    const lan = node()
    lan.desire({ addresses: many('10.0'), excludeInterfaces: [] })
    lan.run(1000)
    lan.desire({ addresses: [...many('10.0'), ...many('10.1', 'refuse')], excludeInterfaces: [] })
    lan.heard.splice(0)
    lan.run(3000)
    const probes = lan.heard.filter(({ text }) => text.includes('arp request 0.0.0.0'))
    assert.ok(probes.length >= 2500, `${probes.length} probes`)
    assert.ok(lan.heard.length <= 3 * 2000 + 200, `${lan.heard.length} frames in three seconds`)
  })
})
