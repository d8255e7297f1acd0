import { formatAddress } from '@steelyard/net'
import type { Station } from './frames.ts'

/**
 * Who asked for what in the last minutes, on whatever node the address was then: requests are
 * broadcast, so a new owner has heard them too and can tell these stations directly.
 * Bounded in both directions, so that a scan of the LAN costs no memory.
 */
export type Talkers = Map<string, Map<string, Talker>>
type Talker = Station & { readonly at: number }

export const TALKER_LIMITS = { targets: 1024, perTarget: 8, ageMs: 300_000 } as const

/** @param target what was asked for, on which interface: any text of the caller's. */
export function noteTalker(talkers: Talkers, target: string, { ip, mac }: Station, now: number): void {
  const known = talkers.get(target) ?? new Map<string, Talker>()
  renew(talkers, target, known, TALKER_LIMITS.targets)
  renew(known, formatAddress(ip), { ip, mac, at: now }, TALKER_LIMITS.perTarget)
}

/** A map remembers the order of insertion: the last is the newest, the first the one to forget. */
function renew<Value>(map: Map<string, Value>, key: string, value: Value, limit: number): void {
  map.delete(key)
  map.set(key, value)
  const oldest = map.keys().next()
  if (map.size > limit && oldest.done !== true) map.delete(oldest.value)
}

/** Those who asked before `before`, and not too long ago: who asked later was answered already. */
export function talkersOf(talkers: Talkers, target: string, before: number): Station[] {
  const known = [...(talkers.get(target)?.values() ?? [])]
  return known.filter(({ at }) => at < before && before - at <= TALKER_LIMITS.ageMs)
}
