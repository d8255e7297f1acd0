import type { Problem } from '../config.ts'

/** What was found about a change: what it makes worse, and what was so before it. */
export type Weighed = { readonly held: readonly Problem[]; readonly tolerated: readonly Problem[] }

/**
 * Whoever mends one of two mistakes must not be refused for the other, so what stood before is not held against a
 * change. A mistake is the same when nothing differs but the place in a list: an entry that goes moves the others up.
 */
export function weigh(now: readonly Problem[], before: readonly Problem[]): Weighed {
  const known = new Set(before.map(identityOf))
  const isKnown = (problem: Problem): boolean => known.has(identityOf(problem))
  return { held: now.filter((problem) => !isKnown(problem)), tolerated: now.filter(isKnown) }
}

function identityOf({ object, path, message }: Problem): string {
  return JSON.stringify([object, path, message]).replaceAll(/\[\d+\]/g, '[]')
}
