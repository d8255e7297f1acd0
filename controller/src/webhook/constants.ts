/** Contractual names and numbers of the webhook, each written here and nowhere else. */
export const WEBHOOK_PORT = 9443
export const WEBHOOK_CONFIGURATION = 'metallb-webhook-configuration'

/** The keys of the Secret, and the names of the files. */
export const CERTIFICATE_KEYS = { authority: 'ca.crt', certificate: 'tls.crt', key: 'tls.key' } as const

/** The condition of ConfigurationState that tells how the webhook fares. It takes no part in `result`. */
export const WEBHOOK_CONDITION = { type: 'webhookReady', fieldManager: 'webhookKeeper' } as const

/** Whose authority it is: what tells our own certificates from all others. At most 64 letters (X.520). */
export const AUTHORITY_NAME = 'Steelyard webhook'

const MINUTE_MS = 60_000
const DAY_MS = 24 * 60 * MINUTE_MS

/** How long certificates hold, and when they are made anew. */
export const CERTIFICATE_TIMES = {
  lifetimeMs: 365 * DAY_MS,
  /** The API server's clock may be behind ours. */
  headStartMs: 60 * MINUTE_MS,
  /** A renewed one is made when this much is left of the old: a quarter, for somebody to see that it fails. */
  renewBeforeMs: 90 * DAY_MS,
  /** So long the new authority is published beside the old before its certificate is shown: each API server must have heard. */
  announceMs: 10_000,
  /** How often is looked at the time of day, which may jump; no call of the API is behind it. */
  lookEveryMs: 60 * MINUTE_MS,
} as const
