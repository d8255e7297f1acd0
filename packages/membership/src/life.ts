import { tellRecord } from './claims.ts'
import { isLiving, type Peer } from './peer.ts'
import { replayWindow } from './replay-window.ts'
import type { MemberStatus, Turn } from './state.ts'
import { moveWatchers } from './watching.ts'

/** So many former lives of a node are known as such. */
const RETIRED_BOOTS = 4

/** Something that `members` tells of a peer has changed. */
export function touch({ state }: Pick<Turn, 'state'>, peer: Peer): void {
  peer.view = undefined
  state.isChanged = true
}

/** The one place where a peer changes its status. */
export function setStatus(turn: Turn, peer: Peer, status: MemberStatus): void {
  if (peer.status === status) return
  const wasLiving = isLiving(peer)
  peer.status = status
  peer.since = turn.now
  peer.changedAt = turn.at
  touch(turn, peer)
  if (status !== 'suspect') peer.suspicion = undefined
  if (status === 'left') turn.state.agreed.delete(peer.node)
  const living = isLiving(peer)
  if (wasLiving === living) return
  peer.isIndirect = false
  if (living) turn.state.agreed.add(peer.node)
  turn.state.changedAt = turn.at
  moveWatchers(turn.state, peer, living ? 1 : -1)
  tellRecord(turn, peer)
}

/** A datagram of the peer's own has come: whatever was thought of it, it lives. */
export function hear(turn: Turn, peer: Peer): void {
  peer.heardAt = Math.max(peer.heardAt, turn.at)
  peer.suspicion = undefined
  if (peer.isIndirect) {
    peer.isIndirect = false
    touch(turn, peer)
  }
  if (peer.status === 'suspect') setStatus(turn, peer, 'alive')
}

/** A peer has raised its incarnation, or comes for the first time: nothing that was said before holds. */
export function revive(turn: Turn, peer: Peer, incarnation: number): void {
  peer.incarnation = incarnation
  peer.heardAt = turn.at
  touch(turn, peer)
  setStatus(turn, peer, 'alive')
}

/** A new life has proven itself. The former one is over, and so is all it said. */
export function replaceBoot(turn: Turn, peer: Peer, boot: Uint8Array): void {
  if (peer.boot !== undefined) {
    peer.retired = [peer.boot, ...peer.retired].slice(0, RETIRED_BOOTS)
    turn.state.wire.forget(peer.boot)
  }
  turn.state.wire.prove(boot)
  setStatus(turn, peer, 'unknown')
  peer.boot = boot
  peer.window = replayWindow()
  peer.challenge = undefined
  peer.beatCounter = -1
  peer.version = 0
  peer.held = undefined
  peer.assembly = undefined
  // The beat that follows a proof may be lost, or come before it.
  peer.pullAt = turn.at + turn.config.pullMs / 4
  turn.state.wanting.add(peer)
  for (const link of turn.state.links.values()) {
    link.heard.delete(peer)
    link.twoWay.delete(peer)
  }
  revive(turn, peer, 0)
}
