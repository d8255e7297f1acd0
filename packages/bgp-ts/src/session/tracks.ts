import type { ConnectionFacts } from '../peer.ts'
import { openOf } from './open.ts'
import type { Draft, Track, TrackId, Turn } from './state.ts'
import { OPEN_WITHIN_MS } from './timing.ts'

export const trackOf = (state: Draft, id: TrackId): Track | undefined => state.tracks.find((track) => track.id === id)

/** Connect, when it is us who connects. */
export function beginConnect(turn: Turn): void {
  const { state, now, effects } = turn
  const track = newTrack(turn, state.nextTrack, 'outgoing')
  state.nextTrack += 1
  state.attemptAt = now
  effects.push({ kind: 'connect', track: track.id })
}

export function newTrack({ state, now }: Turn, id: TrackId, direction: Track['direction']): Track {
  const track: Track = {
    id,
    direction,
    state: 'connecting',
    facts: undefined,
    ourOpen: undefined,
    agreed: undefined,
    holdAt: now + OPEN_WITHIN_MS,
    keepaliveAt: Number.POSITIVE_INFINITY,
    blockedAt: undefined,
    establishedAt: Number.NaN,
  }
  state.tracks.push(track)
  state.wait = 'none'
  state.waitUntil = Number.POSITIVE_INFINITY
  return track
}

/** Events 16 and 17: the byte stream stands, our OPEN goes out. */
export function sendOpen(turn: Turn, track: Track, facts: ConnectionFacts): void {
  const { state, config, effects } = turn
  if (track.state !== 'connecting') return
  const { isRestarting, omission } = state
  track.facts = facts
  track.ourOpen = openOf(config.peer, { routerId: facts.routerId, isRestarting, omission })
  track.state = 'openSent'
  effects.push({ kind: 'send', track: track.id, message: track.ourOpen })
}
