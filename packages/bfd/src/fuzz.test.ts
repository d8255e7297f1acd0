import { parseAddress } from '@steelyard/net'
import { seededRandom } from '@steelyard/runtime'
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { SLOW_MS, TTL } from './constants.ts'
import { encodePacket } from './packet.ts'
import { addSession, bfdSessions, nextSessionAt, receiveControl, receiveEcho, tickSessions } from './sessions.ts'
import { CONFIG, peerPacket } from './testing/peer-packet.ts'

const ROUNDS = 150_000
const STATES = ['adminDown', 'down', 'init', 'up'] as const

describe('a session that strangers send anything to', () => {
  it('never fails, never sends faster than it may, and keeps nothing of them', () => {
    const random = seededRandom(21)
    const sessions = bfdSessions()
    const peer = parseAddress('192.0.2.1')
    assert.ok(peer !== undefined)
    const place = { peer, multihop: false, device: undefined, ifindex: undefined, local: undefined }
    const config = { ...CONFIG, echoMs: 50 }
    const { session } = addSession(sessions, { key: 'one', place, config, minimumTtl: 254 }, 0, random)
    const pick = (most: number): number => Math.floor(random() * most)
    let [now, taken, periodic] = [0, 0, 0]
    for (let round = 0; round < ROUNDS; round++) {
      now += random() * 20
      const bytes = encodePacket(
        peerPacket({
          state: STATES[pick(4)] ?? 'up',
          poll: random() < 0.2,
          final: random() < 0.2,
          demand: random() < 0.05,
          multiplier: 1 + pick(255),
          myDiscriminator: 1 + pick(2 ** 32 - 1),
          yourDiscriminator: [0, session.discriminator, pick(2 ** 32)][pick(3)] ?? 0,
          desiredMinTxUs: pick(2 ** (1 + pick(32))),
          requiredMinRxUs: pick(2 ** (1 + pick(32))),
          requiredMinEchoRxUs: pick(2 ** (1 + pick(32))),
        }),
      )
      if (random() < 0.3) bytes[pick(bytes.length)] = pick(256)
      const cut = random() < 0.05 ? bytes.subarray(0, pick(25)) : bytes
      const arrival = {
        bytes: cut,
        source: peer,
        destination: undefined,
        ifindex: 1,
        multihop: false,
        device: undefined,
      }
      const moment = { now, random }
      if (receiveControl(sessions, { ...arrival, ttl: TTL - Number(random() < 0.05) }, moment).ok) taken += 1
      receiveEcho(sessions, cut, moment)
      for (const { effects } of tickSessions(sessions, now, moment)) {
        periodic += effects.filter(({ kind }) => kind === 'send').length
      }
      assert.ok(nextSessionAt(sessions) <= now + 2 ** 32)
    }
    assert.ok(taken > ROUNDS / 10, `${taken} were taken`)
    assert.ok(periodic < now / (0.75 * CONFIG.transmitMs) + session.ups * 2 + now / SLOW_MS)
    assert.deepEqual([sessions.byDiscriminator.size, sessions.heap.items.length], [1, 1])
  })
})
