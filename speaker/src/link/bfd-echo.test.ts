import { readUdpFrame, udpFrame } from '@steelyard/arp-lib'
import { ECHO_PORT } from '@steelyard/bfd'
import { formatAddress } from '@steelyard/net'
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { desire, factOf, faultsOf, states, two, watch } from './bfd-pair.ts'
import { addressOf, type MemberLan, type MemberNode } from './member-lan.ts'
import { address, mac } from './memory-lan.ts'

/** A router's forwarding: what is for somebody else goes back to where it lives. */
function forwardEchoes(lan: MemberLan, node: MemberNode, isOn: () => boolean): void {
  const ownMac = mac(`0${node.name.slice(1)}`)
  const plug = node.port.segment.plug({
    deliver: (frame) => {
      const datagram = readUdpFrame(frame)
      if (datagram?.port !== ECHO_PORT || !isOn() || datagram.ttl !== 255) return
      const to = lan.nodes.find(({ name }) => addressOf(name) === formatAddress(datagram.destination))
      if (to === undefined || to === node) return
      plug.send(udpFrame({ from: ownMac, to: mac(`0${to.name.slice(1)}`) }, { ...datagram, ttl: 254 }))
    },
  })
}

describe('BFD echoes of the link worker', () => {
  it('watch over the path while the router forwards them, and control packets become rare', () => {
    const both = two({}, { echoIntervalMs: 50 })
    let isOn = true
    forwardEchoes(both.lan, both.two, () => isOn)
    // As the kernel learns it when control packets are sent.
    both.one.eth0.setNeighbour(address('192.0.2.2'), mac('02'))
    desire(both.one, watch('192.0.2.2', { echoIntervalMs: 40 }))
    both.lan.run(3000)
    assert.deepEqual([factOf(both.one)?.echoMs, factOf(both.one)?.receiveMs], [50, 1000])
    isOn = false
    const stopped = both.lan.clock.now()
    both.lan.run(400)
    assert.equal(factOf(both.one)?.lastDown, 'no echo came back from 192.0.2.2 for 150 ms')
    assert.ok((factOf(both.one)?.since ?? 0) - stopped < 160)
  })

  it('that do not come back are told, and cost no outage', () => {
    const both = two({}, { echoIntervalMs: 50 })
    both.one.eth0.setNeighbour(address('192.0.2.2'), mac('02'))
    both.lan.run(10_000)
    assert.deepEqual(states(both), ['up', 'up'])
    assert.equal(factOf(both.one)?.downs, 0)
    assert.match(faultsOf(both.one).join('; '), /^BFD with 192.0.2.2: echoes do not come back.*ip_forward/)
  })
})
