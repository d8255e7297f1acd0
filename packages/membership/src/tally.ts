/** What went over the wire, and what was dropped, by reason. */
export type MembershipCounters = {
  readonly received: number
  readonly sent: number
  readonly dropped: Readonly<Record<string, number>>
}

export type Tally = { received: number; sent: number; readonly dropped: Map<string, number> }

export function tally(): Tally {
  return { received: 0, sent: 0, dropped: new Map() }
}

/** @param reason one of a fixed set of PascalCase words: it becomes a metric label */
export function countDrop({ dropped }: Tally, reason: string): void {
  dropped.set(reason, (dropped.get(reason) ?? 0) + 1)
}

/** How often packets were dropped for one reason. */
export function dropsFor({ tally }: { readonly tally: Tally }, reason: string): number {
  return tally.dropped.get(reason) ?? 0
}

export function countersOf({ tally }: { readonly tally: Tally }): MembershipCounters {
  return { received: tally.received, sent: tally.sent, dropped: Object.fromEntries(tally.dropped) }
}
