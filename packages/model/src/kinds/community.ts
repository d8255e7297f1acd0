import type { CommunityValue } from '../config.ts'
import { KINDS } from '../names.ts'
import { type Field, found, type Found, mismatch, type ValueOf } from '../reading/found.ts'
import { type Named, readObject } from '../reading/objects.ts'
import { nonEmptyText } from '../reading/scalars.ts'
import { fields, optionalList, quoted, withDefault, withoutRepeats } from '../reading/structures.ts'

/** A literal as RFC 1997 and RFC 8092 section 5 write them, the latter with a mark before it. */
const STANDARD = /^(\d{1,5}):(\d{1,5})$/
const LARGE = /^large:(\d{1,10}):(\d{1,10}):(\d{1,10})$/
const HIGHEST_16 = 2 ** 16 - 1
const HIGHEST_32 = 2 ** 32 - 1

export const COMMUNITY_ACCEPTED = `a:b with numbers up to ${HIGHEST_16}, or large:a:b:c with numbers up to ${HIGHEST_32}`

/** @returns undefined when `text` is no literal community. */
export function parseCommunity(text: string): CommunityValue | undefined {
  const standard = numbersOf(STANDARD, text, HIGHEST_16)
  if (standard !== undefined) return { kind: 'standard', value: (standard[0] ?? 0) * 2 ** 16 + (standard[1] ?? 0) }
  const large = numbersOf(LARGE, text, HIGHEST_32)
  return large === undefined ? undefined : { kind: 'large', words: [large[0] ?? 0, large[1] ?? 0, large[2] ?? 0] }
}

function numbersOf(pattern: RegExp, text: string, highest: number): number[] | undefined {
  const numbers = pattern.exec(text)?.slice(1).map(Number)
  return numbers?.every((number) => number <= highest) ? numbers : undefined
}

const communityLiteral: Field<CommunityValue> = (value, place) => {
  const parsed = typeof value === 'string' ? parseCommunity(value) : undefined
  return parsed === undefined ? mismatch(value, place, COMMUNITY_ACCEPTED) : found(parsed)
}

const alias = fields({ name: nonEmptyText, value: communityLiteral })

const spec = withDefault(fields({ communities: withoutRepeats(optionalList(alias), ({ name }) => quoted(name)) }), {})

export type ReadCommunity = Named<ValueOf<typeof spec>>

export function readCommunity(object: unknown): Found<ReadCommunity> {
  return readObject(KINDS.community, object, spec)
}
