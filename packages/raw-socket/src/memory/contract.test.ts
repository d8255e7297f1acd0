import { parseAddress, parseMac } from '@steelyard/net'
import { fakeClock, seededRandom } from '@steelyard/runtime'
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ContractBench } from '../contract/bench.ts'
import { LINK_IO_CONTRACT } from '../contract/link-io-contract.ts'
import { memoryHost } from './host.ts'
import type { MemoryInterface } from './interface.ts'
import { ethernetSegment } from './segment.ts'

/** Two interfaces of one host on a segment that takes 2 ms. */
function memoryBench(): ContractBench {
  const clock = fakeClock()
  const host = memoryHost({ clock, pollTurns: clock })
  const segment = ethernetSegment({ clock, random: seededRandom(1), delayMs: 2 })
  const macs = { near: parseMac('02:00:00:00:00:01')!, far: parseMac('02:00:00:00:00:02')! }
  const link = { kind: 'veth' }
  const near = host.addInterface({ name: 'near', mac: macs.near, segment, link })
  const far = host.addInterface({ name: 'far', mac: macs.far, segment, link })
  for (const [end, text] of [
    [near, 'fe80::1'],
    [far, 'fe80::2'],
  ] as const) {
    end.addAddress({ address: parseAddress(text)!, prefixLength: 64, scope: 'link' })
  }
  return {
    io: host.io,
    near: { ifindex: near.index, name: 'near', mac: macs.near },
    far: { ifindex: far.index, name: 'far', mac: macs.far },
    ...doneTo(near, far),
    openDescriptors: host.openDescriptors,
  }
}

type Done = Omit<ContractBench, 'io' | 'near' | 'far' | 'openDescriptors'>

function doneTo(near: MemoryInterface, far: MemoryInterface): Done {
  return {
    setUp: (up) => {
      near.change({ up })
      far.change({ carrier: up })
    },
    addAddress: (text, prefixLength) => near.addAddress({ address: parseAddress(text)!, prefixLength }),
    removeAddress: (text) => near.removeAddress(parseAddress(text)!),
    setNeighbour: (text, mac) => near.setNeighbour(parseAddress(text)!, mac),
    remove: () => near.remove(),
    groups: () => near.groups(),
  }
}

describe('the segment in memory keeps the contract of LinkIo', () => {
  for (const { subject, cases } of LINK_IO_CONTRACT) {
    describe(subject, () => {
      assert.ok(cases.length > 0)
      for (const { name, run } of cases) it(name, () => run(memoryBench()))
    })
  }
})
