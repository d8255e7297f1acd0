import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Capability, Open } from '../message.ts'
import { hex, rawMessage } from '../testing/raw-message.ts'
import { shown } from '../testing/shown.ts'
import { decodeMessage, encodeMessage } from './message-codec.ts'
import { OPENING_TERMS } from './wire-terms.ts'

const OPEN: Open = { kind: 'open', version: 4, asn: 65001, holdSeconds: 90, routerId: 0xc0000201, capabilities: [] }
const FIXED = '04fde9005ac0000201'

const CAPABILITIES: [bytes: string, capability: Capability][] = [
  ['010400020001', { kind: 'multiprotocol', afi: 2, safi: 1 }],
  ['0200', { kind: 'routeRefresh' }],
  ['0506000100010002', { kind: 'extendedNextHop', entries: [{ afi: 1, safi: 1, nextHopAfi: 2 }] }],
  ['0500', { kind: 'extendedNextHop', entries: [] }],
  ['0600', { kind: 'extendedMessage' }],
  [
    '4006c07800010180',
    {
      kind: 'gracefulRestart',
      restarting: true,
      notification: true,
      restartSeconds: 120,
      families: [{ afi: 1, safi: 1, forwarding: true }],
    },
  ],
  ['40020fff', { kind: 'gracefulRestart', restarting: false, notification: false, restartSeconds: 4095, families: [] }],
  ['4104fa56ea01', { kind: 'fourOctetAsn', asn: 4_200_000_001 }],
  ['4600', { kind: 'enhancedRouteRefresh' }],
  ['0900', { kind: 'unknown', code: 9, value: new Uint8Array(0) }],
  ['ff020102', { kind: 'unknown', code: 255, value: Uint8Array.of(1, 2) }],
]

const read = (parameters: string, fixed = FIXED) => decodeMessage(rawMessage(1, fixed + parameters), OPENING_TERMS)
const openOf = (parameters: string): Open => {
  const decoded = read(parameters)
  assert.ok(decoded.kind === 'message' && decoded.message.kind === 'open', JSON.stringify(decoded))
  return decoded.message
}

describe('a capability', () => {
  for (const [bytes, capability] of CAPABILITIES) {
    it(`of ${capability.kind} (${bytes}) is read and written`, () => {
      const open = { ...OPEN, capabilities: [capability] }
      const written = encodeMessage(open, OPENING_TERMS)
      const size = bytes.length / 2
      const parameter = [size + 2, 2, size].map((byte) => byte.toString(16).padStart(2, '0')).join('')
      assert.equal(hex(written.subarray(19)), FIXED + parameter + bytes)
      assert.deepEqual(openOf(parameter + bytes), open)
    })
  }
})

describe('optional parameters', () => {
  it('may be one per capability, or many in one', () => {
    assert.equal(shown(openOf('0802020200 02024600')), shown(openOf('0602040200 4600')))
  })
  for (const [count, first] of [
    [63, 'fe'],
    [64, 'ff'],
    [900, 'ff'],
  ] as const) {
    it(`with ${count} capabilities of 4 bytes go out in the form that ${first === 'ff' ? 'RFC 9072' : 'RFC 5492'} has for them`, () => {
      const capabilities = Array.from({ length: count }, (_, index) => ({
        kind: 'unknown' as const,
        code: 100 + (index % 100),
        value: Uint8Array.of(1, index & 0xff),
      }))
      const written = encodeMessage({ ...OPEN, capabilities }, OPENING_TERMS)
      assert.equal(hex(written.subarray(28, 29)), first)
      const decoded = decodeMessage(written, OPENING_TERMS)
      assert.ok(decoded.kind === 'message')
      assert.deepEqual(decoded.message, { ...OPEN, capabilities })
    })
  }
  it('are of the extended form whatever the short length says (RFC 9072)', () => {
    assert.equal(shown(openOf('07ff0005 0200020200')), shown(openOf('ffff0005 0200020200')))
  })
})

const REFUSED: [name: string, fixed: string, parameters: string, expected: string][] = [
  ['another version', '03fde9005ac0000201', '00', '2/1 0004'],
  ['AS 0 (RFC 7607)', '040000005ac0000201', '00', '2/2 '],
  ['AS 0 in four octets', FIXED, '0802064104 00000000', '2/2 '],
  ['a BGP Identifier of 0 (RFC 6286)', '04fde9005a00000000', '00', '2/3 '],
  ['a parameter that is not known', FIXED, '03010100', '2/4 '],
  ['a hold time of one second', '04fde90001c0000201', '00', '2/6 '],
  ['a hold time of two seconds', '04fde90002c0000201', '00', '2/6 '],
  ['parameters shorter than the OPEN', FIXED, '0200 0200', '2/0 '],
  ['parameters longer than the OPEN', FIXED, '0802020200', '2/0 '],
  ['a parameter that is cut off', FIXED, '0402060200', '2/0 '],
  ['a capability that is cut off', FIXED, '0402020201', '2/0 '],
  ['a multiprotocol capability of three bytes', FIXED, '0702050103000100', '2/0 '],
  ['a route refresh capability of one byte', FIXED, '050203020100', '2/0 '],
  ['a graceful restart capability with half a family', FIXED, '0802064004007800 01', '2/0 '],
  ['a four-octet AS number of two', FIXED, '0602044102fde9', '2/0 '],
  ['extended parameters that are longer than the OPEN', FIXED, 'ffff00060200020200', '2/0 '],
  ['the extended form without its length', FIXED, 'ffff', '2/0 '],
]

describe('an OPEN is refused for', () => {
  for (const [name, fixed, parameters, expected] of REFUSED) {
    it(name, () => {
      const decoded = read(parameters, fixed)
      assert.ok(decoded.kind === 'error', JSON.stringify(decoded))
      const { code, subcode, data } = decoded.notification
      assert.equal(`${code}/${subcode} ${hex(data)}`, expected)
    })
  }
})

describe('an OPEN that cannot be written', () => {
  const CANNOT: [name: string, open: Open][] = [
    ['an AS number of four octets in the field of two', { ...OPEN, asn: 70_000 }],
    ['a hold time of 65536 seconds', { ...OPEN, holdSeconds: 65_536 }],
    [
      'a capability of 256 bytes',
      { ...OPEN, capabilities: [{ kind: 'unknown', code: 1, value: new Uint8Array(256) }] },
    ],
    [
      'a restart time of 4096 seconds',
      {
        ...OPEN,
        capabilities: [
          { kind: 'gracefulRestart', restarting: false, notification: false, restartSeconds: 4096, families: [] },
        ],
      },
    ],
  ]
  for (const [name, open] of CANNOT) {
    it(`throws for ${name}`, () => assert.throws(() => encodeMessage(open, OPENING_TERMS), { name: 'WireError' }))
  }
})
