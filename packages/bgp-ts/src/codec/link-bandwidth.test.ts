import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { hexBytes } from '../testing/corpus.ts'
import { hex } from '../testing/raw-message.ts'
import { type LinkBandwidth, linkBandwidthCommunity, linkBandwidthOf } from './link-bandwidth.ts'

/** The first is as ExaBGP writes it. */
const ROWS: [bytes: string, bandwidth: LinkBandwidth][] = [
  ['4004fde949989680', { asn: 65_001, bytesPerSecond: 1_250_000, transitive: false }],
  ['0004fde949989680', { asn: 65_001, bytesPerSecond: 1_250_000, transitive: true }],
  ['4004000100000000', { asn: 1, bytesPerSecond: 0, transitive: false }],
]

describe('a link bandwidth', () => {
  for (const [bytes, bandwidth] of ROWS) {
    it(`${bytes} is written and read`, () => {
      assert.equal(hex(linkBandwidthCommunity(bandwidth)), bytes)
      assert.deepEqual(linkBandwidthOf(hexBytes(bytes)), bandwidth)
    })
  }
  it('of an AS number of four octets has 23456 in its place', () => {
    const community = linkBandwidthCommunity({ asn: 4_200_000_001, bytesPerSecond: 1, transitive: false })
    assert.equal(linkBandwidthOf(community)?.asn, 23_456)
  })
  for (const bytes of [
    '0002fde900000007',
    '4104fde949989680',
    '4004fde97f800000',
    '4004fde9ffc00000',
    '4004fde9bf800000',
    '4004',
  ]) {
    it(`is not ${bytes}`, () => assert.equal(linkBandwidthOf(hexBytes(bytes)), undefined))
  }
})
