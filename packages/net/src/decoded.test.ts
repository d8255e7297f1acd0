import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { decoded } from './decoded.ts'
import { reader } from './reader.ts'

describe('decoded', () => {
  it('passes a value on', () =>
    assert.deepEqual(
      decoded(() => 7),
      { ok: true, value: 7 },
    ))
  it('turns a packet that does not fit into a reason', () =>
    assert.deepEqual(
      decoded(() => reader(new Uint8Array(1)).u16()),
      { ok: false, reason: 'needs 2 bytes, 1 left at byte 0' },
    ))
  it('lets a bug of ours through', () =>
    assert.throws(
      () =>
        decoded(() => {
          throw new TypeError('ours')
        }),
      TypeError,
    ))
})
