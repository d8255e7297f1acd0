import { formatAddress, formatMac, type Mac } from '@steelyard/net'
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Answer, ClaimForm } from './answer.ts'
import { answerFrame } from './answer-frame.ts'
import { type ArpPacket, decodeArp, encodeArp } from './arp.ts'
import { BROADCAST_MAC, ETHERTYPE } from './constants.ts'
import { decodeEthernet, encodeEthernet } from './ethernet.ts'
import { groupMac, solicitedNodeGroup } from './ipv6-scope.ts'
import type { LinkView, PacketType } from './link-view.ts'
import { decodeNdp, encodeNdp, type NeighbourAdvertisement, type NeighbourSolicitation } from './ndp.ts'
import {
  address,
  mac,
  OUR_MAC,
  OTHER_PORT_MAC,
  CLIENT_MAC,
  LINK,
  ANNOUNCED,
  REQUEST,
  TARGET,
  SOLICITATION,
  ADVERTISEMENT,
} from './testing/client-packets.ts'

const GROUP_MAC = mac('33:33:00:00:00:09')

type Wire = { readonly to?: Mac; readonly from?: Mac; readonly type?: PacketType; readonly link?: LinkView }

const arp = (
  packet: Partial<ArpPacket>,
  { to = BROADCAST_MAC, from = CLIENT_MAC, type, link = LINK }: Wire = {},
): Answer => {
  const payload = encodeArp({ ...REQUEST, ...packet })
  const bytes = encodeEthernet({ destination: to, source: from, etherType: ETHERTYPE.arp, payload })
  return answerFrame({ bytes, packetType: type ?? 'broadcast' }, link, ANNOUNCED)
}

const ndp = (
  message: Partial<NeighbourSolicitation> | NeighbourAdvertisement,
  { to = groupMac(SOLICITATION.destination), from = CLIENT_MAC, type, link = LINK }: Wire = {},
): Answer => {
  const payload = encodeNdp(message.kind === 'advertisement' ? message : { ...SOLICITATION, ...message })
  const bytes = encodeEthernet({ destination: to, source: from, etherType: ETHERTYPE.ipv6, payload })
  return answerFrame({ bytes, packetType: type ?? 'multicast' }, link, ANNOUNCED)
}

const replyOf = (answer: Answer): Extract<Answer, { kind: 'reply' }> => {
  assert.ok(answer.kind === 'reply', JSON.stringify(answer))
  return answer
}
const ethernet = (frame: Uint8Array): { to: string; from: string; payload: Uint8Array } => {
  const decoded = decodeEthernet(frame)
  assert.ok(decoded.ok)
  const { destination, source, payload } = decoded.value
  return { to: formatMac(destination), from: formatMac(source), payload }
}

describe('an ARP frame', () => {
  it('that asks for an announced address is answered to the asker', () => {
    const { ip, frame, ask } = replyOf(arp({}))
    const { to, from, payload } = ethernet(frame)
    assert.deepEqual([ip, to, from], ['192.0.2.99', '02:00:00:00:00:0c', '02:00:00:00:00:01'])
    assert.deepEqual(decodeArp(payload), {
      ok: true,
      value: {
        operation: 'reply',
        senderMac: OUR_MAC,
        senderIp: address('192.0.2.99'),
        targetMac: CLIENT_MAC,
        targetIp: address('192.0.2.12'),
      },
    })
    assert.deepEqual(ask, { target: '192.0.2.99', ip: address('192.0.2.12'), mac: CLIENT_MAC })
  })

  it('that probes before use, from 0.0.0.0, is answered: the address is taken', () => {
    const { frame, ask } = replyOf(arp({ senderIp: address('0.0.0.0') }))
    const packet = decodeArp(ethernet(frame).payload)
    assert.ok(packet.ok)
    assert.equal(formatAddress(packet.value.targetIp), '0.0.0.0')
    assert.equal(ask, undefined, 'there is nobody to tell later')
  })

  it('that checks by unicast whether we are still there is answered', () => {
    replyOf(arp({}, { to: OUR_MAC, type: 'host' }))
  })

  it('goes to the hardware address that the asker writes into it, as RFC 826 has it', () => {
    const { frame } = replyOf(arp({ senderMac: mac('02:00:00:00:00:dd') }))
    assert.equal(ethernet(frame).to, '02:00:00:00:00:dd')
  })

  const ignored: [name: string, answer: () => Answer, reason: string][] = [
    ['for an address nobody announces here', () => arp({ targetIp: address('192.0.2.98') }), 'NotAnnounced'],
    ['to another station', () => arp({}, { to: CLIENT_MAC, type: 'otherhost' }), 'OtherDestination'],
    [
      'to another station, whatever the kernel thinks',
      () => arp({}, { to: CLIENT_MAC, type: 'host' }),
      'OtherDestination',
    ],
    [
      'to an Ethernet group that is not broadcast',
      () => arp({}, { to: GROUP_MAC, type: 'multicast' }),
      'OtherDestination',
    ],
    ['that leaves this machine', () => arp({}, { type: 'outgoing' }), 'OwnFrame'],
    ['that we sent and a loop brought back', () => arp({}, { from: OUR_MAC }), 'OwnFrame'],
    ['that names us as its sender', () => arp({ senderMac: OUR_MAC }), 'OwnFrame'],
    ['from a group, as Ethernet says', () => arp({}, { from: GROUP_MAC }), 'GroupSender'],
    ['from a group, as ARP says', () => arp({ senderMac: BROADCAST_MAC }), 'GroupSender'],
    ['on an interface that cannot broadcast', () => arp({}, { link: { ...LINK, arp: false } }), 'ProtocolNotUsable'],
    ['that replies about somebody else', () => arp({ operation: 'reply' }), 'NotARequest'],
    [
      'that is gratuitous about another address',
      () => arp({ senderIp: address('192.0.2.5'), targetIp: address('192.0.2.5') }),
      'NotARequest',
    ],
    [
      'that another port of this machine sent gratuitously',
      () => arp({ senderMac: OTHER_PORT_MAC, senderIp: address('192.0.2.99') }),
      'NotARequest',
    ],
  ]
  for (const [name, answer, reason] of ignored) {
    it(`${name} is ignored: ${reason}`, () => {
      const got = answer()
      assert.ok(got.kind === 'ignored', JSON.stringify(got))
      assert.equal(got.reason, reason)
    })
  }

  const senderIp = REQUEST.targetIp
  const third = address('192.0.2.4')
  const claims: [name: string, packet: Partial<ArpPacket>, form: ClaimForm][] = [
    ['a gratuitous request', { senderIp }, 'arp-announcement'],
    ['a gratuitous reply', { operation: 'reply', senderIp, targetMac: BROADCAST_MAC }, 'arp-announcement'],
    ['a reply to a third station', { operation: 'reply', senderIp, targetIp: third }, 'arp-reply'],
    ['a request for another address', { senderIp, targetIp: third }, 'arp-announcement'],
  ]
  for (const [name, packet, form] of claims) {
    it(`that uses an announced address as its own, in ${name}, is a claim and gets no answer`, () => {
      assert.deepEqual(arp(packet), { kind: 'claim', ip: '192.0.2.99', mac: CLIENT_MAC, form })
    })
  }

  it('remembers who asked for an address that is not here', () => {
    const answer = arp({ targetIp: address('192.0.2.98') })
    assert.ok(answer.kind === 'ignored')
    assert.deepEqual(answer.ask, { target: '192.0.2.98', ip: address('192.0.2.12'), mac: CLIENT_MAC })
  })
})

describe('a neighbour discovery frame', () => {
  type Said = { to: string; from: string; source: string; destination: string; solicited: boolean; override: boolean }
  const said = (answer: Answer): Said => {
    const { to, from, payload } = ethernet(replyOf(answer).frame)
    const message = decodeNdp(payload)
    assert.ok(message.ok && message.value.kind === 'advertisement')
    const { source, destination, solicited, override, router, target, targetLinkLayer } = message.value
    assert.equal(router, false)
    assert.deepEqual(target, TARGET)
    assert.deepEqual(targetLinkLayer, OUR_MAC)
    return { to, from, source: formatAddress(source), destination: formatAddress(destination), solicited, override }
  }
  const OURS = { from: '02:00:00:00:00:01', source: '2001:db8::99', override: true }

  it('that asks in the solicited-node group is answered to its source, from the address itself', () => {
    assert.deepEqual(said(ndp({})), { ...OURS, to: '02:00:00:00:00:0c', destination: '2001:db8::c', solicited: true })
  })

  it('that checks by unicast whether we are still there is answered', () => {
    const answer = ndp({ destination: TARGET }, { to: OUR_MAC, type: 'host' })
    assert.deepEqual(said(answer), { ...OURS, to: '02:00:00:00:00:0c', destination: '2001:db8::c', solicited: true })
  })

  it('that checks by unicast without its own link-layer address is answered where the frame came from', () => {
    const answer = ndp(
      { destination: TARGET, sourceLinkLayer: undefined },
      { to: OUR_MAC, type: 'host', from: mac('02:00:00:00:00:ee') },
    )
    assert.equal(said(answer).to, '02:00:00:00:00:ee')
  })

  it('from a link-local address is answered there', () => {
    assert.equal(said(ndp({ source: address('fe80::c') })).destination, 'fe80::c')
  })

  it('that probes before use, from ::, makes us defend the address to all nodes', () => {
    const answer = ndp({ source: address('::'), sourceLinkLayer: undefined })
    assert.deepEqual(said(answer), { ...OURS, to: '33:33:00:00:00:01', destination: 'ff02::1', solicited: false })
    assert.equal(replyOf(answer).ask, undefined)
  })

  const other = { target: address('2001:db8::98'), destination: solicitedNodeGroup(address('2001:db8::98')) }
  const ignored: [name: string, answer: () => Answer, reason: string][] = [
    ['for an address nobody announces here', () => ndp(other), 'NotAnnounced'],
    [
      'that probes an address nobody announces here',
      () => ndp({ ...other, source: address('::'), sourceLinkLayer: undefined }),
      'NotAnnounced',
    ],
    ['to another station', () => ndp({}, { to: CLIENT_MAC, type: 'otherhost' }), 'OtherDestination'],
    ['that leaves this machine', () => ndp({}, { type: 'outgoing' }), 'OwnFrame'],
    ['that we sent and a loop brought back', () => ndp({}, { from: OUR_MAC }), 'OwnFrame'],
    ['whose link-layer address is a group', () => ndp({ sourceLinkLayer: GROUP_MAC }), 'GroupSender'],
    ['whose source is a group', () => ndp({ source: address('ff02::5') }), 'GroupSender'],
    ['on an interface without IPv6', () => ndp({}, { link: { ...LINK, ndp: false } }), 'ProtocolNotUsable'],
    [
      'that advertises another address',
      () => ndp({ ...ADVERTISEMENT, target: address('2001:db8::98') }),
      'NotARequest',
    ],
    [
      'that another port of this machine sent',
      () => ndp({ ...ADVERTISEMENT, targetLinkLayer: OTHER_PORT_MAC }),
      'NotARequest',
    ],
  ]
  for (const [name, answer, reason] of ignored) {
    it(`${name} is ignored: ${reason}`, () => {
      const got = answer()
      assert.ok(got.kind === 'ignored', JSON.stringify(got))
      assert.equal(got.reason, reason)
    })
  }

  const claims: [name: string, message: NeighbourAdvertisement | Partial<NeighbourSolicitation>, form: ClaimForm][] = [
    ['advertises an announced address', ADVERTISEMENT, 'advertisement'],
    ['advertises it without an option', { ...ADVERTISEMENT, targetLinkLayer: undefined }, 'advertisement'],
    ['asks from an announced address', { ...other, source: TARGET }, 'solicitation'],
  ]
  for (const [name, message, form] of claims) {
    it(`that ${name} is a claim`, () => {
      assert.deepEqual(ndp(message), { kind: 'claim', ip: '2001:db8::99', mac: CLIENT_MAC, form })
    })
  }
})

describe('any other frame', () => {
  const frame = (etherType: number, payload: Uint8Array): Answer => {
    const bytes = encodeEthernet({ destination: OUR_MAC, source: CLIENT_MAC, etherType, payload })
    return answerFrame({ bytes, packetType: 'host' }, LINK, ANNOUNCED)
  }
  const table: [name: string, answer: Answer, reason: string, detail?: RegExp][] = [
    ['of IPv4', frame(ETHERTYPE.ipv4, new Uint8Array(20)), 'OtherProtocol'],
    ['of the 802.3 kind', frame(0x0100, new Uint8Array(20)), 'Malformed', /EtherType 256 is a length/],
    ['of ARP that ends early', frame(ETHERTYPE.arp, new Uint8Array(3)), 'Malformed', /hardware type/],
    ['of IPv6 that ends early', frame(ETHERTYPE.ipv6, Uint8Array.of(0x60)), 'Malformed', /needs 4 bytes/],
    [
      'that is empty',
      answerFrame({ bytes: new Uint8Array(0), packetType: 'host' }, LINK, ANNOUNCED),
      'Malformed',
      /needs 6 bytes/,
    ],
  ]
  for (const [name, answer, reason, detail] of table) {
    it(`${name} is ignored: ${reason}`, () => {
      assert.ok(answer.kind === 'ignored')
      assert.equal(answer.reason, reason)
      if (detail !== undefined) assert.match(answer.detail ?? '', detail)
    })
  }
})
