import { takeWitness } from './agreement.ts'
import { beat } from './beats.ts'
import { tellBeaten } from './claims.ts'
import { type MembershipConfig, missedAfterMs } from './config.ts'
import { sendDigest } from './digest.ts'
import { setLinks, linksAt, tendLinks } from './links.ts'
import { sendAll } from './outbox.ts'
import { isLiving, viewOf } from './peer.ts'
import { challengeAgain } from './proof.ts'
import { receive } from './receive.ts'
import { forgetOldRecords, publish, pull, pullAt } from './records.ts'
import { setRoster } from './roster.ts'
import { beginDoubt, probeWaiting, standingAt, updateStanding } from './standing.ts'
import type { MembershipEffect, MembershipEvent, MembershipState, Turn } from './state.ts'
import { judge, judgeAt } from './suspicion.ts'
import { sendTransfers, transferAt } from './transfers.ts'
import { isMesh, refreshWatching } from './watching.ts'

/** A goodbye is said so often: nobody can ask for it again. */
const GOODBYES = 2

/**
 * Everything that membership decides. Changes `state` in place and returns what to do, in order.
 * A turn of the loop ends with `tick`; until `nextDeadline` nothing is due then.
 * @param now milliseconds of a monotonic clock.
 */
export function step(
  state: MembershipState,
  event: MembershipEvent,
  now: number,
  config: MembershipConfig,
): MembershipEffect[] {
  if (state.isLeaving) return []
  const lagMs = event.kind === 'tick' || event.kind === 'stalled' ? event.lagMs : 0
  const isLate = lagMs >= config.intervalMs / 2
  if (isLate) state.lostMs += lagMs
  state.at = now - state.lostMs
  const turn: Turn = { state, config, now, at: state.at, effects: [] }
  if (isLate && lagMs >= missedAfterMs(config)) beginDoubt(turn)
  apply(turn, event)
  updateStanding(turn)
  tellBeaten(turn)
  tellMembers(turn)
  return turn.effects
}

type Appliers = {
  readonly [kind in MembershipEvent['kind']]: (turn: Turn, event: Extract<MembershipEvent, { kind: kind }>) => void
}

const APPLIERS: Appliers = {
  roster: (turn, { nodes }) => setRoster(turn, nodes),
  publish: (turn, { record }) => publish(turn, record),
  received: (turn, { bytes, link }) => receive(turn, bytes, link),
  links: (turn, { names }) => setLinks(turn, names),
  carrier: (turn, { up }) => setCarrier(turn, up),
  keys: (turn, { keyring }) => turn.state.wire.rekey(keyring),
  witness: (turn, { reachable }) => takeWitness(turn, reachable),
  leave,
  stalled: () => {},
  tick,
}

function apply(turn: Turn, event: MembershipEvent): void {
  const applier = APPLIERS[event.kind] as (turn: Turn, event: MembershipEvent) => void
  applier(turn, event)
}

function tick(turn: Turn): void {
  refreshWatching(turn)
  judge(turn)
  refreshWatching(turn)
  if (turn.at >= turn.state.beatAt) forgetOldRecords(turn)
  beat(turn)
  sendDigest(turn)
  probeWaiting(turn)
  challengeAgain(turn)
  pull(turn)
  sendTransfers(turn)
  tendLinks(turn)
}

/** Without a link of its own a node hears nobody, and that says nothing about the others. */
function setCarrier(turn: Turn, up: boolean): void {
  const { state, at, config } = turn
  if (up === state.hasCarrier) return
  state.hasCarrier = up
  for (const peer of state.peers.values()) {
    peer.suspicion = undefined
    if (isLiving(peer)) peer.heardAt = at
  }
  if (up) beginDoubt(turn, config.carrierMs)
}

function leave(turn: Turn): void {
  const { state } = turn
  state.isLeaving = true
  const living = [...state.peers.values()].filter(isLiving)
  for (let said = 0; said < GOODBYES; said++) sendAll(turn, living, { kind: 'leave', incarnation: state.incarnation })
}

function tellMembers({ state, effects }: Turn): void {
  if (!state.isChanged) return
  state.isChanged = false
  const members = [...state.peers.values()].map(viewOf)
  effects.push({ kind: 'members', members, standing: state.standing, majority: state.hasMajority })
}

/** When `tick` has something to do again, on the clock that `step` is told. */
export function nextDeadline(state: MembershipState, config: MembershipConfig): number {
  if (state.isLeaving) return Number.POSITIVE_INFINITY
  const turn: Turn = { state, config, now: state.at + state.lostMs, at: state.at, effects: [] }
  let due = Math.min(
    state.beatAt,
    state.challengeAt,
    pullAt(state, config),
    transferAt(state),
    linksAt(state),
    standingAt(turn),
  )
  if (state.isWatchStale) due = Math.min(due, state.watchAt)
  if (!isMesh(state, config)) due = Math.min(due, state.digestAt)
  if (state.hasCarrier) for (const peer of state.watched) due = Math.min(due, judgeAt(peer, config))
  return due + state.lostMs
}
