import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { addNic, arpRequest, mac, type MemoryLan, memoryLan, told } from './memory-lan.ts'

const CLIENT = { from: mac('0c') }
const desire = (lan: MemoryLan, ...ips: string[]): void =>
  lan.desire({ addresses: ips.map((ip) => ({ ip, interfaces: 'all' })), excludeInterfaces: [] })

describe('the counters', () => {
  it('tell what happened to each address, a defence included, at most each second and only when it changed', () => {
    const lan = memoryLan()
    addNic(lan, 'eth0', '01')
    desire(lan, '192.0.2.99', '192.0.2.98')
    lan.run(6000)
    lan.facts.splice(0)
    for (let asked = 0; asked < 5; asked++) lan.client.send(arpRequest('192.0.2.99', CLIENT))
    lan.client.send(arpRequest('192.0.2.99', { from: mac('66'), senderIp: '192.0.2.99' }))
    lan.client.send(arpRequest('192.0.2.50', CLIENT))
    lan.run(3000)
    assert.deepEqual(
      told(lan, 'counters').map(({ addresses, ignored }) => ({ addresses, ignored })),
      [
        {
          addresses: [
            { ip: '192.0.2.99', requests: 5, responses: 5, gratuitous: 20, claims: 1, claimedBy: '02:00:00:00:00:66' },
          ],
          ignored: { NotAnnounced: 1 },
        },
      ],
    )
  })

  it('come no faster than each second under load', () => {
    const lan = memoryLan()
    addNic(lan, 'eth0', '01')
    desire(lan, '192.0.2.99')
    for (let turn = 0; turn < 100; turn++) {
      lan.client.send(arpRequest('192.0.2.99', CLIENT))
      lan.run(50)
    }
    const reports = told(lan, 'counters').length
    assert.ok(reports >= 5 && reports <= 6, `${reports} reports in 5 s`)
  })

  it('begin anew for an address that went and came back', () => {
    const lan = memoryLan()
    addNic(lan, 'eth0', '01')
    desire(lan, '192.0.2.99')
    lan.run(6000)
    desire(lan)
    lan.run(2000)
    desire(lan, '192.0.2.99')
    lan.run(2000)
    assert.equal(told(lan, 'counters').at(-1)?.addresses[0]?.gratuitous, 12)
  })

  it('do not take another interface of this machine for a foreign claimant', () => {
    const lan = memoryLan()
    addNic(lan, 'eth0', '01')
    addNic(lan, 'eth1', '02')
    desire(lan, '192.0.2.99')
    lan.run(6000)
    assert.ok(told(lan, 'counters').every(({ addresses }) => addresses.every(({ claims }) => claims === 0)))
  })

  it('tell the worst lag when it matters', () => {
    let stallMs = 0
    const lan = memoryLan((io) => ({
      poll: (fds, timeoutMs) => {
        const ready = io.poll(fds, timeoutMs)
        lan.clock.advance(stallMs)
        stallMs = 0
        return ready
      },
    }))
    addNic(lan, 'eth0', '01')
    desire(lan, '192.0.2.99')
    lan.run(1000)
    stallMs = 1300
    lan.run(5000)
    assert.equal(Math.max(...told(lan, 'counters').map(({ worstLagMs }) => worstLagMs)), 1300)
    assert.equal(told(lan, 'counters').at(-1)?.worstLagMs, 0, 'each report begins anew')
  })
})
