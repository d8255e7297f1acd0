import { formatAddress, formatMac, parseAddress } from '@steelyard/net'
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { answerFrame } from './answer-frame.ts'
import { decodeArp, encodeArp } from './arp.ts'
import { ETHERTYPE } from './constants.ts'
import { decodeEthernet, encodeEthernet } from './ethernet.ts'
import type { LinkView } from './link-view.ts'
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

const link = (mac: string, linkLocal: string): LinkView => {
  const bytes = Uint8Array.from(mac.split(':'), (octet) => Number.parseInt(octet, 16))
  return { mac: bytes, arp: true, linkLocal: parseAddress(linkLocal)!, ownMacs: [bytes] }
}
const ETHERNET = 14
const messageOf = (frame: Uint8Array): object => {
  const ethernet = decodeEthernet(frame)
  assert.ok(ethernet.ok && ethernet.value.etherType === ETHERTYPE.ipv6)
  const message = decodeNdp(ethernet.value.payload)
  assert.ok(message.ok)
  // Linux leaves Override clear when it answers a unicast solicitation without an option (RFC 4861 section 7.2.4).
  return { ...message.value, override: true }
}

describe('our answers beside the answers that the kernel gave', () => {
  const OWNER = 'fe80::5eff:fe00:530a'
  const A = link('02:00:5e:00:53:0a', OWNER)
  const B = link('02:00:5e:00:53:0b', 'fe80::5eff:fe00:530b')

  it('are the same to an ARP request', () => {
    const answer = answerFrame(
      { bytes: fixture('arp-request-linux'), packetType: 'broadcast' },
      B,
      new Set(['192.0.2.11']),
    )
    assert.ok(answer.kind === 'reply')
    assert.deepEqual(answer.frame, fixture('arp-reply-linux'))
  })

  const pairs: [asked: string, kernel: string, view: LinkView, ip: string][] = [
    ['ns-multicast-linux', 'na-solicited-linux', B, '2001:db8::b'],
    ['ns-unicast-linux', 'na-unicast-linux', A, '2001:db8::a'],
    ['ns-dad-linux', 'na-defence-linux', A, '2001:db8::a'],
  ]
  for (const [asked, kernel, view, ip] of pairs) {
    it(`differ from ${kernel} only in the source, and in always naming the link-layer address`, () => {
      const packetType = asked === 'ns-unicast-linux' ? 'host' : 'multicast'
      const answer = answerFrame({ bytes: fixture(asked), packetType }, view, new Set([ip]))
      assert.ok(answer.kind === 'reply')
      const ours = messageOf(answer.frame)
      const theirs = messageOf(fixture(kernel))
      assert.deepEqual({ ...ours, source: '', targetLinkLayer: '' }, { ...theirs, source: '', targetLinkLayer: '' })
      assert.deepEqual(answer.frame.subarray(0, ETHERNET), fixture(kernel).subarray(0, ETHERNET))
    })
  }
})
