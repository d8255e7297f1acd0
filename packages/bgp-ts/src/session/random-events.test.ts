import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseAddress } from '@steelyard/net'
import { seededRandom } from '@steelyard/runtime'
import { notificationOf } from '../codec/refusal.ts'
import type { Open } from '../message.ts'
import type { ConnectionFacts } from '../peer.ts'
import { PEER } from '../testing/duet.ts'
import { nextDeadline } from './alarms.ts'
import { openOf } from './open.ts'
import { initialState, type MachineEffect, type MachineEvent, type MachineState } from './state.ts'
import { sessionStateOf, step } from './step.ts'

const US = parseAddress('192.0.2.1')!
const FACTS: ConnectionFacts = { localAddress: US, remoteAddress: US, routerId: 10, nextHops: { ipv4: US } }

/** What must hold of any state, however it came about. */
function check(state: MachineState, passive: boolean): void {
  const current = sessionStateOf(state)
  const isWaitedFor = Number.isFinite(nextDeadline(state))
  assert.ok(state.tracks.length <= 2, 'one connection of each direction at most')
  assert.ok(state.tracks.filter((track) => track.state === 'established').length <= 1)
  assert.ok(state.tracks.every(isBounded), 'a connection that nobody looks after')
  if (!state.isStarted) assert.deepEqual([current, state.tracks.length, isWaitedFor], ['idle', 0, false])
  else if (current !== 'established' && !(passive && current === 'active'))
    assert.ok(isWaitedFor, `stuck in ${current}`)
}

/** Only a session without a hold timer may stand for ever. */
function isBounded({ state, agreed, holdAt }: MachineState['tracks'][number]): boolean {
  return Number.isFinite(holdAt) || (state === 'established' && agreed?.holdMs === 0)
}

/** Every connection that is made is closed once, by one side; nothing is said on one that is over. */
function ledger(): { readonly note: (event: MachineEvent, effects: readonly MachineEffect[]) => void } {
  const open = new Set<number>()
  return {
    note: (event, effects) => {
      if (event.kind === 'closed') open.delete(event.track)
      for (const effect of effects) {
        if (effect.kind === 'connect' || effect.kind === 'take') open.add(effect.track)
        if (effect.kind === 'send') assert.ok(open.has(effect.track), 'said where nobody listens')
        if (effect.kind === 'close') assert.ok(open.delete(effect.track), 'closed twice')
      }
    },
  }
}

describe('whatever happens, a session neither hangs nor talks to nobody', () => {
  for (let seed = 1; seed <= 40; seed++) {
    it(`seed ${seed}`, () => {
      const random = seededRandom(seed)
      const pick = <T>(all: readonly T[]): T => all[Math.floor(random() * all.length)]!
      const passive = seed % 4 === 0
      const config = { peer: { ...PEER, passive, ...(seed % 3 === 0 ? { holdMs: 0 } : {}) }, random }
      const books = ledger()
      let [state, now, offer] = [initialState(false), 0, -1]
      const theirs = (): Open =>
        openOf(
          {
            ...PEER,
            localAsn: pick([64_513, 64_513, 64_513, 7]),
            ...(random() < 0.3 ? { gracefulRestart: { restartSeconds: 1 } } : {}),
          },
          { routerId: pick([9, 10, 11]), isRestarting: false, omission: pick(['nothing', 'everything']) },
        )
      const track = (): number =>
        state.tracks.length > 0 && random() < 0.95 ? pick(state.tracks).id : pick([1, -1, 99])
      const events: readonly (() => MachineEvent)[] = [
        () => ({ kind: 'start' }),
        () => (random() < 0.05 ? { kind: 'stop', ending: { kind: 'cease', subcode: 2 } } : { kind: 'start' }),
        () => (random() < 0.2 ? { kind: 'lost', why: 'BFD' } : { kind: 'tick' }),
        () => (random() < 0.2 ? { kind: 'retry' } : { kind: 'tick' }),
        () => ({ kind: 'accept', track: offer-- }),
        () => ({ kind: 'opened', track: track(), facts: FACTS }),
        () => ({ kind: 'opened', track: track(), facts: FACTS }),
        () => (random() < 0.3 ? { kind: 'closed', track: track(), why: 'reset' } : { kind: 'tick' }),
        () => ({ kind: 'message', track: track(), message: theirs() }),
        () => ({ kind: 'message', track: track(), message: { kind: 'keepalive' } }),
        () => ({ kind: 'message', track: track(), message: { kind: 'update' } }),
        () => ({ kind: 'message', track: track(), message: notificationOf(pick([2, 6]), pick([1, 2, 4, 7])) }),
        () => ({ kind: 'malformed', track: track(), notification: notificationOf(pick([1, 2, 3]), 1), why: 'bad' }),
        () => ({ kind: pick(['blocked', 'drained'] as const), track: track() }),
      ]
      for (let times = 0; times < 3000; times++) {
        const due = nextDeadline(state)
        if (random() < 0.5 && Number.isFinite(due)) now = Math.max(now, due)
        const event = now >= due ? ({ kind: 'tick' } as const) : pick(events)()
        const before = JSON.stringify(state)
        const after = step(state, event, now, config)
        assert.equal(JSON.stringify(state), before, 'a step changes nothing that it was given')
        state = after.state
        books.note(event, after.effects)
        check(state, passive)
      }
    })
  }
})
