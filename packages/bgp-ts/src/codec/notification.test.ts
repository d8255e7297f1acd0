import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { CEASE, ERROR_CODE } from '../constants.ts'
import type { Notification } from '../message.ts'
import { hex } from '../testing/raw-message.ts'
import { decodeMessage, encodeMessage } from './message-codec.ts'
import { hardReset, hardResetInside } from './notification.ts'
import { describeNotification } from './notification-text.ts'
import { notificationOf } from './refusal.ts'
import { cease, shutdownText } from './shutdown-text.ts'
import { OPENING_TERMS } from './wire-terms.ts'

describe('a NOTIFICATION on the wire', () => {
  const ROWS: [notification: Notification, body: string][] = [
    [notificationOf(4, 0), '0400'],
    [notificationOf(1, 2, Uint8Array.of(0, 18)), '01020012'],
    [cease(CEASE.administrativeShutdown, 'bye'), '060203627965'],
    [hardReset(cease(CEASE.administrativeShutdown, 'bye')), '0609060203627965'],
  ]
  for (const [notification, body] of ROWS) {
    it(`${body} is written and read`, () => {
      const written = encodeMessage(notification, OPENING_TERMS)
      assert.equal(hex(written.subarray(19)), body)
      assert.deepEqual(decodeMessage(written, OPENING_TERMS), { kind: 'message', message: notification })
    })
  }
})

describe('the words of a Cease (RFC 9003)', () => {
  it('are written for a shutdown and for a reset, for nothing else', () => {
    const withWords = Object.values(CEASE).filter((subcode) => cease(subcode, 'words').data.length > 0)
    assert.deepEqual(withWords, [CEASE.administrativeShutdown, CEASE.administrativeReset])
  })

  const CUT: [name: string, text: string, bytes: number][] = [
    ['255 bytes stay', 'a'.repeat(255), 255],
    ['256 are cut', 'a'.repeat(256), 255],
    ['a character of two bytes is not cut in half', `${'a'.repeat(254)}é`, 254],
    ['nor one of four', `${'a'.repeat(252)}🚧`, 252],
    ['one that just fits stays', `${'a'.repeat(251)}🚧`, 255],
    ['none at all is no data', '', 0],
  ]
  for (const [name, text, bytes] of CUT) {
    it(name, () => {
      const { data } = cease(2, text)
      assert.equal(data[0] ?? 0, bytes)
      assert.equal(data.length, bytes === 0 ? 0 : bytes + 1)
      assert.doesNotThrow(() => new TextDecoder('utf-8', { fatal: true }).decode(data.subarray(1)))
    })
  }

  const READ: [name: string, data: Uint8Array, text: string | undefined][] = [
    ['plain', cease(2, 'see ticket 4711').data, 'see ticket 4711'],
    ['with bytes behind them', Uint8Array.of(1, 0x41, 0x42), 'A'],
    ['with what a terminal acts upon', cease(2, 'a\u001b[2Jb\r\nc\u202ed').data, 'a [2Jb c d'],
    ['longer than the data', Uint8Array.of(5, 0x41), undefined],
    ['that are no UTF-8', Uint8Array.of(2, 0xc3, 0x28), undefined],
    ['of length 0', Uint8Array.of(0), undefined],
    ['that are not there', new Uint8Array(0), undefined],
  ]
  for (const [name, data, text] of READ) {
    it(`${name} are ${text === undefined ? 'not shown' : 'read'}`, () => {
      assert.equal(shutdownText(notificationOf(6, 2, data)), text)
    })
  }
})

const SENTENCES: [notification: Notification, sentence: RegExp][] = [
  [notificationOf(1, 1), /^Message Header Error, Connection Not Synchronized \(1\/1\): .*password/],
  [notificationOf(2, 2), /^OPEN Message Error, Bad Peer AS \(2\/2\): .*compare both configurations$/],
  [
    notificationOf(2, 7, Uint8Array.of(1, 4, 0, 2, 0, 1)),
    /Unsupported Capability \(2\/7\), about capability 1: .*families/,
  ],
  [notificationOf(2, 0), /^OPEN Message Error \(2\/0\)$/],
  [
    notificationOf(3, 9, Uint8Array.of(0x80, 14, 0)),
    /^UPDATE .*Optional Attribute Error \(3\/9\), about path attribute 14$/,
  ],
  [notificationOf(4, 0), /^Hold Timer Expired \(4\/0\): nothing was heard/],
  [notificationOf(5, 2), /^Finite State Machine Error, .*OpenConfirm State \(5\/2\)$/],
  [
    cease(2, 'fibre work'),
    /^Cease, Administrative Shutdown \(6\/2\), its operator says "fibre work": an operator ended/,
  ],
  [
    hardReset(cease(2, 'fibre work')),
    /Hard Reset \(6\/9\), because of Cease, Administrative Shutdown \(6\/2\), its operator/,
  ],
  [hardReset(hardReset(cease(2))), /Hard Reset \(6\/9\), because of \(6\/9\)/],
  [notificationOf(6, 10), /^Cease, BFD Down \(6\/10\): .*link/],
  [notificationOf(6, 99), /^Cease, unknown subcode \(6\/99\)$/],
  [notificationOf(7, 1), /^ROUTE-REFRESH Message Error, Invalid Message Length \(7\/1\)$/],
  [notificationOf(200, 3), /^Unknown error \(200\/3\)$/],
]

describe('what an operator reads', () => {
  for (const [notification, sentence] of SENTENCES) {
    it(`of ${notification.code}/${notification.subcode} is ${sentence.source}`, () => {
      assert.match(describeNotification(notification), sentence)
    })
  }

  it('has a name for each Cease there is', () => {
    for (const subcode of Object.values(CEASE)) {
      assert.doesNotMatch(describeNotification(notificationOf(ERROR_CODE.cease, subcode)), /unknown/)
    }
  })

  it('is printable and on one line, whatever was sent', () => {
    for (let code = 0; code < 9; code++) {
      for (let subcode = 0; subcode < 13; subcode++) {
        const data = Uint8Array.from({ length: 60 }, (_, index) => (index === 0 ? 40 : (index * 7 + subcode) % 128))
        assert.match(describeNotification(notificationOf(code, subcode, data)), /^[^\p{C}\p{Zl}\p{Zp}]+$/u)
      }
    }
  })

  it('a Hard Reset without a reason has none inside', () => {
    assert.equal(hardResetInside(notificationOf(6, 9)), undefined)
    assert.equal(hardResetInside(notificationOf(6, 2, Uint8Array.of(6, 2))), undefined)
  })
})
