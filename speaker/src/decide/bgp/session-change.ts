import type { BgpPeer } from '@steelyard/model'
import { sameValue } from '../same-value.ts'
import type { ChangeEffect } from './change-table.ts'
import { sameSession, sessionPlan } from './session-plan.ts'

/** What of `ChangeEffect` is for whoever keeps the session: routes look after themselves. */
export type SessionChange = Exclude<ChangeEffect, 'refresh'>

/**
 * What is to be done about the session of a peer that is configured otherwise than before (`CHANGE_TABLE` says why).
 * Both select this node.
 */
export function sessionChange(before: BgpPeer, after: BgpPeer): SessionChange {
  if (!sameSession(planOf(before), planOf(after))) return 'reset'
  return sameValue(tuned(before), tuned(after)) ? 'nothing' : 'retune'
}

/** As if the router of an unnumbered peer were the same before and after. */
function planOf(peer: BgpPeer): ReturnType<typeof sessionPlan> {
  const { neighbour } = peer
  if (neighbour.kind === 'address') return sessionPlan(peer, undefined)
  return sessionPlan(peer, { interface: neighbour.interface, ifindex: 1, address: 'fe80::1' })
}

/** What can be set anew while the session stands. */
function tuned({ bfdProfile, ebgpMultiHop, connectMs, password }: BgpPeer): object {
  return { bfdProfile, ebgpMultiHop, connectMs, password }
}
