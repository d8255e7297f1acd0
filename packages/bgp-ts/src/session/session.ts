import { describeNotification } from '../codec/notification-text.ts'
import { encodeMessage } from '../codec/message-codec.ts'
import type { Ending, Incoming, PeerConfig, RouteChanges, Session, SessionListener } from '../peer.ts'
import { changeNextHops, changeRoutes, endTelling } from '../routes/adj-rib-out.ts'
import { outboxOf } from '../routes/outbox.ts'
import { lineOf } from './line.ts'
import {
  type Act,
  advance,
  flushSoon,
  lineListener,
  newShell,
  run,
  sendBytes,
  type SessionPorts,
  type Shell,
  turnAway,
} from './shell.ts'
import type { MachineEffect, MachineEvent, TrackId } from './state.ts'
import { countersOf } from './tally.ts'
import { wireTermsOf } from './terms.ts'
import { standingOf } from './view.ts'

/** How long `stop` waits for a peer that reads slowly. */
const STOP_WITHIN_MS = 500

/**
 * Keeps a session with one peer, from the end of this turn of the event loop until `stop`. RFC 4271; nothing the peer
 * announces is kept.
 * @param config what `PeerConfig` says of ranges is the caller's to see to
 */
export function startSession(config: PeerConfig, ports: SessionPorts, listener: SessionListener): Session {
  const shell = newShell(config, ports, listener)
  const tell = (event: MachineEvent): void => run(shell, () => advance(shell, event, act), act)
  ports.clock.wakeAt(ports.clock.now(), () => tell({ kind: 'start' }))
  return {
    view: () => shell.view,
    counters: () => countersOf(shell.tally),
    change: (changes) => change(shell, changes),
    setNextHops: (nextHops) => alter(shell, () => changeNextHops(shell.rib, nextHops)),
    complete: () => alter(shell, () => void (shell.isComplete = true)),
    accept: (incoming) => accept(shell, incoming),
    lost: (why) => tell({ kind: 'lost', why }),
    retry: () => tell({ kind: 'retry' }),
    stop: (ending) => stop(shell, ending),
  }
}

function change(shell: Shell, changes: RouteChanges): void {
  alter(shell, () => changeRoutes(shell.rib, changes))
}

function alter(shell: Shell, task: () => void): void {
  run(shell, task, act)
  flushSoon(shell, act)
}

function accept(shell: Shell, incoming: Incoming): void {
  const track = shell.nextOffer
  shell.nextOffer -= 1
  shell.offered.set(track, incoming)
  run(shell, () => advance(shell, { kind: 'accept', track }, act), act)
}

function stop(shell: Shell, ending: Ending): Promise<void> {
  const { clock } = shell.ports
  const isSlow = [...shell.lines.values()].some(({ isBlocked }) => isBlocked)
  run(shell, () => advance(shell, { kind: 'stop', ending }, act), act)
  return new Promise((resolve) => void clock.wakeAt(clock.now() + (isSlow ? STOP_WITHIN_MS : 0), resolve))
}

type Acts = {
  readonly [kind in MachineEffect['kind']]: (shell: Shell, effect: Extract<MachineEffect, { kind: kind }>) => void
}

const ACTS: Acts = {
  connect: (shell, { track }) =>
    void shell.lines.set(track, lineOf(track, shell.ports.transport.connect(lineListener(shell, track, act)))),
  take: (shell, { track }) => {
    const incoming = takeOffer(shell, track)
    if (incoming !== undefined) shell.lines.set(track, lineOf(track, incoming(lineListener(shell, track, act))))
  },
  refuse: (shell, { track, notification }) => {
    const incoming = takeOffer(shell, track)
    if (incoming !== undefined) turnAway(shell, incoming, notification)
  },
  send: (shell, { track, message }) => {
    const line = shell.lines.get(track)
    if (line === undefined) return
    shell.tally.sent[message.kind] += 1
    sendBytes(shell, line, encodeMessage(message, line.terms), act)
  },
  close: (shell, { track }) => {
    shell.lines.get(track)?.connection.close()
    shell.lines.delete(track)
  },
  agreed: (shell, { track, agreed }) => {
    const line = shell.lines.get(track)
    if (line !== undefined) line.terms = wireTermsOf(agreed)
  },
  established,
  down: (shell) => {
    shell.out = undefined
    shell.standing = undefined
    endTelling(shell.rib)
  },
  refresh: (shell, { family }) => {
    shell.out?.outbox.refresh(family)
    flushSoon(shell, act)
  },
  notified: (shell, { which, notification }) =>
    shell.listener.onNotification(which, notification, describeNotification(notification)),
}

const act: Act = (shell, effect) => {
  const one = ACTS[effect.kind] as (shell: Shell, effect: MachineEffect) => void
  one(shell, effect)
}

function takeOffer(shell: Shell, track: TrackId): Incoming | undefined {
  const incoming = shell.offered.get(track)
  shell.offered.delete(track)
  return incoming
}

function established(shell: Shell, { track, agreed, facts }: Extract<MachineEffect, { kind: 'established' }>): void {
  const line = shell.lines.get(track)
  if (line === undefined) return
  const { localAsn } = shell.config.peer
  const terms = { localAsn, agreed, nextHops: facts.nextHops, isComplete: () => shell.isComplete }
  shell.out = { outbox: outboxOf(shell.rib, terms), line }
  shell.standing = standingOf(agreed, facts)
  flushSoon(shell, act)
}
