import { DEFEND_INTERVAL_MS, DUPLICATE_CHECK, SCHEDULE } from '@steelyard/arp-lib'
import { randomBytes } from 'node:crypto'
import type { LinkConfig } from './decide/state.ts'

/** How the link worker behaves in earnest. Tests take their own random. */
export const LINK_CONFIG: LinkConfig = {
  schedule: SCHEDULE,
  check: DUPLICATE_CHECK,
  conflicts: {
    mostPairs: 256,
    repeatMs: 60_000,
    quietMs: 120_000,
    refusalGraceMs: 5000,
    peerMs: 1000,
    // A burst has a round each second at least.
    peerGapMs: 10_000,
    news: { credit: 64, perSecond: 4 },
    defendMs: DEFEND_INTERVAL_MS,
  },
  // At once, and again at 750 ms for who missed it.
  talkerRounds: [0, 4],
  rescanMs: 10_000,
  reportMs: 1000,
  beatsReportMs: 10_000,
  faultRepeatMs: 60_000,
  lagWorthTellingMs: 20,
  retry: { firstMs: 250, maxMs: 10_000 },
  random: Math.random,
  newBoot: () => randomBytes(16),
}
