import type { Route } from '@steelyard/bgp-ts'
import { type CommunityValue, DEFAULT_PEER_POLICY } from '@steelyard/model'
import { type BgpBook, bgpBook } from '../decide/bgp/book.ts'
import type { BgpFacts } from '../decide/bgp/facts.ts'
import type { BgpRules } from '../decide/bgp/rules.ts'
import { addressedFacts, bgpRules } from './bgp-rules.ts'

export const community = (value: number): CommunityValue => ({ kind: 'standard', value })
export const largeCommunity = (...words: [number, number, number]): CommunityValue => ({ kind: 'large', words })
export const weighted = (minIntervalMs = 1000) => ({
  policy: { ...DEFAULT_PEER_POLICY, weightedEcmp: { megabitsPerEndpoint: 10, minIntervalMs } },
})
export const localFacts = (count: number, parts: Parameters<typeof addressedFacts>[1] = {}) =>
  addressedFacts('shop/web', { trafficPolicy: 'Local', local: { 4: count, 6: 0 }, ...parts })

export function filledBook(rules: Partial<BgpRules> = {}, ...services: readonly BgpFacts[]): BgpBook {
  const made = bgpBook()
  made.setRules(bgpRules(rules))
  for (const facts of services) made.setService(facts.key, facts)
  return made
}

/** `203.0.113.1/32 100 communities large ×weight`, one line for each change; a withdrawal is the prefix alone. */
export function told(changes: ReadonlyMap<string, ReadonlyMap<string, Route | undefined>>): string[] {
  return [...changes].flatMap(([peer, routes]) =>
    [...routes].map(([prefix, route]) => `${peer} ${prefix}${route === undefined ? ' -' : textOf(route)}`),
  )
}

function textOf({ localPref, communities, largeCommunities, linkBandwidth }: Route): string {
  const parts = [localPref, ...communities, ...largeCommunities.map((words) => words.join(':'))]
  return ` ${parts.join(' ')}${linkBandwidth === undefined ? '' : ` x${linkBandwidth}`}`
}
