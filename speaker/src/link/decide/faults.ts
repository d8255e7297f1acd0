import type { LinkFact, LinkFault } from '../messages.ts'

/** When each kind of fault was told last, and how often it has happened since. */
export type Faults = Map<string, { toldAt: number; times: number }>

/** So many kinds of fault at a time are told apart; beyond them the one told longest ago is forgotten. */
const MOST_KINDS = 64

export function noFaults(): Faults {
  return new Map()
}

/** @returns what to tell: a fault is news when it was not told within `repeatMs`. */
export function noteFault(
  faults: Faults,
  fault: Omit<LinkFault, 'times'>,
  now: number,
  repeatMs: number,
): LinkFact | undefined {
  const key = `${fault.interface ?? ''} ${fault.call} ${fault.errno}`
  const known = faults.get(key)
  const times = (known?.times ?? 0) + 1
  if (known !== undefined && now - known.toldAt < repeatMs) {
    known.times = times
    return undefined
  }
  faults.delete(key)
  faults.set(key, { toldAt: now, times: 0 })
  const oldest = faults.keys().next()
  if (faults.size > MOST_KINDS && oldest.done !== true) faults.delete(oldest.value)
  return { kind: 'fault', ...fault, times }
}
