import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { RouterBfdCounters } from '../routers/router.ts'
import { type BfdRouter, type BfdStage, openBfdStage, saidOf, startBfdRouter, watch } from '../netns/bfd/stage.ts'
import { eventually } from '../netns/link/speaker-node.ts'
import { DUPLICATED, GOOD, type LinkQuality, LOSS_20, LOSS_5, REORDERED, setQuality } from './bad-links/quality.ts'

const INTERVAL_MS = 300
const WATCH_MS = 40_000

/** A session at 300 ms; the last octets of its addresses, ours and the router's. */
type Session = { readonly multiplier: number; readonly ours: number; readonly theirs: number }
const SESSIONS: readonly Session[] = [
  { multiplier: 3, ours: 1, theirs: 2 },
  { multiplier: 6, ours: 3, theirs: 4 },
  { multiplier: 10, ours: 5, theirs: 6 },
]
const addressOf = (octet: number): string => `192.0.2.${octet}`

/**
 * How often a session may be lost in 40 s. Of packets that are each lost by chance `p`, `n` in a row are once in so many:
 * with n the multiplier, a packet each 262 ms and both ways, 0.04 losses are to be expected at 5 % and 3, two at 20 % and 3,
 * less than 0.02 otherwise. So the numbers below are passed once in some ten thousand runs.
 */
const MOST: readonly (readonly [quality: LinkQuality, byMultiplier: Readonly<Record<number, number>>])[] = [
  [GOOD, { 3: 0, 6: 0, 10: 0 }],
  [REORDERED, { 3: 0, 6: 0, 10: 0 }],
  [DUPLICATED, { 3: 0, 6: 0, 10: 0 }],
  [LOSS_5, { 3: 2, 6: 0, 10: 0 }],
  [LOSS_20, { 3: 12, 6: 2, 10: 0 }],
]

describe('BFD of 300 ms with FRR on bad links', () => {
  let stage: BfdStage
  let router: BfdRouter
  const devices = () => [stage.ours, stage.router].map((namespace) => ({ namespace, name: 'e0' }))
  const keyOf = ({ theirs }: Session): string => addressOf(theirs)
  const allUp = (): boolean => SESSIONS.every((each) => stage.isUp(keyOf(each)))
  const counted = async ({ ours }: Session): Promise<RouterBfdCounters> =>
    (await saidOf(router, addressOf(ours))).counters ?? assert.fail('FRR counts')
  /** Times that each session was lost, here and there. */
  const losses = (): Promise<(readonly [here: number, there: number])[]> =>
    Promise.all(
      SESSIONS.map(async (each) => [stage.fact(keyOf(each))?.downs ?? 0, (await counted(each)).downs] as const),
    )

  before(async () => {
    stage = await openBfdStage('blf')
    for (const { ours, theirs } of SESSIONS.slice(1)) {
      stage.spaces.ip(stage.ours, 'addr', 'add', `${addressOf(ours)}/24`, 'dev', 'e0')
      stage.spaces.ip(stage.router, 'addr', 'add', `${addressOf(theirs)}/24`, 'dev', 'e0')
    }
    const peers = SESSIONS.map(({ multiplier, ours, theirs }) => ({
      address: addressOf(ours),
      localAddress: addressOf(theirs),
      transmitInterval: INTERVAL_MS,
      receiveInterval: INTERVAL_MS,
      detectMultiplier: multiplier,
    }))
    router = await startBfdRouter('frr', stage.router, ...peers)
    const sessions = SESSIONS.map(({ multiplier, ours, theirs }) =>
      watch(addressOf(theirs), {
        local: addressOf(ours),
        transmitIntervalMs: INTERVAL_MS,
        receiveIntervalMs: INTERVAL_MS,
        detectMultiplier: multiplier,
      }),
    )
    stage.desire(...sessions)
    await eventually('all are up', allUp)
  })
  after(async () => {
    await router.close()
    await stage.close()
  })

  for (const [quality, most] of MOST) {
    it(`${quality.name}: a session is lost no more often than its multiplier allows, and comes back`, async (test) => {
      await eventually('all are up', allUp)
      const before_ = await losses()
      setQuality(stage.spaces, devices(), quality)
      await sleep(quality === LOSS_5 || quality === LOSS_20 ? WATCH_MS : WATCH_MS / 4)
      const lost = (await losses()).map(([here, there], index) => [
        here - (before_[index]?.[0] ?? 0),
        there - (before_[index]?.[1] ?? 0),
      ])
      const words = SESSIONS.map(({ multiplier }, index) => `× ${multiplier}: ${lost[index]?.join(' and ')}`)
      test.diagnostic(`lost here and there, 300 ms ${words.join(', ')}`)
      for (const [index, { multiplier }] of SESSIONS.entries()) {
        assert.ok(Math.max(...(lost[index] ?? [])) <= (most[multiplier] ?? 0), words[index])
      }
      setQuality(stage.spaces, devices(), GOOD)
      await eventually('all are up', allUp)
    })
  }
})
