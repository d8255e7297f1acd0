import { SystemCallError } from '@steelyard/raw-socket'
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { addForeignHost } from './memory-foreign-host.ts'
import { addNic, type MemoryLan, memoryLan, told } from './memory-lan.ts'
import type { DesiredAddress, LinkDesired } from './messages.ts'

const V4 = '192.0.2.99'
const V6 = '2001:db8::99'
const FOREIGN = '02:00:00:00:00:66'
const BURST_MS = [0, 50, 150, 350, 750, 1750, 2750, 3750, 4750]
/** With the last round of a burst goes a look at who else has the address. */
const LOOK_MS = 4750

type Mode = DesiredAddress['check']

const desire = (lan: MemoryLan, check: Mode, ips = [V4, V6], more: Partial<LinkDesired> = {}): void => {
  const addresses = ips.map((ip) => ({ ip, interfaces: 'all' as const, ...(check === undefined ? {} : { check }) }))
  lan.desire({ addresses, excludeInterfaces: [], ...more })
}

/** A node with one interface and no addresses, at 1000 ms. */
function node(): MemoryLan {
  const lan = memoryLan()
  addNic(lan, 'eth0', '01')
  lan.run(1000)
  return lan
}

/** When frames were heard of the node's, counted from a moment. */
const at = (lan: MemoryLan, pattern: RegExp, from = 1000): number[] =>
  lan.heard.filter(({ text }) => text.startsWith('01 > ') && pattern.test(text)).map((heard) => heard.at - from)

const PROBE: Readonly<Record<string, RegExp>> = {
  [V4]: /arp request 0.0.0.0 at 01 to 192.0.2.99 at 00:00:00:00:00:00/,
  [V6]: /33:33:ff:00:00:99 :: > ff02::1:ff00:99 who has 2001:db8::99/,
}
const ANNOUNCED: Readonly<Record<string, RegExp>> = {
  [V4]: /arp request 192.0.2.99 at 01 to 192.0.2.99/,
  [V6]: /ff02::1 2001:db8::99 at 01 -O/,
}
const conflicts = (lan: MemoryLan): unknown[] =>
  told(lan, 'conflict').map(({ ip, mac, whose, refused }) => [ip, mac, whose, refused])

for (const ip of [V4, V6]) {
  describe(`a check that refuses, of ${ip}`, () => {
    it('that nobody answers delays the burst by 200 ms, and says that it has passed', () => {
      const lan = node()
      desire(lan, 'refuse', [ip])
      lan.run(6000)
      assert.deepEqual(at(lan, PROBE[ip]!), [0, 50, 100, 200 + LOOK_MS])
      assert.deepEqual(
        at(lan, ANNOUNCED[ip]!),
        BURST_MS.map((ms) => 200 + ms),
      )
      assert.deepEqual(told(lan, 'checked'), [{ kind: 'checked', ip, interface: 'eth0' }])
      assert.deepEqual(told(lan, 'conflict'), [])
    })

    it('that is answered keeps the address silent, tells, and tries again after 30 and 60 s', () => {
      const lan = node()
      addForeignHost(lan, '66', ip)
      desire(lan, 'refuse', [ip])
      lan.run(100_000)
      assert.deepEqual(at(lan, PROBE[ip]!), [0, 30_000, 90_000])
      assert.deepEqual(at(lan, ANNOUNCED[ip]!), [])
      assert.equal(lan.loop.state.tally.addresses.get(ip)?.gratuitous, 0)
      assert.deepEqual(conflicts(lan)[0], [ip, FOREIGN, 'foreign', true])
      assert.deepEqual(told(lan, 'conflictEnded'), [])
    })

    it('announces as soon as a check passes, and the conflict ends', () => {
      const lan = node()
      const foreign = addForeignHost(lan, '66', ip)
      desire(lan, 'refuse', [ip])
      lan.run(10_000)
      foreign.addresses.clear()
      lan.run(30_000)
      assert.deepEqual(at(lan, PROBE[ip]!), [0, 30_000, 30_050, 30_100, 30_200 + LOOK_MS])
      assert.deepEqual(
        at(lan, ANNOUNCED[ip]!).map((ms) => ms - 30_200),
        BURST_MS,
      )
      lan.run(120_000)
      assert.equal(told(lan, 'conflictEnded').length, 1)
    })

    it('takes the probe of another machine for a conflict: both want the address', () => {
      const lan = node()
      const foreign = addForeignHost(lan, '66')
      desire(lan, 'refuse', [ip])
      lan.run(20)
      foreign.probe(ip)
      lan.run(1000)
      assert.deepEqual([at(lan, ANNOUNCED[ip]!), conflicts(lan)], [[], [[ip, FOREIGN, 'foreign', true]]])
      assert.equal(told(lan, 'conflict')[0]?.form, 'probe')
    })

    it('is not stopped by a peer: who of the two has it is not for the LAN to say', () => {
      const lan = node()
      addForeignHost(lan, '66', ip)
      desire(lan, 'refuse', [ip], { peerMacs: [FOREIGN] })
      lan.run(300)
      assert.deepEqual([at(lan, ANNOUNCED[ip]!)[0], conflicts(lan)], [200, []])
    })

    it('ends with the desire, in the middle and while refused', () => {
      for (const ms of [70, 5000]) {
        const lan = node()
        const foreign = addForeignHost(lan, '66', ...(ms > 1000 ? [ip] : []))
        desire(lan, 'refuse', [ip])
        lan.run(ms)
        desire(lan, undefined, [])
        lan.run(10)
        foreign.addresses.clear()
        lan.heard.splice(0)
        lan.run(400_000)
        assert.deepEqual([lan.heard, lan.loop.state.checks.entries.size, lan.loop.state.known.size], [[], 0, 0])
      }
    })

    it('lets the address go at once when the policy is taken away', () => {
      const lan = node()
      addForeignHost(lan, '66', ip)
      desire(lan, 'refuse', [ip])
      lan.run(1000)
      desire(lan, undefined, [ip])
      lan.run(100)
      assert.equal(at(lan, ANNOUNCED[ip]!, 2000)[0], 0)
    })
  })

  describe(`a check that warns, of ${ip}`, () => {
    it('delays nothing: probes go out beside the burst', () => {
      const lan = node()
      desire(lan, 'warn', [ip])
      lan.run(6000)
      assert.deepEqual([at(lan, PROBE[ip]!), at(lan, ANNOUNCED[ip]!)], [[0, 50, 100, LOOK_MS], BURST_MS])
      assert.equal(told(lan, 'checked').length, 1)
    })

    it('that is answered tells, and goes on announcing; the look behind the burst finds it still there', () => {
      const lan = node()
      addForeignHost(lan, '66', ip)
      desire(lan, 'warn', [ip])
      lan.run(6000)
      assert.deepEqual([at(lan, PROBE[ip]!), conflicts(lan)], [[0, LOOK_MS], [[ip, FOREIGN, 'foreign', undefined]]])
      assert.equal(at(lan, ANNOUNCED[ip]!).length, BURST_MS.length + 1, 'the burst and a defence')
      assert.deepEqual(told(lan, 'checked'), [])
    })
  })
}

describe('a check', () => {
  it('is made once: what was announced before is not delayed by a carrier that comes back', () => {
    const lan = memoryLan()
    const eth0 = addNic(lan, 'eth0', '01')
    desire(lan, 'refuse', [V4])
    lan.run(6000)
    eth0.change({ carrier: false })
    lan.run(1000)
    eth0.change({ carrier: true })
    lan.heard.splice(0)
    lan.run(6000)
    assert.deepEqual([at(lan, PROBE[V4]!, 7000), at(lan, ANNOUNCED[V4]!, 7000)], [[LOOK_MS], BURST_MS])
  })

  it('that warned is not made again either', () => {
    const lan = memoryLan()
    const eth0 = addNic(lan, 'eth0', '01')
    addForeignHost(lan, '66', V4)
    desire(lan, 'warn', [V4])
    lan.run(6000)
    eth0.change({ carrier: false })
    lan.run(1000)
    eth0.change({ carrier: true })
    lan.heard.splice(0)
    lan.run(1000)
    assert.deepEqual([at(lan, PROBE[V4]!), at(lan, ANNOUNCED[V4]!, 7000).length], [[], 5])
  })

  it('only warns of what is announced already, whatever the policy has become', () => {
    const lan = memoryLan()
    const eth0 = addNic(lan, 'eth0', '01')
    desire(lan, 'warn', [V4])
    lan.run(20)
    desire(lan, 'refuse', [V4])
    lan.run(5)
    addForeignHost(lan, '66', V4)
    eth0.change({ mac: Uint8Array.of(2, 0, 0, 0, 0, 0x77) })
    lan.run(1000)
    assert.deepEqual(conflicts(lan), [[V4, FOREIGN, 'foreign', undefined]])
    assert.equal(lan.loop.state.checks.entries.size, 0)
  })

  it('is made again of an address that went and came back', () => {
    const lan = node()
    desire(lan, 'refuse', [V4])
    lan.run(1000)
    desire(lan, 'refuse', [])
    lan.run(1000)
    lan.heard.splice(0)
    desire(lan, 'refuse', [V4])
    lan.run(1000)
    assert.deepEqual([at(lan, PROBE[V4]!, 3000), at(lan, ANNOUNCED[V4]!, 3000)[0]], [[0, 50, 100], 200])
  })

  it('begins anew when the carrier was lost in the middle of it', () => {
    const lan = memoryLan()
    const eth0 = addNic(lan, 'eth0', '01')
    desire(lan, 'refuse', [V4])
    lan.run(120)
    eth0.change({ carrier: false })
    lan.run(880)
    assert.deepEqual([lan.loop.state.checks.entries.size, at(lan, ANNOUNCED[V4]!)], [0, []])
    eth0.change({ carrier: true })
    lan.heard.splice(0)
    lan.run(300)
    assert.deepEqual([at(lan, PROBE[V4]!), at(lan, ANNOUNCED[V4]!)[0]], [[0, 50, 100], 200])
  })

  it('is not made of an address that was announced without', () => {
    const lan = node()
    desire(lan, undefined, [V4])
    lan.run(1000)
    desire(lan, 'refuse', [V4])
    lan.run(1000)
    assert.deepEqual(at(lan, PROBE[V4]!), [])
  })

  it('on one interface that is answered does not stop the other one, nor does that one let it go', () => {
    const lan = node()
    addForeignHost(lan, '66', V4)
    const eth1 = lan.host.addInterface({ name: 'eth1', mac: Uint8Array.of(2, 0, 0, 0, 0, 2) })
    eth1.change({ carrier: true })
    desire(lan, 'refuse', [V4])
    lan.run(1000)
    desire(lan, 'refuse', [V4])
    lan.run(1000)
    assert.deepEqual(
      told(lan, 'checked').map((fact) => fact.interface),
      ['eth1'],
    )
    assert.deepEqual(at(lan, ANNOUNCED[V4]!), [])
  })

  it('does not pass while the kernel refuses to send its probes', () => {
    let isBroken = true
    const lan = memoryLan((io) => ({
      openPacket: (options) => {
        const socket = io.openPacket(options)
        const send = (frame: Uint8Array): void => {
          if (isBroken) throw new SystemCallError('sendto', 'ENOBUFS')
          socket.send(frame)
        }
        return {
          ...socket,
          get fd() {
            return socket.fd
          },
          send,
        }
      },
    }))
    addNic(lan, 'eth0', '01')
    desire(lan, 'refuse', [V4])
    lan.run(5000)
    assert.deepEqual([told(lan, 'checked'), told(lan, 'fault').length], [[], 1])
    isBroken = false
    lan.run(1000)
    assert.equal(told(lan, 'checked').length, 1)
    assert.equal(at(lan, PROBE[V4]!).length, 3)
  })
})
