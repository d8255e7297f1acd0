import { type Address, formatAddress, formatMac, parseAddress, parseMac } from '@steelyard/net'
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { decodeArp } from './arp.ts'
import { decodeEthernet } from './ethernet.ts'
import { gratuitousFrames, probeFrame, talkerFrames } from './frames.ts'
import type { LinkView } from './link-view.ts'
import { decodeNdp } from './ndp.ts'

const address = (text: string): Address => parseAddress(text)!
const MAC = parseMac('02:00:00:00:00:01')!
const LINK: LinkView = { mac: MAC, arp: true, ndp: true, ownMacs: [MAC] }
const V4 = address('192.0.2.99')
const V6 = address('2001:db8::99')
const TALKER = { ip: address('192.0.2.12'), mac: parseMac('02:00:00:00:00:0c')! }
const TALKER_V6 = { ...TALKER, ip: address('2001:db8::c') }

function shown(frame: Uint8Array): string {
  const ethernet = decodeEthernet(frame)
  assert.ok(ethernet.ok)
  const { destination, source, payload } = ethernet.value
  const head = `${formatMac(source)} > ${formatMac(destination)}`
  const arp = decodeArp(payload)
  if (arp.ok) {
    const { operation, senderMac, senderIp, targetMac, targetIp } = arp.value
    return `${head} ${operation} ${formatMac(senderMac)} ${formatAddress(senderIp)} ${formatMac(targetMac)} ${formatAddress(targetIp)}`
  }
  const ndp = decodeNdp(payload)
  assert.ok(ndp.ok && ndp.value.kind === 'advertisement')
  const flags = [ndp.value.router && 'R', ndp.value.solicited && 'S', ndp.value.override && 'O']
    .filter(Boolean)
    .join('')
  const option = formatMac(ndp.value.targetLinkLayer ?? new Uint8Array())
  return `${head} ${formatAddress(ndp.value.source)} > ${formatAddress(ndp.value.destination)} ${formatAddress(ndp.value.target)} ${flags} ${option}`
}

describe('a round of announcing', () => {
  it('an IPv4 address is a gratuitous request, then a reply, to everybody', () => {
    const fields = '02:00:00:00:00:01 192.0.2.99 ff:ff:ff:ff:ff:ff 192.0.2.99'
    assert.deepEqual(gratuitousFrames(V4, LINK).map(shown), [
      `02:00:00:00:00:01 > ff:ff:ff:ff:ff:ff request ${fields}`,
      `02:00:00:00:00:01 > ff:ff:ff:ff:ff:ff reply ${fields}`,
    ])
  })

  it('an IPv6 address is one unsolicited advertisement to all nodes, Override set', () => {
    assert.deepEqual(gratuitousFrames(V6, LINK).map(shown), [
      '02:00:00:00:00:01 > 33:33:00:00:00:01 2001:db8::99 > ff02::1 2001:db8::99 O 02:00:00:00:00:01',
    ])
  })

  it('to a known talker is a plain reply, or an advertisement it did not solicit', () => {
    assert.deepEqual(talkerFrames(V4, LINK, TALKER).map(shown), [
      '02:00:00:00:00:01 > 02:00:00:00:00:0c reply 02:00:00:00:00:01 192.0.2.99 02:00:00:00:00:0c 192.0.2.12',
    ])
    assert.deepEqual(talkerFrames(V6, LINK, TALKER_V6).map(shown), [
      '02:00:00:00:00:01 > 02:00:00:00:00:0c 2001:db8::99 > 2001:db8::c 2001:db8::99 O 02:00:00:00:00:01',
    ])
  })

  it('says nothing where the protocol is not spoken', () => {
    const mute: LinkView = { ...LINK, arp: false, ndp: false }
    assert.deepEqual([gratuitousFrames(V4, mute), gratuitousFrames(V6, mute)], [[], []])
    assert.deepEqual([talkerFrames(V4, mute, TALKER), talkerFrames(V6, mute, TALKER_V6)], [[], []])
  })
})

describe('a probe', () => {
  it('for IPv4 is a broadcast request from 0.0.0.0, so that nobody learns anything from it', () => {
    assert.equal(
      shown(probeFrame(V4, LINK)),
      '02:00:00:00:00:01 > ff:ff:ff:ff:ff:ff request 02:00:00:00:00:01 0.0.0.0 00:00:00:00:00:00 192.0.2.99',
    )
  })

  it('for IPv6 is a solicitation from :: to the group of the address, without a link-layer address', () => {
    const ethernet = decodeEthernet(probeFrame(V6, LINK))
    assert.ok(ethernet.ok)
    assert.equal(formatMac(ethernet.value.destination), '33:33:ff:00:00:99')
    const ndp = decodeNdp(ethernet.value.payload)
    assert.ok(ndp.ok && ndp.value.kind === 'solicitation')
    const { source, destination, target, sourceLinkLayer } = ndp.value
    assert.deepEqual([source, destination, target].map(formatAddress), ['::', 'ff02::1:ff00:99', '2001:db8::99'])
    assert.equal(sourceLinkLayer, undefined)
  })
})
