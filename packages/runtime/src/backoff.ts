import type { Random } from './random.ts'

export type Backoff = {
  /** The wait after the first failure. */
  readonly firstMs: number
  /** No wait is longer than this. */
  readonly maxMs: number
}

/**
 * How long to wait after the `failures`-th failure in a row (1 is the first): doubling up to
 * `maxMs`, then a random half to the whole of it, so that a crowd that failed together does not
 * come back together.
 */
export function backoffMs(failures: number, { firstMs, maxMs }: Backoff, random: Random): number {
  const whole = Math.min(maxMs, firstMs * 2 ** Math.min(failures - 1, 30))
  return whole * (0.5 + random() / 2)
}
