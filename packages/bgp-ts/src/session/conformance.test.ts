import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { notificationOf } from '../codec/refusal.ts'
import { CEASE, ERROR_CODE, HEADER_ERROR, OPEN_ERROR, UPDATE_ERROR } from '../constants.ts'
import { parseAddress } from '@steelyard/net'
import type { ConnectionFacts, PeerConfig } from '../peer.ts'
import type { Open } from '../message.ts'
import { PEER } from '../testing/duet.ts'
import { nextDeadline } from './alarms.ts'
import { openOf } from './open.ts'
import { initialState, type MachineConfig, type MachineEffect, type MachineEvent, type MachineState } from './state.ts'
import { sessionStateOf, step } from './step.ts'
import { CONFORMANCE, type EventName, SITUATIONS, type Situation } from './conformance-table.ts'

const US = parseAddress('192.0.2.1')!
const THEM = parseAddress('192.0.2.2')!
const FACTS: ConnectionFacts = { localAddress: US, remoteAddress: THEM, routerId: 10, nextHops: { ipv4: US } }
const THEIRS: PeerConfig = { ...PEER, localAsn: 64_513 }
const theirOpen = (more: Partial<Open> = {}): Open => ({
  ...openOf(THEIRS, { routerId: 20, isRestarting: false, omission: 'nothing' }),
  ...more,
})
const config = (peer: Partial<PeerConfig> = {}): MachineConfig => ({ peer: { ...PEER, ...peer }, random: () => 0 })
const after = (state: MachineState, ...events: readonly MachineEvent[]): MachineState =>
  events.reduce((state, event) => step(state, event, 0, config()).state, state)

const OUT = 1
const start: MachineEvent = { kind: 'start' }
const opened: MachineEvent = { kind: 'opened', track: OUT, facts: FACTS }
const heardOpen: MachineEvent = { kind: 'message', track: OUT, message: theirOpen() }
const heardKeepalive: MachineEvent = { kind: 'message', track: OUT, message: { kind: 'keepalive' } }
const closed: MachineEvent = { kind: 'closed', track: OUT, why: 'reset' }

/** Each state by the shortest way. The second failure waits, the first does not. */
const IN: Readonly<Record<Situation, MachineState>> = {
  idle: initialState(false),
  idleHold: after({ ...initialState(false), failures: 3 }, start, opened, closed),
  connect: after(initialState(false), start),
  active: after({ ...initialState(false), failures: 3 }, start, closed),
  openSent: after(initialState(false), start, opened),
  openConfirm: after(initialState(false), start, opened, heardOpen),
  established: after(initialState(false), start, opened, heardOpen, heardKeepalive),
}

const notificationEvent = (code: number, subcode: number): MachineEvent => ({
  kind: 'message',
  track: OUT,
  message: notificationOf(code, subcode),
})
const malformed = (code: number, subcode: number): MachineEvent => ({
  kind: 'malformed',
  track: OUT,
  notification: notificationOf(code, subcode),
  why: 'malformed',
})
const tick: MachineEvent = { kind: 'tick' }
const due = (state: MachineState, key: 'holdAt' | 'keepaliveAt'): number => {
  const at = state.tracks[0]?.[key] ?? 0
  return Number.isFinite(at) ? at : 0
}
const waitOver = (state: MachineState, wait: MachineState['wait']): number =>
  state.wait === wait && Number.isFinite(state.waitUntil) ? state.waitUntil : 0

const OPEN_ON_THEIRS: MachineEvent = { kind: 'message', track: -1, message: theirOpen() }

type Happening = {
  readonly event: MachineEvent
  readonly eventIn?: Partial<Record<Situation, MachineEvent>>
  readonly at?: (state: MachineState) => number
  readonly before?: (state: MachineState) => MachineState
  readonly peer?: Partial<PeerConfig>
}
const HAPPENINGS: Readonly<Record<EventName, Happening>> = {
  ManualStart: { event: start },
  ManualStop: { event: { kind: 'stop', ending: { kind: 'cease', subcode: CEASE.administrativeShutdown } } },
  AutomaticStart: { event: { kind: 'retry' } },
  ManualStart_with_PassiveTcpEstablishment: { event: start, peer: { passive: true } },
  AutomaticStop: { event: { kind: 'lost', why: 'BFD' } },
  ConnectRetryTimer_Expires: {
    event: tick,
    at: (state) => (sessionStateOf(state) === 'connect' ? due(state, 'holdAt') : waitOver(state, 'connectRetry')),
  },
  HoldTimer_Expires: {
    event: tick,
    at: (state) => (sessionStateOf(state) === 'connect' ? 0 : due(state, 'holdAt')),
  },
  KeepaliveTimer_Expires: { event: tick, at: (state) => due(state, 'keepaliveAt') },
  IdleHoldTimer_Expires: { event: tick, at: (state) => waitOver(state, 'idleHold') },
  Tcp_CR_Acked: { event: opened },
  TcpConnectionConfirmed: { event: { kind: 'accept', track: -1 } },
  TcpConnectionFails: { event: closed },
  BGPOpen: { event: heardOpen },
  BGPHeaderErr: { event: malformed(ERROR_CODE.header, HEADER_ERROR.notSynchronized) },
  BGPOpenMsgErr: { event: { kind: 'message', track: OUT, message: theirOpen({ asn: 1, capabilities: [] }) } },
  OpenCollisionDump: {
    // The peer's connection is the one to keep, its identifier is higher: here ours has heard the OPEN first, or second.
    before: (state) => {
      const rival = after(state, { kind: 'accept', track: -1 }, { kind: 'opened', track: -1, facts: FACTS })
      return sessionStateOf(state) === 'openSent' ? after(rival, OPEN_ON_THEIRS) : rival
    },
    event: OPEN_ON_THEIRS,
    eventIn: { openSent: heardOpen, connect: heardOpen, active: heardOpen },
  },
  NotifMsgVerErr: { event: notificationEvent(ERROR_CODE.open, OPEN_ERROR.unsupportedVersion) },
  NotifMsg: { event: notificationEvent(ERROR_CODE.cease, CEASE.administrativeShutdown) },
  KeepAliveMsg: { event: heardKeepalive },
  UpdateMsg: { event: { kind: 'message', track: OUT, message: { kind: 'update' } } },
  UpdateMsgErr: { event: malformed(ERROR_CODE.update, UPDATE_ERROR.malformedAttributeList) },
  SendHoldTimer_Expires: {
    event: tick,
    before: blocked,
    at: (state) => (state.tracks.some(({ blockedAt }) => blockedAt !== undefined) ? nextDeadline(state) : 0),
  },
  RouteRefreshMsg: {
    event: { kind: 'message', track: OUT, message: { kind: 'routeRefresh', afi: 1, safi: 1, subtype: 0 } },
  },
}

/** The peer speaks, and does not read. */
function blocked(state: MachineState): MachineState {
  return {
    ...state,
    tracks: state.tracks.map((track) => ({
      ...track,
      holdAt: Infinity,
      keepaliveAt: Infinity,
      blockedAt: track.state === 'connecting' ? undefined : 0,
    })),
  }
}

const NAMES = { open: 'OPEN', keepalive: 'KEEPALIVE', update: 'UPDATE', routeRefresh: 'ROUTE-REFRESH' } as const
function told(effect: MachineEffect): string[] {
  if (effect.kind === 'send') {
    const { message } = effect
    return [message.kind === 'notification' ? `NOTIFICATION ${message.code}/${message.subcode}` : NAMES[message.kind]]
  }
  if (effect.kind === 'refuse') return [`refuse ${effect.notification.code}/${effect.notification.subcode}`]
  const words = { established: 'announce', refresh: 'announce again', connect: 'connect', take: 'take', close: 'close' }
  return effect.kind in words ? [words[effect.kind as keyof typeof words]] : []
}

function situationOf(state: MachineState): Situation {
  const current = sessionStateOf(state)
  return current === 'idle' && state.isStarted ? 'idleHold' : current
}

function happen(name: EventName, situation: Situation): string {
  const { event, eventIn = {}, at, before = (state) => state, peer = {} } = HAPPENINGS[name]
  const state = before(IN[situation])
  const { state: next, effects } = step(state, eventIn[situation] ?? event, at?.(state) ?? 0, config(peer))
  const does = effects.flatMap(told)
  const now = situationOf(next)
  if (does.length === 0 && now === situationOf(state)) return '-'
  return [now, ...does].join(', ')
}

describe('every event in every state', () => {
  for (const { number, name, means, outcomes } of CONFORMANCE) {
    for (const situation of SITUATIONS) {
      const expected = outcomes[situation] ?? '-'
      it(`${number ?? ''} ${name} (${means}) in ${situation}: ${expected}`, () =>
        assert.equal(happen(name, situation), expected))
    }
  }
})
