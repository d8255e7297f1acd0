import type { Mac } from '@steelyard/net'
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Answer } from './answer.ts'
import { answerFrame } from './answer-frame.ts'
import { type ArpPacket, encodeArp } from './arp.ts'
import { BROADCAST_MAC, ETHERTYPE } from './constants.ts'
import { encodeEthernet } from './ethernet.ts'
import { groupMac, solicitedNodeGroup } from './ipv6-scope.ts'
import { encodeNdp, type NeighbourAdvertisement, type NeighbourSolicitation } from './ndp.ts'
import {
  address,
  OTHER_PORT_MAC,
  CLIENT_MAC,
  LINK,
  ANNOUNCED,
  REQUEST,
  SOLICITATION,
  ADVERTISEMENT,
} from './testing/client-packets.ts'

describe('a frame about an address that is only checked here', () => {
  const checked = new Set(['192.0.2.98', '2001:db8::98'])
  const hear = (etherType: number, payload: Uint8Array, from: Mac): Answer => {
    const destination = etherType === ETHERTYPE.arp ? BROADCAST_MAC : groupMac(address('ff02::1'))
    const bytes = encodeEthernet({ destination, source: from, etherType, payload })
    return answerFrame({ bytes, packetType: 'multicast' }, LINK, ANNOUNCED, checked)
  }
  const heardArp = (packet: Partial<ArpPacket>, from = CLIENT_MAC): Answer =>
    hear(ETHERTYPE.arp, encodeArp({ ...REQUEST, senderMac: from, ...packet }), from)
  const target = address('2001:db8::98')
  const solicitation = { ...SOLICITATION, target, destination: solicitedNodeGroup(target) }
  const heardNdp = (message: NeighbourAdvertisement | NeighbourSolicitation, from = CLIENT_MAC): Answer =>
    hear(ETHERTYPE.ipv6, encodeNdp(message), from)
  const fromNobody = { senderIp: address('0.0.0.0'), targetIp: address('192.0.2.98') }
  const probe = { ...solicitation, source: address('::'), sourceLinkLayer: undefined }

  const table: [name: string, answer: () => Answer, expected: string][] = [
    [
      'an ARP reply to us, as a host that has it answers a probe',
      () => heardArp({ operation: 'reply', senderIp: address('192.0.2.98'), targetIp: address('0.0.0.0') }),
      'arp-reply',
    ],
    ['an announcement', () => heardArp({ senderIp: address('192.0.2.98') }), 'arp-announcement'],
    ['a probe of another machine', () => heardArp(fromNobody), 'probe'],
    ['a probe from another port of this machine', () => heardArp(fromNobody, OTHER_PORT_MAC), 'NotAnnounced'],
    ['a plain request', () => heardArp({ targetIp: address('192.0.2.98') }), 'NotAnnounced'],
    ['an advertisement', () => heardNdp({ ...ADVERTISEMENT, target }), 'advertisement'],
    ['a solicitation from it', () => heardNdp({ ...SOLICITATION, source: target }, CLIENT_MAC), 'solicitation'],
    ['a probe by NDP', () => heardNdp(probe), 'probe'],
    ['a probe by NDP from another port of this machine', () => heardNdp(probe, OTHER_PORT_MAC), 'NotAnnounced'],
    ['a plain solicitation', () => heardNdp(solicitation), 'NotAnnounced'],
  ]
  for (const [name, answer, expected] of table) {
    it(`${name}: ${expected}`, () => {
      const got = answer()
      const claim = got.kind === 'reply' ? got.claim : got
      const found = claim !== undefined && 'form' in claim ? claim.form : got.kind === 'ignored' ? got.reason : ''
      assert.equal(found, expected)
      if (claim !== undefined && 'form' in claim) assert.match(claim.ip, /98$/)
    })
  }
})

describe('a frame that asks for an announced address from another one', () => {
  const announced = new Set(['192.0.2.98', '192.0.2.99', '2001:db8::98', '2001:db8::99'])
  const target = address('2001:db8::98')
  const table: [name: string, etherType: number, payload: Uint8Array, claim: object][] = [
    [
      'by ARP',
      ETHERTYPE.arp,
      encodeArp({ ...REQUEST, senderIp: address('192.0.2.98') }),
      { ip: '192.0.2.98', mac: CLIENT_MAC, form: 'arp-announcement' },
    ],
    [
      'by NDP',
      ETHERTYPE.ipv6,
      encodeNdp({ ...SOLICITATION, source: target }),
      { ip: '2001:db8::98', mac: CLIENT_MAC, form: 'solicitation' },
    ],
  ]
  for (const [name, etherType, payload, claim] of table) {
    it(`is answered, and is a claim, ${name}`, () => {
      const destination = etherType === ETHERTYPE.arp ? BROADCAST_MAC : groupMac(SOLICITATION.destination)
      const bytes = encodeEthernet({ destination, source: CLIENT_MAC, etherType, payload })
      const answer = answerFrame({ bytes, packetType: 'multicast' }, LINK, announced)
      assert.ok(answer.kind === 'reply')
      assert.match(answer.ip, /99$/)
      assert.deepEqual(answer.claim, claim)
    })
  }
})
