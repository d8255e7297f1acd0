import type { AddressClaim, NodeRecord } from '@steelyard/membership'
import type { HeldClaim } from './tenure.ts'

/** What the link worker is to carry out, and what the other speakers are to know. */
export type Reckoned = {
  readonly addresses: readonly ReckonedAddress[]
  /** IPv6 addresses that other nodes announce: their groups are to be heard, in case they come here. */
  readonly standby: readonly string[]
  readonly record: NodeRecord
}
export type ReckonedAddress = {
  readonly ip: string
  readonly interfaces: 'all' | readonly string[]
  /** Nobody is known to have had it before. */
  readonly isNew: boolean
}

/** The same list when nothing in it changed: thousands of claims are compared by it. */
export function statedClaims(
  claims: ReadonlyMap<string, HeldClaim>,
  before: readonly AddressClaim[] = [],
): readonly AddressClaim[] {
  const now = [...claims.values()]
  const isSame = now.length === before.length && now.every((claim, at) => claim === before[at])
  return isSame ? before : now
}

export function sameReckoned(a: Reckoned, b: Reckoned): boolean {
  return (
    sameRecord(a.record, b.record) && sameAddresses(a.addresses, b.addresses) && a.standby.join() === b.standby.join()
  )
}

function sameRecord(a: NodeRecord, b: NodeRecord): boolean {
  return (
    a.claims === b.claims &&
    a.draining === b.draining &&
    a.missing.join() === b.missing.join() &&
    a.impaired === b.impaired &&
    a.macs === b.macs
  )
}

function sameAddresses(a: readonly ReckonedAddress[], b: readonly ReckonedAddress[]): boolean {
  return (
    a.length === b.length &&
    a.every((one, at) => one.ip === b[at]?.ip && String(one.interfaces) === String(b[at]?.interfaces))
  )
}
