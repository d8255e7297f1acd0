import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { nextDeadline } from './decide/step.ts'
import { addForeignHost } from './memory-foreign-host.ts'
import { addNic, type MemoryLan, memoryLan, told } from './memory-lan.ts'
import type { LinkDesired } from './messages.ts'

const V4 = '192.0.2.99'
const V6 = '2001:db8::99'
const OTHER = '02:00:00:00:00:66'
/** The last round of a burst, and the refresh at the latest. */
const BURST_MS = 4750
const REFRESH_MS = 75_000
const LOOK: Readonly<Record<string, RegExp>> = {
  [V4]: /^01 > ff:ff:ff:ff:ff:ff arp request 0\.0\.0\.0 at 01 to 192\.0\.2\.99/,
  [V6]: /^01 > 33:33:ff:00:00:99 :: > ff02::1:ff00:99 who has 2001:db8::99/,
}

function announcing(ip: string, more: Partial<LinkDesired> = {}): MemoryLan {
  const lan = memoryLan()
  addNic(lan, 'eth0', '01')
  lan.desire({ addresses: [{ ip, interfaces: 'all' }], excludeInterfaces: [], ...more })
  return lan
}
const looks = (lan: MemoryLan, ip: string): number[] =>
  lan.heard.flatMap(({ at, text }) => (LOOK[ip]?.test(text) === true ? [at] : []))
const conflicts = (lan: MemoryLan): unknown[] => told(lan, 'conflict').map(({ mac, whose }) => [mac, whose])
/** A look comes with a round, at the end of its turn: about as many as minutes, plus the one behind the burst. */
const about = (count: number, wanted: number): boolean => count >= wanted * 0.8 && count <= wanted * 1.25 + 1

for (const ip of [V4, V6]) {
  describe(`a look at who else has ${ip}`, () => {
    it('goes out with the last round of the burst, then with each refresh', () => {
      const lan = announcing(ip)
      lan.run(10_000)
      assert.deepEqual(looks(lan, ip), [BURST_MS])
      lan.run(3_600_000)
      assert.ok(about(looks(lan, ip).length, 60), `${looks(lan, ip).length} in an hour`)
    })

    it('finds a machine that took the address and says nothing, and finds it as long as it has it', () => {
      const lan = announcing(ip)
      lan.run(10_000)
      const other = addForeignHost(lan, '66', ip)
      lan.run(REFRESH_MS)
      assert.deepEqual(conflicts(lan), [[OTHER, 'foreign']])
      lan.run(1_800_000)
      assert.deepEqual(told(lan, 'conflictEnded'), [])
      other.addresses.clear()
      lan.run(200_000)
      assert.equal(told(lan, 'conflictEnded').length, 1)
    })

    it('that a peer answers is followed by another after a second: only who answers both is told', () => {
      for (const [stays, expected] of [
        [true, [[OTHER, 'peer']]],
        [false, []],
      ] as const) {
        const lan = announcing(ip, { peerMacs: [OTHER] })
        const peer = addForeignHost(lan, '66', ip)
        lan.run(BURST_MS + 100)
        if (!stays) peer.addresses.clear()
        assert.deepEqual(conflicts(lan), [])
        assert.ok(nextDeadline(lan.loop.state, lan.loop.world.config) <= BURST_MS + 1100, 'the loop wakes for it')
        lan.run(1000)
        assert.deepEqual(looks(lan, ip), [BURST_MS, BURST_MS + 1050])
        assert.deepEqual(conflicts(lan), expected)
      }
    })

    it('that a peer answers is no reason to shout', () => {
      const lan = announcing(ip, { peerMacs: [OTHER] })
      addForeignHost(lan, '66', ip)
      lan.run(BURST_MS + 100)
      lan.heard.splice(0)
      lan.run(20_000)
      assert.deepEqual(
        lan.heard.filter(({ text }) => text.startsWith('01 > ') && LOOK[ip]?.test(text) !== true),
        [],
      )
    })
  })
}

describe('a look', () => {
  it('finds a peer whose kernel begins to answer later, and tells once that it has ended', () => {
    const lan = announcing(V4, { peerMacs: [OTHER] })
    lan.run(10_000)
    const peer = addForeignHost(lan, '66', V4)
    lan.run(REFRESH_MS + 2000)
    assert.deepEqual(conflicts(lan), [[OTHER, 'peer']])
    lan.run(600_000)
    assert.deepEqual(told(lan, 'conflictEnded'), [])
    peer.addresses.clear()
    lan.run(200_000)
    assert.equal(told(lan, 'conflictEnded').length, 1)
  })

  it('is not made of an address that has gone', () => {
    const lan = announcing(V4, { peerMacs: [OTHER] })
    addForeignHost(lan, '66', V4)
    lan.run(BURST_MS + 100)
    lan.heard.splice(0)
    lan.desire({ addresses: [], excludeInterfaces: [], peerMacs: [OTHER] })
    lan.run(200_000)
    assert.deepEqual(lan.heard, [])
  })

  it('does not stop a check that refuses, nor is it one', () => {
    const lan = announcing(V4, { addresses: [{ ip: V4, interfaces: 'all', check: 'refuse' }] })
    lan.run(10_000)
    addForeignHost(lan, '66', V4)
    lan.run(REFRESH_MS)
    assert.deepEqual(
      told(lan, 'conflict').map(({ refused }) => refused),
      [undefined],
    )
    assert.equal(told(lan, 'checked').length, 1)
  })
})
