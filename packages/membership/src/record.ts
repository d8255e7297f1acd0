import type { Mac } from '@steelyard/net'

/** What one node says of itself to all others, always whole. */
export type NodeRecord = {
  /** Sorted by `ip`. */
  readonly claims: readonly AddressClaim[]
  /** It takes nothing new, and what it has is to be taken from it. */
  readonly draining: boolean
  /** Interfaces that advertisements name and it lacks, sorted; `*` = it can announce on none. */
  readonly missing: readonly string[]
  /** Interfaces it announced on earlier in this life and cannot now, sorted. */
  readonly impaired: readonly string[]
  /** Of the interfaces it announces on: an answer from one of them is the node's own. */
  readonly macs: readonly Mac[]
}

/** A node says that it answers for an address. */
export type AddressClaim = {
  /** As `formatAddress` writes it. */
  readonly ip: string
  /** One more than the highest that was known when it was taken; 1 for the first. */
  readonly epoch: number
  /** Taken while fewer than half of the last agreed members were heard. */
  readonly minority: boolean
  /** To be taken over by somebody else. */
  readonly releasing: boolean
}

export const EMPTY_RECORD: NodeRecord = { claims: [], draining: false, missing: [], impaired: [], macs: [] }
