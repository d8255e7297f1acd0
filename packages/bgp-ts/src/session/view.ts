import type { ConnectionFacts, SessionView } from '../peer.ts'
import type { RouteCounts } from '../routes/adj-rib-out.ts'
import type { MachineState } from './state.ts'
import { sessionStateOf } from './step.ts'
import type { Agreed } from './terms.ts'

export type Standing = NonNullable<SessionView['established']>

export function standingOf(agreed: Agreed, { localAddress, remoteAddress }: ConnectionFacts): Standing {
  const { remoteAsn, remoteRouterId, holdMs, keepaliveMs, families } = agreed
  const { fourOctetAsn, extendedNextHop, gracefulRestart, routeRefresh } = agreed
  return {
    localAddress,
    remoteAddress,
    remoteAsn,
    remoteRouterId,
    holdMs,
    keepaliveMs,
    families,
    fourOctetAsn,
    extendedNextHop,
    gracefulRestart,
    routeRefresh,
  }
}

/** @returns `before` itself when there is nothing new in it */
export function viewOf(
  before: SessionView | undefined,
  {
    state,
    counts,
    standing,
    now,
  }: {
    readonly state: MachineState
    readonly counts: RouteCounts
    readonly standing: Standing | undefined
    readonly now: number
  },
): SessionView {
  const current = sessionStateOf(state)
  const { flaps, lastError } = state
  const view: SessionView = {
    state: current,
    since: before?.state === current ? before.since : now,
    flaps,
    ...(lastError === undefined ? {} : { lastError }),
    ...(standing === undefined ? {} : { established: standing }),
    ...counts,
  }
  return before !== undefined && isSame(before, view) ? before : view
}

function isSame(a: SessionView, b: SessionView): boolean {
  return (
    a.state === b.state &&
    a.flaps === b.flaps &&
    a.lastError === b.lastError &&
    a.established === b.established &&
    a.announced === b.announced &&
    a.pending === b.pending &&
    a.unsendable === b.unsendable
  )
}
