import { type Address, ADDRESS_BITS, type Family } from '@steelyard/net'
import { IFNAMSIZ } from './constants.ts'

/**
 * Checks of what a caller passed, before the kernel is asked. TypeScript has looked at the types of
 * our own code; these also hold for values that came from outside it.
 */

export function checkInteger(name: string, value: unknown, [least, most]: readonly [number, number]): number {
  if (typeof value !== 'number') throw new TypeError(`${name} must be a number, not ${nameOf(value)}`)
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new RangeError(`${name} must be an integer from ${least} to ${most}, not ${value}`)
  }
  return value
}

export function checkBoolean(name: string, value: unknown): boolean {
  if (typeof value !== 'boolean') throw new TypeError(`${name} must be a boolean, not ${nameOf(value)}`)
  return value
}

export function checkBytes(name: string, value: unknown, [least, most]: readonly [number, number]): Uint8Array {
  if (!(value instanceof Uint8Array)) throw new TypeError(`${name} must be a Uint8Array, not ${nameOf(value)}`)
  if (value.length < least || value.length > most) {
    const accepted = least === most ? `${least} bytes` : `${least} to ${most} bytes`
    throw new RangeError(`${name} must be ${accepted} long, not ${value.length}`)
  }
  return value
}

/** `family` left out: either. */
export function checkAddress(name: string, value: unknown, family?: Family): Address {
  const found = asAddress(value)
  if (found === undefined) throw new TypeError(`${name} must be an Address, not ${nameOf(value)}`)
  if (family !== undefined && found.family !== family) {
    throw new RangeError(`${name} must be an IPv${family} address, not an IPv${found.family} one`)
  }
  return found
}

function asAddress(value: unknown): Address | undefined {
  if (!isRecord(value)) return undefined
  const { family, words } = value
  if ((family !== 4 && family !== 6) || !Array.isArray(words)) return undefined
  if (words.length !== ADDRESS_BITS[family] / 32) return undefined
  return words.every((word) => Number.isInteger(word) && word >= 0 && word < 2 ** 32) ? { family, words } : undefined
}

export function checkFamily(value: unknown): Family {
  if (value !== 4 && value !== 6) throw new RangeError('family must be 4 or 6')
  return value
}

const CONTROL_OR_BLANK = /[\0-\x20\x7f/]/

/** A name the kernel would take for an interface (`dev_valid_name`, net/core/dev.c). */
export function checkDevice(name: string, value: unknown): Uint8Array {
  if (typeof value !== 'string') throw new TypeError(`${name} must be a string, not ${nameOf(value)}`)
  const bytes = new TextEncoder().encode(value)
  const wrongLength = bytes.length === 0 || bytes.length >= IFNAMSIZ
  if (wrongLength || CONTROL_OR_BLANK.test(value)) {
    throw new RangeError(
      `${name} must be an interface's name of 1 to ${IFNAMSIZ - 1} bytes, not ${JSON.stringify(value)}`,
    )
  }
  return bytes
}

export const IFINDEX_BOUNDS = [1, 2 ** 31 - 1] as const
export const PORT_BOUNDS = [0, 65535] as const
export const TTL_BOUNDS = [1, 255] as const
export const TRAFFIC_CLASS_BOUNDS = [0, 255] as const

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

/** What a value is, for a message; never the value itself, which may be a secret. */
export function nameOf(value: unknown): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'an array' : typeof value
}
