import { hashText } from '@steelyard/membership'

/** Kubernetes: a label's value has at most 63 characters, where names of Nodes and Services may have 253. */
const LONGEST = 63
const HASH_DIGITS = 8

/** A name as a label's value: itself, or, when it is too long, its beginning and a hash. */
export function labelValue(name: string): string {
  if (name.length <= LONGEST) return name
  const hash = hashText(name).toString(16).padStart(HASH_DIGITS, '0')
  return `${name.slice(0, LONGEST - HASH_DIGITS - 1)}-${hash}`
}
