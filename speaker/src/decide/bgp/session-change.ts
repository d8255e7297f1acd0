import type { BgpPeer } from '@steelyard/model'
import { sameValue } from '../same-value.ts'
import type { ChangeEffect } from './change-table.ts'
import { sessionFamilies } from './rules.ts'

/** What of `ChangeEffect` is for whoever keeps the session: routes look after themselves. */
export type SessionChange = Exclude<ChangeEffect, 'refresh'>

/**
 * What is to be done about the session of a peer that is configured otherwise than before (`CHANGE_TABLE` says why).
 * Both select this node.
 */
export function sessionChange(before: BgpPeer, after: BgpPeer): SessionChange {
  if (!sameValue(agreedUpon(before), agreedUpon(after))) return 'reset'
  return sameValue(tuned(before), tuned(after)) ? 'nothing' : 'retune'
}

/** What makes the connection, or was said in an OPEN. */
function agreedUpon(peer: BgpPeer): object {
  const { myAsn, localAsn = myAsn, peerAsn, neighbour, port, sourceAddress, routerId, vrf } = peer
  const { holdMs, keepaliveMs, gracefulRestart, ebgpMultiHop, policy } = peer
  return {
    localAsn,
    peerAsn,
    neighbour,
    port,
    sourceAddress,
    routerId,
    vrf,
    holdMs,
    keepaliveMs,
    restartSeconds: gracefulRestart ? policy.restartSeconds : undefined,
    ebgpMultiHop,
    families: sessionFamilies(peer),
    passive: policy.passive,
  }
}

/** What can be set anew while the session stands. */
function tuned({ bfdProfile, connectMs, password, policy }: BgpPeer): object {
  const { minimumTtl, passive, listenPort } = policy
  return { bfdProfile, connectMs, password, minimumTtl, listenPort: passive ? listenPort : undefined }
}
