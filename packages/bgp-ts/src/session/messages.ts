import { AFI_OF_FAMILY } from '../codec/multiprotocol.ts'
import { describeNotification } from '../codec/notification-text.ts'
import { notificationOf } from '../codec/refusal.ts'
import { cease } from '../codec/shutdown-text.ts'
import {
  CEASE,
  ERROR_CODE,
  MESSAGE_TYPE,
  OPEN_ERROR,
  REFRESH_SUBTYPE,
  SAFI_UNICAST,
  STATE_MACHINE_ERROR,
} from '../constants.ts'
import type { Message, Notification, Open, RouteRefresh } from '../message.ts'
import { type Speaker, survivingDirection } from './collision.ts'
import { drop, forget } from './ending.ts'
import { asnOf, judgeOpen } from './judgement.ts'
import type { Heard, Omission, Track, Turn } from './state.ts'
import { jittered } from './timing.ts'
import { tryNow, waitAfter } from './waiting.ts'

/** Events 19, 24 to 27, and ROUTE-REFRESH: what the peer says. */
export function receive(turn: Turn, track: Track, message: Heard): void {
  if (track.state === 'connecting') return
  if (message.kind === 'notification') return hearNotification(turn, track, message)
  if (track.state === 'openSent' && message.kind === 'open') return hearOpen(turn, track, message)
  if (track.state === 'openConfirm' && message.kind === 'keepalive') return establish(turn, track)
  if (track.state !== 'established' || message.kind === 'open') return refuseUnexpected(turn, track, message)
  restartHold(turn, track)
  if (message.kind === 'routeRefresh') hearRefresh(turn, track, message)
}

const WHERE = { openSent: 'OpenSent', openConfirm: 'OpenConfirm', established: 'Established' } as const

/** RFC 6608: the subcode is the state, the data is the type of the message. */
function refuseUnexpected(turn: Turn, track: Track, { kind }: Pick<Heard, 'kind'>): void {
  if (track.state === 'connecting') return
  const said = notificationOf(
    ERROR_CODE.stateMachine,
    STATE_MACHINE_ERROR[track.state],
    Uint8Array.of(MESSAGE_TYPE[kind]),
  )
  breakOff(turn, track, said, `the peer sent a message ${kind} in ${WHERE[track.state]}, where none may come`)
}

/** Of the errors, in which state a message of that kind may come at all: elsewhere it is out of place, whatever is in it. */
const PLACES: Readonly<Record<number, { readonly kind: Heard['kind']; readonly state: Track['state'] }>> = {
  [ERROR_CODE.open]: { kind: 'open', state: 'openSent' },
  [ERROR_CODE.update]: { kind: 'update', state: 'established' },
  [ERROR_CODE.routeRefresh]: { kind: 'routeRefresh', state: 'established' },
}

/** Events 21, 22 and 28. */
export function refuseMalformed(turn: Turn, track: Track, said: Notification, why: string): void {
  const place = PLACES[said.code]
  if (track.state === 'connecting') return
  if (place !== undefined && place.state !== track.state) return refuseUnexpected(turn, track, place)
  breakOff(turn, track, said, why)
}

/** Ends a connection for a reason of ours. */
export function breakOff(turn: Turn, track: Track, said: Notification, why: string): void {
  drop(turn, track, said)
  turn.state.lastError = why
  waitAfter(turn, track, 'broken')
}

/** Event 19, and 22 where the OPEN is none that we can take. */
function hearOpen(turn: Turn, track: Track, theirs: Open): void {
  const { config, effects } = turn
  if (track.ourOpen === undefined) return
  const judged = judgeOpen(theirs, track.ourOpen, config.peer)
  if (!judged.ok) return breakOff(turn, track, judged.notification, judged.why)
  if (!survivesCollision(turn, track, theirs)) return
  const { agreed } = judged
  track.agreed = agreed
  track.state = 'openConfirm'
  effects.push({ kind: 'agreed', track: track.id, agreed }, { kind: 'send', track: track.id, message: KEEPALIVE })
  // Without a hold timer the deadline of the OPEN goes on: a peer that never says its KEEPALIVE is not waited for.
  if (agreed.holdMs > 0) restartHold(turn, track)
  restartKeepalive(turn, track)
}

const KEEPALIVE: Message = { kind: 'keepalive' }

/** RFC 4271 section 6.8. @returns false when it is `track` that had to go */
function survivesCollision(turn: Turn, track: Track, theirs: Open): boolean {
  const { state, config } = turn
  const rival = state.tracks.find(({ id, agreed }) => id !== track.id && agreed !== undefined)
  if (rival === undefined || track.ourOpen === undefined) return true
  const ours: Speaker = { routerId: track.ourOpen.routerId, asn: config.peer.localAsn }
  const kept = survivingDirection(ours, { routerId: theirs.routerId, asn: asnOf(theirs) })
  const loser = rival.state === 'established' || rival.direction === kept ? track : rival
  drop(turn, loser, cease(CEASE.collision))
  return loser !== track
}

/** The peer has taken our OPEN: it is a session. */
function establish(turn: Turn, track: Track): void {
  const { state, now, effects } = turn
  if (track.agreed === undefined || track.facts === undefined) return
  track.state = 'established'
  track.establishedAt = now
  state.failures = 0
  state.isRestarting = false
  track.holdAt = Number.POSITIVE_INFINITY
  restartHold(turn, track)
  for (const rival of state.tracks.filter(({ id }) => id !== track.id)) drop(turn, rival, cease(CEASE.collision))
  effects.push({ kind: 'established', track: track.id, agreed: track.agreed, facts: track.facts })
}

function restartHold({ now }: Turn, track: Track): void {
  const holdMs = track.agreed?.holdMs ?? 0
  if (holdMs > 0) track.holdAt = now + holdMs
}

export function restartKeepalive({ now, config }: Turn, track: Track): void {
  const keepaliveMs = track.agreed?.keepaliveMs ?? 0
  track.keepaliveAt = keepaliveMs > 0 ? now + jittered(keepaliveMs, config.random()) : Number.POSITIVE_INFINITY
}

/** Event 11. What waits for a peer that is slow tells it as well that we live. */
export function sendKeepalive(turn: Turn, track: Track): void {
  if (track.blockedAt === undefined) turn.effects.push({ kind: 'send', track: track.id, message: KEEPALIVE })
  restartKeepalive(turn, track)
}

/** Events 24 and 25. Never answered by one (RFC 4271 section 6.4). */
function hearNotification(turn: Turn, track: Track, said: Notification): void {
  const { state, effects } = turn
  effects.push({ kind: 'notified', which: 'received', notification: said }, { kind: 'close', track: track.id })
  forget(turn, track)
  // The peer has settled a collision: the other connection goes on.
  if (said.code === ERROR_CODE.cease && said.subcode === CEASE.collision && state.tracks.length > 0) return
  state.lastError = `the peer closed the session: ${describeNotification(said)}`
  const omission = track.state === 'established' ? undefined : lesserOffer(turn, said)
  if (omission === undefined) return waitAfter(turn, track, 'broken')
  state.omission = omission
  tryNow(turn)
}

/** RFC 5492 section 3: a peer that stumbles over what we offer is tried once with less. */
function lesserOffer(turn: Turn, { code, subcode }: Notification): Omission | undefined {
  const { omission } = turn.state
  if (code !== ERROR_CODE.open) return undefined
  const canBeBare = turn.config.peer.families.includes(4)
  if (subcode === OPEN_ERROR.unsupportedCapability && omission === 'nothing') return 'optional'
  if (subcode === OPEN_ERROR.unsupportedParameter && omission !== 'everything' && canBeBare) return 'everything'
  return undefined
}

/** RFC 2918 section 4: of a family that was not agreed upon it is ignored; so are the marks of RFC 7313 around routes we do not keep. */
function hearRefresh(turn: Turn, { agreed }: Track, { afi, safi, subtype }: RouteRefresh): void {
  const family = agreed?.families.find((each) => AFI_OF_FAMILY[each] === afi)
  if (family === undefined || safi !== SAFI_UNICAST || agreed?.routeRefresh !== true) return
  if (subtype === REFRESH_SUBTYPE.request) turn.effects.push({ kind: 'refresh', family })
}
