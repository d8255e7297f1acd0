/**
 * How BGP leaves a node: its routes say so first (GRACEFUL_SHUTDOWN, RFC 8326), so that routers have other paths in
 * use before these are gone.
 */
export type Departure =
  | { readonly phase: 'here' }
  | { readonly phase: 'leaving'; readonly goneAt: number }
  | { readonly phase: 'gone' }

export const HERE: Departure = { phase: 'here' }

export type DepartureFacts = {
  /** The node is to announce nothing: maintenance, or its exclusion. */
  readonly isWanted: boolean
  /** Whether anything is announced that could be missed. */
  readonly announces: boolean
  /** How long routes are announced as going before they go. */
  readonly durationMs: number
  readonly now: number
}

/** What comes of `before`; it is asked again at `goneAt`. */
export function depart(before: Departure, { isWanted, announces, durationMs, now }: DepartureFacts): Departure {
  if (!isWanted) return HERE
  if (before.phase === 'here') {
    return announces && durationMs > 0 ? { phase: 'leaving', goneAt: now + durationMs } : { phase: 'gone' }
  }
  return before.phase === 'leaving' && now >= before.goneAt ? { phase: 'gone' } : before
}
