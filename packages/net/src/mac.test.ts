import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { formatMac, parseMac, sameBytes } from './mac.ts'

describe('Ethernet addresses', () => {
  it('are read in either case and written in lower case', () => {
    assert.equal(formatMac(parseMac('02:00:5E:00:53:af') ?? assert.fail()), '02:00:5e:00:53:af')
  })
  for (const text of [
    '',
    '02:00:5e:00:53',
    '02:00:5e:00:53:af:00',
    '02-00-5e-00-53-af',
    '2:0:5e:0:53:af',
    '02:00:5e:00:53:ag',
  ]) {
    it(`"${text}" is none`, () => assert.equal(parseMac(text), undefined))
  }
  it('are the same byte by byte', () => {
    const mac = Uint8Array.from([2, 0, 0x5e, 0, 0x53, 1])
    assert.ok(sameBytes(mac, mac.slice()))
    assert.ok(!sameBytes(mac, mac.with(5, 2)))
    assert.ok(!sameBytes(mac, mac.subarray(0, 5)))
    assert.ok(!sameBytes(mac.subarray(0, 5), mac))
  })
})
