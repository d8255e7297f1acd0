import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { BEAT_ETHERTYPE } from '@steelyard/membership'
import { ethernetSegment } from '@steelyard/raw-socket'
import { seededRandom } from '@steelyard/runtime'
import { memberLan, toldBy } from './member-lan.ts'
import { address, mac } from './memory-lan.ts'

const ETHERTYPE_AT = 12

/** Two nodes; what goes over their second LAN, where they have one, is counted. */
function twoNodes(secondLan: boolean) {
  const lan = memberLan(2)
  const seen = { first: 0, second: 0 }
  const second = ethernetSegment({ clock: lan.clock, random: seededRandom(9) })
  const isBeat = (frame: Uint8Array): boolean =>
    new DataView(frame.buffer, frame.byteOffset).getUint16(ETHERTYPE_AT) === BEAT_ETHERTYPE
  second.plug({ deliver: (frame) => void (seen.second += Number(isBeat(frame))) })
  lan.wires.port().segment.plug({ deliver: (frame) => void (seen.first += Number(isBeat(frame))) })
  for (const [at, node] of lan.nodes.entries()) {
    if (secondLan) {
      const eth1 = node.host.addInterface({ name: 'eth1', mac: mac(`a${at + 1}`), segment: second })
      eth1.addAddress({ address: address(`fe80::a${at + 1}`), prefixLength: 64, scope: 'link' })
    }
    node.desire({})
  }
  lan.run(1000)
  return { lan, seen }
}

describe('beats over single links', () => {
  it('are not sent by a node whose one link carries its datagrams to the others as well', () => {
    assert.deepEqual(twoNodes(false).seen, { first: 0, second: 0 })
  })

  it('go over each of several links, once an interval', () => {
    const { seen, lan } = twoNodes(true)
    assert.ok(seen.second >= 16 && seen.second <= 22, `${seen.second} on the second LAN in a second`)
    assert.ok(seen.first >= 16 && seen.first <= 22, `${seen.first} on the first`)
    for (const node of lan.nodes) assert.deepEqual(toldBy(node, 'deafLinks').at(-1)?.names ?? [], [])
  })
})
