import { type Address, formatAddress, parseAddress, parseMac } from '@steelyard/net'
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  decodeRouterDiscovery,
  encodeRouterAdvertisement,
  encodeRouterSolicitation,
  ROUTER_DISCOVERY_TYPES,
} from './router-discovery.ts'

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(/\s/g, ''), 'hex'))
const address = (text: string): Address => parseAddress(text) ?? assert.fail(text)
const MAC = parseMac('02:00:00:00:00:0a') ?? assert.fail()
const SOLICITATION = '85 00 0000 00000000'
const OPTION = '01 01 02000000000a'
const ADVERTISEMENT = '86 00 0000 40 00 0708 00000000 00000000'
/** A prefix (type 3, four units), and one of no known type. */
const OTHER_OPTIONS = `03 04 40c0 00278d00 00093a80 00000000 20010db8000000000000000000000000 fd 01 000000000000`

describe('router discovery', () => {
  it('writes a solicitation with the own link-layer address', () => {
    assert.deepEqual(encodeRouterSolicitation(MAC), hex(SOLICITATION + OPTION))
  })
  it('writes an advertisement of lifetime 0 that says nothing of the link', () => {
    assert.deepEqual(encodeRouterAdvertisement(MAC), hex(`86 00 0000 00 00 0000 00000000 00000000 ${OPTION}`))
  })
  it('asks a socket for both types, and no others', () => assert.deepEqual(ROUTER_DISCOVERY_TYPES, [133, 134]))

  const read: readonly (readonly [name: string, bytes: string, source: string, expected: string])[] = [
    ['a solicitation', SOLICITATION + OPTION, 'fe80::2', 'routerSolicitation fe80::2'],
    ['a solicitation of who has no address yet', SOLICITATION, '::', 'routerSolicitation ::'],
    ['an advertisement', ADVERTISEMENT, 'fe80::1', 'routerAdvertisement fe80::1 1800'],
    [
      'an advertisement with options of any type',
      ADVERTISEMENT + OPTION + OTHER_OPTIONS,
      'fe80::1',
      'routerAdvertisement fe80::1 1800',
    ],
    [
      'the own advertisement, of lifetime 0',
      Buffer.from(encodeRouterAdvertisement(MAC)).toString('hex'),
      'fe80::1',
      'routerAdvertisement fe80::1 0',
    ],
  ]
  for (const [name, bytes, source, expected] of read) {
    it(`reads ${name}`, () => {
      const found = decodeRouterDiscovery({ bytes: hex(bytes), source: address(source), hopLimit: 255 })
      assert.ok(found.ok)
      const { value } = found
      const lifetime = value.kind === 'routerAdvertisement' ? ` ${value.lifetimeSeconds}` : ''
      assert.equal(`${value.kind} ${formatAddress(value.source)}${lifetime}`, expected)
    })
  }

  const refused: readonly (readonly [
    name: string,
    bytes: string,
    source: string,
    hopLimit: number | undefined,
    reason: RegExp,
  ])[] = [
    ['that passed a router', ADVERTISEMENT, 'fe80::1', 254, /hop limit is 254, not 255/],
    ['of which the hop limit is not known', ADVERTISEMENT, 'fe80::1', undefined, /hop limit is not known/],
    ['of a global source', ADVERTISEMENT, '2001:db8::1', 255, /2001:db8::1 is not link-local/],
    ['of another code', '86 01 0000 40 00 0708 00000000 00000000', 'fe80::1', 255, /code is 1/],
    ['of another type', '87 00 0000 40 00 0708 00000000 00000000', 'fe80::1', 255, /neither router solicitation/],
    ['with an option of length 0', `${ADVERTISEMENT} 01 00`, 'fe80::1', 255, /length 0/],
    ['with an option that ends beyond it', `${ADVERTISEMENT} 05 09 0000`, 'fe80::1', 255, /./],
    ['that names a link-layer address of no source', SOLICITATION + OPTION, '::', 255, /unspecified source/],
  ]
  for (const [name, bytes, source, hopLimit, reason] of refused) {
    it(`refuses what comes ${name}`, () => {
      const found = decodeRouterDiscovery({ bytes: hex(bytes), source: address(source), hopLimit })
      assert.match(found.ok ? 'it was read' : found.reason, reason)
    })
  }
  it('refuses whatever is cut short', () => {
    for (const whole of [hex(ADVERTISEMENT), hex(SOLICITATION)]) {
      for (let length = 0; length < whole.length; length++) {
        const bytes = whole.subarray(0, length)
        assert.equal(decodeRouterDiscovery({ bytes, source: address('fe80::1'), hopLimit: 255 }).ok, false)
      }
    }
  })
})
