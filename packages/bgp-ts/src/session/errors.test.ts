import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { HEADER_BYTES } from '../constants.ts'
import { rawPeer } from '../testing/raw-peer.ts'
import { ERROR_TABLE, keepaliveBytes, openBytes } from './error-table.ts'

describe('a peer is told what is wrong', () => {
  for (const row of ERROR_TABLE) {
    it(`${row.code}/${row.subcode} when, in ${row.in}, ${row.when}`, () => {
      const peer = rawPeer()
      if (row.in !== 'openSent') peer.say(openBytes())
      if (row.in === 'established') peer.say(keepaliveBytes())
      assert.equal(peer.session.view().state, row.in)
      peer.say(row.bytes)
      const [code, subcode] = peer.heard('notification').at(-1)?.subarray(HEADER_BYTES) ?? []
      assert.deepEqual([code, subcode], [row.code, row.subcode])
      assert.notEqual(peer.session.view().lastError, undefined)
      assert.ok(peer.isOver(), 'the connection is closed')
    })
  }
})
