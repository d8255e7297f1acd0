import { formatAddress, formatMac, parseAddress, parseMac } from '@steelyard/net'
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { answerFrame } from './answer-frame.ts'
import { decodeArp, encodeArp } from './arp.ts'
import { decodeEthernet, encodeEthernet } from './ethernet.ts'
import { gratuitousFrames, probeFrame } from './frames.ts'
import type { LinkView, PacketType } from './link-view.ts'
import { decodeNdp, encodeNdp } from './ndp.ts'

/** What a real kernel and real programs put on the wire; each file says where it comes from. */
const fixture = (name: string): Uint8Array => {
  const text = readFileSync(new URL(`../../../test/fixtures/${name}.hex`, import.meta.url), 'utf8')
  return Uint8Array.from(Buffer.from(text.replaceAll(/^#.*$/gm, '').replaceAll(/\s/g, ''), 'hex'))
}

const ARP: [name: string, shown: string][] = [
  ['arp-request-linux', 'request 02:00:5e:00:53:0a 192.0.2.10 > 00:00:00:00:00:00 192.0.2.11'],
  ['arp-reply-linux', 'reply 02:00:5e:00:53:0b 192.0.2.11 > 02:00:5e:00:53:0a 192.0.2.10'],
  ['arp-unicast-probe-linux', 'request 02:00:5e:00:53:0b 192.0.2.11 > 00:00:00:00:00:00 192.0.2.10'],
  ['arp-probe-arping', 'request 02:00:5e:00:53:0a 0.0.0.0 > 00:00:00:00:00:00 192.0.2.11'],
  ['arp-gratuitous-request-arping', 'request 02:00:5e:00:53:0a 192.0.2.10 > ff:ff:ff:ff:ff:ff 192.0.2.10'],
  ['arp-gratuitous-reply-arping', 'reply 02:00:5e:00:53:0a 192.0.2.10 > ff:ff:ff:ff:ff:ff 192.0.2.10'],
]
const NDP: [name: string, shown: string][] = [
  ['ns-multicast-linux', '2001:db8::a > ff02::1:ff00:b solicitation of 2001:db8::b 02:00:5e:00:53:0a'],
  ['ns-unicast-linux', 'fe80::5eff:fe00:530b > 2001:db8::a solicitation of 2001:db8::a 02:00:5e:00:53:0b'],
  ['ns-dad-linux', ':: > ff02::1:ff00:a solicitation of 2001:db8::a none'],
  ['na-solicited-linux', '2001:db8::b > 2001:db8::a advertisement of 2001:db8::b 02:00:5e:00:53:0b'],
  ['na-unicast-linux', '2001:db8::a > fe80::5eff:fe00:530b advertisement of 2001:db8::a none'],
  ['na-defence-linux', '2001:db8::a > ff02::1 advertisement of 2001:db8::a 02:00:5e:00:53:0a'],
  ['na-unsolicited-linux', '2001:db8::a > ff02::1 advertisement of 2001:db8::a 02:00:5e:00:53:0a'],
]

describe('captured frames', () => {
  for (const [name, shown] of ARP) {
    it(`${name} reads as expected and is written the same`, () => {
      const frame = decodeEthernet(fixture(name))
      assert.ok(frame.ok)
      const packet = decodeArp(frame.value.payload)
      assert.ok(packet.ok)
      const { operation, senderMac, senderIp, targetMac, targetIp } = packet.value
      const found = `${operation} ${formatMac(senderMac)} ${formatAddress(senderIp)} > ${formatMac(targetMac)} ${formatAddress(targetIp)}`
      assert.equal(found, shown)
      const written = encodeEthernet({ ...frame.value, payload: encodeArp(packet.value) })
      assert.deepEqual(written, fixture(name).subarray(0, written.length))
    })
  }

  for (const [name, shown] of NDP) {
    it(`${name} reads as expected and is written the same`, () => {
      const frame = decodeEthernet(fixture(name))
      assert.ok(frame.ok)
      const message = decodeNdp(frame.value.payload)
      assert.ok(message.ok, JSON.stringify(message))
      const { kind, source, destination, target } = message.value
      const option = kind === 'solicitation' ? message.value.sourceLinkLayer : message.value.targetLinkLayer
      const found = `${formatAddress(source)} > ${formatAddress(destination)} ${kind} of ${formatAddress(target)}`
      assert.equal(`${found} ${option === undefined ? 'none' : formatMac(option)}`, shown)
      if (name === 'ns-dad-linux') return // it carries a nonce (RFC 7527), which we skip
      assert.deepEqual(encodeEthernet({ ...frame.value, payload: encodeNdp(message.value) }), fixture(name))
    })
  }
})

const link = (text: string): LinkView => {
  const mac = parseMac(text)!
  return { mac, arp: true, ndp: true, ownMacs: [mac] }
}
const A = link('02:00:5e:00:53:0a')
const B = link('02:00:5e:00:53:0b')

const answerTo = (name: string, packetType: PacketType, view: LinkView, ip: string): Uint8Array => {
  const answer = answerFrame({ bytes: fixture(name), packetType }, view, new Set([ip]))
  assert.ok(answer.kind === 'reply')
  return answer.frame
}

describe('our frames are those of a kernel that has the address, byte for byte', () => {
  const table: [asked: string, packetType: PacketType, view: LinkView, ip: string, kernel: string][] = [
    ['arp-request-linux', 'broadcast', B, '192.0.2.11', 'arp-reply-linux'],
    ['ns-multicast-linux', 'multicast', B, '2001:db8::b', 'na-solicited-linux'],
    ['ns-dad-linux', 'multicast', A, '2001:db8::a', 'na-defence-linux'],
  ]
  for (const [asked, packetType, view, ip, kernel] of table) {
    it(`the answer to ${asked} is ${kernel}`, () => {
      assert.deepEqual(answerTo(asked, packetType, view, ip), fixture(kernel))
    })
  }

  it('the unsolicited advertisement is na-unsolicited-linux', () => {
    assert.deepEqual(gratuitousFrames(parseAddress('2001:db8::a')!, A), [fixture('na-unsolicited-linux')])
  })

  it('the gratuitous request and reply are those of arping, less its padding', () => {
    const [request, reply] = gratuitousFrames(parseAddress('192.0.2.10')!, A)
    assert.deepEqual(request, fixture('arp-gratuitous-request-arping').subarray(0, 42))
    assert.deepEqual(reply, fixture('arp-gratuitous-reply-arping').subarray(0, 42))
  })

  it('the probe is that of arping, less its padding', () => {
    assert.deepEqual(probeFrame(parseAddress('192.0.2.11')!, A), fixture('arp-probe-arping').subarray(0, 42))
  })

  it('but an answer to a unicast solicitation overrides, and names the link-layer address, which Linux leaves out', () => {
    const message = (frame: Uint8Array): object => {
      const ethernet = decodeEthernet(frame)
      assert.ok(ethernet.ok)
      const ndp = decodeNdp(ethernet.value.payload)
      assert.ok(ndp.ok)
      return ndp.value
    }
    const ours = message(answerTo('ns-unicast-linux', 'host', A, '2001:db8::a'))
    const theirs = message(fixture('na-unicast-linux'))
    assert.deepEqual(ours, { ...theirs, override: true, targetLinkLayer: A.mac })
  })
})
