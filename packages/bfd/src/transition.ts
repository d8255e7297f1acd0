/** A session's state as it travels in the Sta field (RFC 5880 section 4.1). */
export type BfdState = 'adminDown' | 'down' | 'init' | 'up'

/**
 * RFC 5880 section 6.2: `NEXT[ours][theirs]` is what we become when we are in `ours` and a packet says that the
 * peer is in `theirs`. No packet ends `adminDown`: only the operator does.
 */
export const NEXT: Readonly<Record<BfdState, Readonly<Record<BfdState, BfdState>>>> = {
  adminDown: { adminDown: 'adminDown', down: 'adminDown', init: 'adminDown', up: 'adminDown' },
  down: { adminDown: 'down', down: 'init', init: 'up', up: 'down' },
  init: { adminDown: 'down', down: 'init', init: 'up', up: 'up' },
  up: { adminDown: 'down', down: 'down', init: 'up', up: 'up' },
}
