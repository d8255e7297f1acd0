import { isLiving, type Peer } from './peer.ts'
import { beats } from './precedence.ts'
import type { AddressClaim } from './record.ts'
import type { MembershipState, Turn } from './state.ts'

/** Tells what a peer's record is now, if that differs from what was told; the claims of the dead do not count. */
export function tellRecord(turn: Turn, peer: Peer): void {
  const counts = isLiving(peer) && peer.held !== undefined
  if (counts) {
    turn.effects.push({ kind: 'record', node: peer.node, record: peer.held?.record })
  } else if (peer.isRecordTold) {
    turn.effects.push({ kind: 'record', node: peer.node, record: undefined })
  }
  peer.isRecordTold = counts
  compareClaims(turn.state, peer, ownClaims(turn.state))
}

/** The own claims have changed: all peers' are compared with them anew. */
export function compareAllClaims({ state }: Turn): void {
  const own = ownClaims(state)
  for (const peer of state.peers.values()) compareClaims(state, peer, own)
}

function ownClaims({ own }: MembershipState): ReadonlyMap<string, AddressClaim> {
  return new Map(own.record?.claims.map((claim) => [claim.ip, claim]))
}

function compareClaims(state: MembershipState, peer: Peer, own: ReadonlyMap<string, AddressClaim>): void {
  const before = peer.beats
  peer.beats = isLiving(peer) && own.size > 0 ? betterClaims(state, peer, own) : []
  if (before.length > 0 || peer.beats.length > 0) state.isBeatenStale = true
}

function betterClaims({ self }: MembershipState, peer: Peer, own: ReadonlyMap<string, AddressClaim>): string[] {
  const theirs = peer.held?.record.claims ?? []
  return theirs.flatMap((claim) => {
    const mine = own.get(claim.ip)
    const isBeaten = mine !== undefined && beats(claim.ip, { ...claim, node: peer.node }, { ...mine, node: self.node })
    return isBeaten ? [claim.ip] : []
  })
}

/** Tells which own claims are beaten, all of them, when that has changed. */
export function tellBeaten({ state, effects }: Turn): void {
  if (!state.isBeatenStale) return
  state.isBeatenStale = false
  const ips = [...new Set([...state.peers.values()].flatMap((peer) => peer.beats))].sort()
  const text = JSON.stringify(ips)
  if (text === state.beatenTold) return
  state.beatenTold = text
  effects.push({ kind: 'beaten', ips })
}
