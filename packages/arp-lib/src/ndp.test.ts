import { type Address, addressBytes, internetChecksum, parseAddress, parseMac } from '@steelyard/net'
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  decodeNdp,
  encodeNdp,
  type NdpMessage,
  type NeighbourAdvertisement,
  type NeighbourSolicitation,
} from './ndp.ts'

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(/\s/g, ''), 'hex'))
const address = (text: string): Address => parseAddress(text)!
const MAC = parseMac('02:00:00:00:00:0a')!

const SOLICITATION: NeighbourSolicitation = {
  kind: 'solicitation',
  source: address('2001:db8::a'),
  destination: address('ff02::1:ff00:b'),
  target: address('2001:db8::b'),
  sourceLinkLayer: MAC,
}
const ADVERTISEMENT: NeighbourAdvertisement = {
  kind: 'advertisement',
  source: address('fe80::1'),
  destination: address('2001:db8::a'),
  target: address('2001:db8::b'),
  router: false,
  solicited: true,
  override: true,
  targetLinkLayer: MAC,
}

const HEADER = 40
const CHECKSUM = HEADER + 2
/** Puts bytes in, makes the IPv6 length and the checksum right again, so that only the check under test can object. */
function patched(packet: Uint8Array, at: number, ...bytes: number[]): Uint8Array {
  const copy = Uint8Array.from(packet)
  copy.set(bytes, at)
  return sealed(copy)
}
function sealed(copy: Uint8Array): Uint8Array {
  const icmp = copy.subarray(HEADER)
  new DataView(copy.buffer).setUint16(4, icmp.length)
  new DataView(copy.buffer).setUint16(CHECKSUM, 0)
  const tail = Uint8Array.of(0, 0, icmp.length >> 8, icmp.length & 0xff, 0, 0, 0, 58)
  new DataView(copy.buffer).setUint16(CHECKSUM, internetChecksum(copy.subarray(8, HEADER), tail, icmp))
  return copy
}
const withOptions = (message: NdpMessage, ...options: number[]): Uint8Array =>
  sealed(Uint8Array.from([...encodeNdp(message).subarray(0, HEADER + 24), ...options]))
const OWN_OPTION = [1, 1, ...MAC]

describe('the NDP codec', () => {
  it('writes a solicitation as RFC 4861 section 4.3 lays it out', () => {
    const icmp = encodeNdp(SOLICITATION).subarray(HEADER)
    const expected = hex('87 00 0000 00000000 20010db800000000000000000000000b 01 01 02000000000a')
    assert.deepEqual(icmp.with(2, 0).with(3, 0), expected)
  })

  it('writes an advertisement as section 4.4 does, hop limit 255', () => {
    const packet = encodeNdp(ADVERTISEMENT)
    const expected = hex('88 00 0000 60000000 20010db800000000000000000000000b 02 01 02000000000a')
    assert.deepEqual(packet.subarray(HEADER).with(2, 0).with(3, 0), expected)
    assert.deepEqual(packet.subarray(0, 8), hex('60000000 0020 3a ff'))
  })

  const round: [name: string, message: NdpMessage][] = [
    ['a solicitation', SOLICITATION],
    [
      'a unicast solicitation without an option',
      { ...SOLICITATION, destination: SOLICITATION.target, sourceLinkLayer: undefined },
    ],
    ['a probe from nobody', { ...SOLICITATION, source: address('::'), sourceLinkLayer: undefined }],
    ['an advertisement', ADVERTISEMENT],
    [
      'a router that answers nobody',
      { ...ADVERTISEMENT, router: true, solicited: false, destination: address('ff02::1') },
    ],
    ['an advertisement without an option', { ...ADVERTISEMENT, override: false, targetLinkLayer: undefined }],
  ]
  for (const [name, message] of round) {
    it(`reads back ${name}`, () => assert.deepEqual(decodeNdp(encodeNdp(message)), { ok: true, value: message }))
  }

  it('skips options it does not know and takes the first of two', () => {
    const nonce = [14, 1, 1, 2, 3, 4, 5, 6]
    const message = decodeNdp(withOptions(SOLICITATION, ...nonce, ...OWN_OPTION, 1, 1, 9, 9, 9, 9, 9, 9))
    assert.deepEqual(message, { ok: true, value: SOLICITATION })
  })

  it('ignores what Ethernet has padded behind the length of IPv6', () => {
    const padded = Uint8Array.from([...encodeNdp(SOLICITATION), 0, 0, 0, 0])
    assert.deepEqual(decodeNdp(padded), { ok: true, value: SOLICITATION })
  })

  const ns = encodeNdp(SOLICITATION)
  const na = encodeNdp(ADVERTISEMENT)
  const probe = { ...SOLICITATION, source: address('::') }
  const refused: [name: string, packet: Uint8Array, reason: RegExp][] = [
    ['an IPv4 packet', ns.with(0, 0x45), /IP version is 4/],
    ['another protocol', ns.with(6, 17), /next header is 17, not ICMPv6/],
    ['a hop limit of 254: it has passed a router', ns.with(7, 254), /hop limit is 254, not 255/],
    ['a wrong checksum', ns.with(CHECKSUM, (ns[CHECKSUM] ?? 0) ^ 1), /checksum is wrong/],
    ['a code other than 0', patched(ns, HEADER + 1, 1), /code is 1, not 0/],
    ['a router advertisement', patched(ns, HEADER, 134), /type 134 is neither/],
    ['a group as target', patched(ns, HEADER + 8, 0xff, 2), /target is a group/],
    ['an option of length 0', withOptions(SOLICITATION, 1, 0, 0, 0, 0, 0, 0, 0), /option 1 has length 0/],
    ['an option longer than the message', withOptions(SOLICITATION, 1, 2, ...MAC), /needs 14 bytes, 6 left/],
    ['half an option header', withOptions(SOLICITATION, 1), /needs 1 bytes, 0 left/],
    ['a link-layer address of 14 bytes', withOptions(SOLICITATION, 1, 2, ...MAC, ...new Uint8Array(8)), /of 14 bytes/],
    ['a message shorter than 24 octets', sealed(ns.slice(0, HEADER + 20)), /needs 16 bytes, 12 left/],
    ['a probe that names a link-layer address', encodeNdp(probe), /source link-layer address of an unspecified source/],
    [
      'a probe sent elsewhere than to the solicited-node group',
      encodeNdp({ ...probe, sourceLinkLayer: undefined, destination: address('ff02::1') }),
      /unspecified source asks elsewhere/,
    ],
    ['a group that was answered', encodeNdp({ ...ADVERTISEMENT, destination: address('ff02::1') }), /to a group/],
    ['a group as target of an advertisement', patched(na, HEADER + 8, 0xff, 2), /target is a group/],
    ['a length that IPv6 makes up', ns.with(5, 0xff), /needs 255 bytes/],
  ]
  for (const [name, packet, reason] of refused) {
    it(`refuses ${name}`, () => {
      const result = decodeNdp(packet)
      assert.ok(!result.ok)
      assert.match(result.reason, reason)
    })
  }

  it('refuses every truncation', () => {
    for (let length = 0; length < ns.length; length++) {
      assert.equal(decodeNdp(ns.subarray(0, length)).ok, false, `length ${length}`)
    }
  })

  it('leaves the source and the target as they were given', () => {
    assert.deepEqual(ns.subarray(8, 24), addressBytes(SOLICITATION.source))
  })
})
