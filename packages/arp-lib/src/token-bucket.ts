/** A rate limit with a little credit. `tokens` may fall below zero: what was overdrawn is waited for. */
export type TokenBucket = { tokens: number; at: number }

export type Rate = { readonly perSecond: number; readonly credit: number }

export function refill(bucket: TokenBucket, now: number, { perSecond, credit }: Rate): void {
  bucket.tokens = Math.min(credit, bucket.tokens + (Math.max(0, now - bucket.at) * perSecond) / 1000)
  bucket.at = now
}

/** When a token will be there; now or earlier when one is. */
export function refilledAt(bucket: TokenBucket, { perSecond }: Rate): number {
  return bucket.at + (Math.max(0, 1 - bucket.tokens) * 1000) / perSecond
}
