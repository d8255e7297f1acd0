import type { L2Advertisement, Labels, ObjectMeta } from '@steelyard/model'
import { EVERY_INTERFACE } from './eligibility.ts'
import { nodeTerms } from './layer2.ts'

/**
 * How a node tells the other speakers that it cannot announce on an interface: by a label (so that others can
 * follow those alone that have something to say) and an annotation (what) on its ConfigurationState.
 *
 * Interfaces are known only to their own node, and owners must be the same on every speaker. So a node that
 * cannot announce on an interface that an advertisement names says so once, and all speakers leave it out from
 * then on. Until they have heard of it they take it to be able, and nobody else answers: late, but never twice.
 * The node itself does not count itself in again before its notice is gone from the API, for the others go by
 * that. Nothing is written while all interfaces are there, which is nearly always. Membership will carry this
 * faster; until then the API is the one thing that all speakers see.
 */
export const MISSING_INTERFACES = 'steelyard.dev/missing-interfaces'

/**
 * The interfaces a node has to give notice of: those that an advertisement for it names and that cannot be used.
 * @param usable by name; undefined while the node can announce nothing at all, having no configuration
 */
export function missingInterfaces(
  advertisements: readonly L2Advertisement[],
  labels: Labels,
  usable: ReadonlySet<string> | undefined,
): ReadonlySet<string> {
  if (usable === undefined || usable.size === 0) return new Set([EVERY_INTERFACE])
  const named = advertisements.flatMap((advertisement) => nodeTerms([advertisement], labels)?.interfaces ?? [])
  return new Set(named.filter((name) => name !== 'all' && !usable.has(name)).sort())
}

/** What the notice adds to the labels and annotations of the ConfigurationState: nothing, when nothing is missing. */
export function noticeMetadata(missing: ReadonlySet<string>): { labels: Labels; annotations: Labels } {
  if (missing.size === 0) return { labels: {}, annotations: {} }
  return {
    labels: { [MISSING_INTERFACES]: 'true' },
    annotations: { [MISSING_INTERFACES]: [...missing].sort().join(',') },
  }
}

/** The way back: what a node has given notice of. */
export function readNotice({ labels, annotations }: Pick<ObjectMeta, 'labels' | 'annotations'>): ReadonlySet<string> {
  const text = labels?.[MISSING_INTERFACES] === undefined ? '' : (annotations?.[MISSING_INTERFACES] ?? '')
  return new Set(text.split(',').filter((name) => name !== ''))
}
