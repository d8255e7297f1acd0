import { type Address, type Family, parseAddress } from '@steelyard/net'
import { type Field, found, mismatch } from './found.ts'

/** An IP address of one of `families`, or nothing; empty text is nothing. Zones are refused: hosts disagree on them. */
export function optionalAddress(accepted: string, ...families: readonly Family[]): Field<Address | undefined> {
  return (value, place) => {
    if (value === undefined || value === '') return found(undefined)
    const address = typeof value === 'string' ? parseAddress(value) : undefined
    return address !== undefined && families.includes(address.family)
      ? found(address)
      : mismatch(value, place, accepted)
  }
}
