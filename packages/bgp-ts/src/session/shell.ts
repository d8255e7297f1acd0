import type { Cancel, Clock, Random } from '@steelyard/runtime'
import { encodeMessage } from '../codec/message-codec.ts'
import { OPENING_TERMS } from '../codec/wire-terms.ts'
import type { ConnectionListener, Incoming, PeerConfig, SessionListener, SessionView, Transport } from '../peer.ts'
import { type AdjRibOut, adjRibOut, countRoutes } from '../routes/adj-rib-out.ts'
import type { Outbox } from '../routes/outbox.ts'
import { nextDeadline } from './alarms.ts'
import { hear, type Line } from './line.ts'
import {
  initialState,
  type MachineConfig,
  type MachineEffect,
  type MachineEvent,
  type MachineState,
  type TrackId,
} from './state.ts'
import { step } from './step.ts'
import { type Tally, tally } from './tally.ts'
import { type Standing, viewOf } from './view.ts'

export type SessionPorts = {
  readonly transport: Transport
  readonly clock: Clock
  readonly random: Random
  /** The program has just started again: said in the first session (the R bit of RFC 4724). */
  readonly restarting?: boolean
}

/** What stands between the machine and the world. One task runs at a time; what comes meanwhile waits its turn. */
export type Shell = {
  readonly config: MachineConfig
  readonly ports: SessionPorts
  readonly listener: SessionListener
  readonly rib: AdjRibOut
  readonly lines: Map<TrackId, Line>
  readonly tally: Tally
  readonly tasks: (() => void)[]
  /** Handed over, and not yet taken or refused. */
  readonly offered: Map<TrackId, Incoming>
  nextOffer: TrackId
  state: MachineState
  isRunning: boolean
  isComplete: boolean
  /** While Established. */
  out: { readonly outbox: Outbox; readonly line: Line } | undefined
  standing: Standing | undefined
  view: SessionView
  alarmAt: number
  cancelAlarm: Cancel
  isFlushDue: boolean
}

export function newShell(peer: PeerConfig, ports: SessionPorts, listener: SessionListener): Shell {
  const state = initialState(ports.restarting === true)
  const rib = adjRibOut()
  return {
    config: { peer, random: ports.random },
    ports,
    listener,
    rib,
    lines: new Map(),
    tally: tally(),
    tasks: [],
    offered: new Map(),
    nextOffer: -1,
    state,
    isRunning: false,
    isComplete: false,
    out: undefined,
    standing: undefined,
    view: viewOf(undefined, { state, counts: countRoutes(rib), standing: undefined, now: ports.clock.now() }),
    alarmAt: Number.POSITIVE_INFINITY,
    cancelAlarm: () => {},
    isFlushDue: false,
  }
}

/** How effects are carried out. */
export type Act = (shell: Shell, effect: MachineEffect) => void

/** Runs `task`, and what it and the listener bring about; then the view and the alarm are right again. */
export function run(shell: Shell, task: () => void, act: Act): void {
  shell.tasks.push(task)
  if (shell.isRunning) return
  shell.isRunning = true
  try {
    for (let next = shell.tasks.shift(); next !== undefined; next = shell.tasks.shift()) {
      next()
      if (shell.tasks.length === 0) tellView(shell)
    }
  } finally {
    shell.isRunning = false
  }
  setAlarm(shell, act)
}

/** One event, at once: only inside `run`. */
export function advance(shell: Shell, event: MachineEvent, act: Act): void {
  const { state, effects } = step(shell.state, event, shell.ports.clock.now(), shell.config)
  shell.state = state
  for (const effect of effects) act(shell, effect)
}

function tellView(shell: Shell): void {
  const { state, rib, standing, ports } = shell
  const view = viewOf(shell.view, { state, counts: countRoutes(rib), standing, now: ports.clock.now() })
  if (view === shell.view) return
  shell.view = view
  shell.listener.onView(view)
}

function setAlarm(shell: Shell, act: Act): void {
  const due = nextDeadline(shell.state)
  // Most messages put a deadline off: the alarm that is set rings too early once, and finds nothing to do.
  if (Number.isFinite(due) && due >= shell.alarmAt) return
  shell.cancelAlarm()
  shell.alarmAt = due
  shell.cancelAlarm = Number.isFinite(due) ? shell.ports.clock.wakeAt(due, () => ring(shell, act)) : () => {}
}

function ring(shell: Shell, act: Act): void {
  shell.alarmAt = Number.POSITIVE_INFINITY
  run(shell, () => advance(shell, { kind: 'tick' }, act), act)
}

/** What the transport tells of one connection. */
export function lineListener(shell: Shell, track: TrackId, act: Act): ConnectionListener {
  const soon = (event: MachineEvent): void => run(shell, () => advance(shell, event, act), act)
  return {
    onOpen: (facts) => soon({ kind: 'opened', track, facts }),
    onBytes: (bytes) => {
      // Bytes are valid for now only.
      const kept = shell.isRunning ? bytes.slice() : bytes
      run(shell, () => hearLine(shell, track, kept, act), act)
    },
    onDrain: () => run(shell, () => drained(shell, track, act), act),
    onClose: (why) =>
      run(
        shell,
        () => {
          shell.lines.delete(track)
          advance(shell, { kind: 'closed', track, why }, act)
        },
        act,
      ),
  }
}

function hearLine(shell: Shell, track: TrackId, bytes: Uint8Array, act: Act): void {
  const line = shell.lines.get(track)
  if (line === undefined) return
  hear(line, bytes, shell.tally, (event) => {
    advance(shell, event, act)
    return shell.lines.has(track)
  })
}

function drained(shell: Shell, track: TrackId, act: Act): void {
  const line = shell.lines.get(track)
  if (line === undefined) return
  line.isBlocked = false
  advance(shell, { kind: 'drained', track }, act)
  flushSoon(shell, act)
}

/** Messages that go out together: the peer's window and the turn of the event loop set the pace, not the table. */
const SLICE_BYTES = 65_536

/** At the end of this turn of the event loop, so that changes of one turn travel together. */
export function flushSoon(shell: Shell, act: Act): void {
  const { clock } = shell.ports
  if (shell.isFlushDue || shell.out === undefined) return
  shell.isFlushDue = true
  clock.wakeAt(clock.now(), () => {
    shell.isFlushDue = false
    run(shell, () => flush(shell, act), act)
  })
}

function flush(shell: Shell, act: Act): void {
  const { out } = shell
  if (out === undefined || out.line.isBlocked) return
  const parts: Uint8Array[] = []
  let bytes = 0
  while (bytes < SLICE_BYTES) {
    const message = out.outbox.next()
    if (message === undefined) break
    const part = encodeMessage(message, out.line.terms)
    shell.tally.sent[message.kind] += 1
    parts.push(part)
    bytes += part.length
  }
  if (bytes === 0) return
  sendBytes(shell, out.line, joined(parts, bytes), act)
  if (bytes >= SLICE_BYTES) flushSoon(shell, act)
}

function joined(parts: readonly Uint8Array[], bytes: number): Uint8Array {
  const [only] = parts
  if (parts.length === 1 && only !== undefined) return only
  const all = new Uint8Array(bytes)
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

export function sendBytes(shell: Shell, line: Line, bytes: Uint8Array, act: Act): void {
  if (line.connection.send(bytes) || line.isBlocked) return
  line.isBlocked = true
  run(shell, () => advance(shell, { kind: 'blocked', track: line.track }, act), act)
}

/** A connection that is not wanted is told so. */
export function turnAway(shell: Shell, incoming: Incoming, said: Parameters<typeof encodeMessage>[0]): void {
  const connection = incoming({ onOpen: () => {}, onBytes: () => {}, onDrain: () => {}, onClose: () => {} })
  shell.tally.sent[said.kind] += 1
  connection.send(encodeMessage(said, OPENING_TERMS))
  connection.close()
}
