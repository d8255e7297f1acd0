import type { LinkFault } from '../messages.ts'
import { GONE, tell } from './failures.ts'
import { type MemberTurn, order } from './member-feed.ts'
import type { MemberAct, MemberAttempt, MemberEvent, MemberFailure, Opening, SeenInterface } from './member-state.ts'
import { postpone } from './seen-interfaces.ts'

/** What cannot be opened or read is opened anew after a while; what could not be sent is not sent again. */
export function noteMemberFailure(turn: MemberTurn, { tried, error }: Extract<MemberEvent, { kind: 'failed' }>): void {
  const { state, life, now, config, effects } = turn
  const entry = 'ifindex' in tried ? state.member.seen.get(tried.ifindex) : undefined
  // The interface is down, and its socket goes on once it is up again. Netlink has told, or will.
  if (GONE.has(error.errno) && tried.kind !== 'openPort' && tried.kind !== 'openBeats') return
  if (tried.kind === 'openPort' || tried.kind === 'receiveDatagram') {
    life.isBound = false
    reopen(turn, life.port, { kind: 'closePort' })
  }
  if (entry !== undefined && (tried.kind === 'openBeats' || tried.kind === 'receiveBeat')) {
    reopen(turn, entry, { kind: 'closeBeats', ifindex: entry.ifindex })
  }
  tell(state, faultOf(tried, error, entry), { now, config }, effects)
}

function reopen(turn: MemberTurn, opening: Opening, closing: MemberAct): void {
  order(turn, closing)
  postpone(opening, turn.now, turn.config)
}

function faultOf(
  tried: MemberAttempt,
  { call, errno, message }: MemberFailure,
  entry: SeenInterface | undefined,
): Omit<LinkFault, 'times'> {
  const what = tried.kind === 'openPort' ? `members cannot be heard on port ${tried.port}: ` : ''
  return { ...(entry === undefined ? {} : { interface: entry.name }), call, errno, message: `${what}${message}` }
}
