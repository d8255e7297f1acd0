import type { SessionView } from '@steelyard/bgp-ts'
import type { Clock } from '@steelyard/runtime'
import { neighbourText } from '../decide/bgp/session-plan.ts'
import type { ObservedSession } from '../report.ts'
import type { PeerSlot } from './peer-slot.ts'

/** Ten thousand routes change the view of a session hundreds of times; nobody reads it that often. */
const REST_MS = 100

/** Calls `tell` soon after the first of several calls of what it returns, and again as long as they go on. */
export function gathered(clock: Clock, tell: () => void): () => void {
  const state = { isDue: false }
  return () => {
    if (state.isDue) return
    state.isDue = true
    clock.wakeAt(clock.now() + REST_MS, () => {
      state.isDue = false
      tell()
    })
  }
}

/** What a speaker reports of a session, also of one that cannot be yet. */
export function observedSession(slot: PeerSlot): ObservedSession {
  const { peer, bfd, bfdSince } = slot
  return {
    peer: peer.name,
    neighbour: neighbourText(peer),
    localAsn: peer.localAsn ?? peer.myAsn,
    view: withNote(slot),
    ...(bfd === undefined ? {} : { bfd: { ...bfd, since: bfdSince } }),
  }
}

function withNote({ view, plan, madeAt, said, note, deviceGone }: PeerSlot): SessionView {
  const now = view ?? { state: 'idle', since: madeAt, flaps: 0, announced: 0, pending: 0, unsendable: 0 }
  if (now.state === 'established') return now
  const why = plan.kind === 'waiting' ? plan.why : now.lastError
  const isNew = (sentence: string | undefined): boolean => sentence !== undefined && why?.includes(sentence) !== true
  const before = isNew(said) ? `before that the peer said: ${said}` : undefined
  const sentences = [why, before, note, isNew(deviceGone) ? deviceGone : undefined].filter((one) => one !== undefined)
  return sentences.length === 0 ? now : { ...now, lastError: sentences.join('; ') }
}
