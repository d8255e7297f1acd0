import { hardReset } from '../codec/notification.ts'
import { cease } from '../codec/shutdown-text.ts'
import { CEASE } from '../constants.ts'
import type { Notification } from '../message.ts'
import type { Ending } from '../peer.ts'
import type { Track, Turn } from './state.ts'

/** Said by us so that the peer forgets our routes even where it would keep them for a restart. RFC 8538 section 3.1. */
const FINAL: readonly number[] = [CEASE.administrativeShutdown, CEASE.peerDeconfigured]

/** What to say when `ending` ends this connection; undefined = nothing. */
export function farewell({ agreed }: Track, ending: Ending): Notification | undefined {
  if (ending.kind === 'silent') return undefined
  const said = cease(ending.subcode, ending.text)
  if (agreed?.hardReset !== true || !FINAL.includes(ending.subcode)) return said
  return hardReset(said)
}

/** Takes a connection away: with a NOTIFICATION, if there is a byte stream to say it on. RFC 4271 section 6. */
export function drop(turn: Turn, track: Track, said: Notification | undefined): void {
  const { effects } = turn
  if (said !== undefined && track.state !== 'connecting') {
    effects.push({ kind: 'send', track: track.id, message: said })
    effects.push({ kind: 'notified', which: 'sent', notification: said })
  }
  effects.push({ kind: 'close', track: track.id })
  forget(turn, track)
}

/** The connection has gone by itself. */
export function forget(turn: Turn, track: Track): void {
  const { state, effects } = turn
  state.tracks = state.tracks.filter(({ id }) => id !== track.id)
  if (track.state !== 'established') return
  effects.push({ kind: 'down', track: track.id })
  state.flaps += 1
}
