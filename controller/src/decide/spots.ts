import type { Family } from '@steelyard/net'

/** What a Service without an address may wait for. */
export type Spot =
  /** A free address of a pool. */
  | { readonly kind: 'free'; readonly pool: string; readonly family: Family }
  /** Room beside those of a pool who share in its group. */
  | { readonly kind: 'share'; readonly pool: string; readonly family: Family; readonly group: string }
  /** One address. */
  | { readonly kind: 'address'; readonly address: string }

/** What changed, so that somebody who waits might be served. */
export type Touch = Extract<Spot, { kind: 'free' | 'address' }>

/** A spot as text, so that maps can hold it. Names of pools have no `|`. */
export type Topic = string

export function topicOf(spot: Spot): Topic {
  if (spot.kind === 'address') return `address|${spot.address}`
  const topic = `${spot.kind}|${spot.pool}|${spot.family}`
  return spot.kind === 'free' ? topic : `${topic}|${spot.group}`
}
