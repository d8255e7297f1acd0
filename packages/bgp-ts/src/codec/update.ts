import { type Family, type Prefix, type Reader, reader, WireError, writer } from '@steelyard/net'
import { ATTRIBUTE, ATTRIBUTE_FLAG, HEADER_BYTES, type UPDATE_ERROR } from '../constants.ts'
import type { Attributes, Update } from '../message.ts'
import { ATTRIBUTE_ROWS, type AttributeRow, type Reading, type Treatment } from './path-attributes.ts'
import { type PrefixField, readPrefixes, writePrefixes } from './prefixes.ts'
import { type Refusal, updateRefusal } from './refusal.ts'
import type { WireTerms } from './wire-terms.ts'

/** An UPDATE that was read, `why` being the reason to treat its routes as withdrawn (RFC 7606 section 2). */
export type UpdateRead = {
  readonly update: Update
  readonly reading: Reading
  readonly why: string | undefined
}

/** The worst that was found of the attributes so far. */
type Fault = { readonly why: string; readonly refusal: Refusal }
/** One attribute as it stands in the message; `bytes` copies all of it, header included, for a NOTIFICATION. */
type Raw = {
  readonly flags: number
  readonly type: number
  readonly value: Uint8Array
  readonly bytes: () => Uint8Array
}
type Walk = {
  readonly reading: Reading
  readonly seen: Set<number>
  readonly attributes: Attributes
  fault: Fault | undefined
}

const ROW_OF_TYPE: ReadonlyMap<number, AttributeRow> = new Map(ATTRIBUTE_ROWS.map((row) => [row.type, row]))
const NO_PREFIXES: PrefixField = { count: 0, prefixes: [] }
const KIND_BITS = ATTRIBUTE_FLAG.optional | ATTRIBUTE_FLAG.transitive
/** RFC 7606 section 3 (g): of all others, the first counts. */
const ONCE_OR_RESET: ReadonlySet<number> = new Set([ATTRIBUTE.mpReach, ATTRIBUTE.mpUnreach])

/**
 * Reads a whole UPDATE, header included. Errors as RFC 7606 has them.
 * @param keep whether prefixes are kept, or only checked and counted
 * @throws Refusal where even RFC 7606 ends the session
 */
export function readUpdate(message: Uint8Array, terms: WireTerms, keep: boolean): UpdateRead {
  const from = reader(message.subarray(HEADER_BYTES))
  const reading: Reading = { terms, keep, announced: 0, withdrawn: 0, foreign: false, problems: [] }
  const withdrawnField = lengthField(from, 'withdrawn routes', 2)
  const attributeField = lengthField(from, 'path attributes', 0)
  const withdrawn = prefixField(reader(withdrawnField), keep)
  const walk: Walk = { reading, seen: new Set(), attributes: {}, fault: undefined }
  walkAttributes(attributeField, walk)
  const reachable = prefixField(from, keep)
  reading.withdrawn += withdrawn.count
  reading.announced += reachable.count
  const update: Update = {
    kind: 'update',
    withdrawn: withdrawn.prefixes,
    attributes: walk.attributes,
    reachable: reachable.prefixes,
  }
  return { update, reading, why: verdict(walk, reachable.count > 0) }
}

/** RFC 7606 section 3 (a) and (b): when these lengths contradict the message's, nothing in it can be found. */
function lengthField(from: Reader, what: string, behind: number): Uint8Array {
  const length = from.u16()
  if (length + behind <= from.remaining()) return from.bytes(length)
  throw updateRefusal('malformedAttributeList', `the ${what} of an UPDATE are longer than the UPDATE`)
}

/** RFC 7606 section 5.3: what cannot be parsed cannot be withdrawn. */
function prefixField(from: Reader, keep: boolean): PrefixField {
  if (from.remaining() === 0) return NO_PREFIXES
  try {
    return readPrefixes(from, 4, keep)
  } catch (error) {
    if (error instanceof WireError) throw updateRefusal('invalidNetwork', error.message)
    throw error
  }
}

function walkAttributes(field: Uint8Array, walk: Walk): void {
  const from = reader(field)
  while (from.remaining() > 0) {
    const raw = nextAttribute(from, field)
    if (raw === undefined) {
      // RFC 7606 section 4: the total length still says where the routes begin.
      fault(walk, 'a path attribute is longer than all of them', 'malformedAttributeList', undefined)
      return
    }
    const row = ROW_OF_TYPE.get(raw.type)
    if (row === undefined) unknownAttribute(raw)
    else if (isWanted(row, raw, walk)) readAttribute(row, raw, walk)
  }
}

function nextAttribute(from: Reader, field: Uint8Array): Raw | undefined {
  const start = from.offset()
  if (from.remaining() < 3) return undefined
  const [flags, type] = [from.u8(), from.u8()]
  const isExtended = (flags & ATTRIBUTE_FLAG.extendedLength) !== 0
  if (isExtended && from.remaining() < 2) return undefined
  const length = isExtended ? from.u16() : from.u8()
  if (length > from.remaining()) return undefined
  const end = from.offset() + length
  const raw = { flags, type, value: field.subarray(from.offset(), end), bytes: () => field.slice(start, end) }
  from.skip(length)
  return raw
}

/** RFC 4271 section 6.3; optional ones are passed over. */
function unknownAttribute({ flags, type, bytes }: Raw): void {
  if ((flags & ATTRIBUTE_FLAG.optional) !== 0) return
  throw updateRefusal('unrecognizedWellKnown', `the well-known attribute ${type} is unknown here`, bytes())
}

/** Whether an attribute is to be read at all. */
function isWanted(row: AttributeRow, raw: Raw, { reading, seen }: Walk): boolean {
  if (seen.has(row.type)) {
    if (ONCE_OR_RESET.has(row.type)) throw updateRefusal('malformedAttributeList', `${row.name} stands twice`)
    reading.problems.push(`${row.name} stands twice: the first one counts`)
    return false
  }
  seen.add(row.type)
  if (row.unwanted?.(reading.terms) !== true) return true
  reading.problems.push(`${row.name} is not for such a session, so it is discarded (${raw.value.length} bytes)`)
  return false
}

function readAttribute(row: AttributeRow, raw: Raw, walk: Walk): void {
  // RFC 7606 section 3 (c). It is read all the same: its routes are to be withdrawn.
  if ((raw.flags & KIND_BITS) !== row.flags) {
    fault(walk, `${row.name} has the flags of another kind of attribute`, 'attributeFlags', raw)
  }
  try {
    const from = reader(raw.value)
    const read = row.read(from, walk.reading)
    if (from.remaining() > 0) throw new WireError(`${from.remaining()} bytes too many`, from.offset())
    Object.assign(walk.attributes, read)
  } catch (error) {
    if (!(error instanceof WireError)) throw error
    malformed(row, raw, walk, `${row.name} is malformed: ${error.message}`)
  }
}

const TREATMENTS: Readonly<Record<Treatment, (row: AttributeRow, raw: Raw, walk: Walk, why: string) => void>> = {
  withdraw: (row, raw, walk, why) => fault(walk, why, row.error, raw),
  discard: (_row, _raw, { reading }, why) => void reading.problems.push(`${why}; it is discarded`),
  reset: (row, raw, _walk, why) => {
    throw updateRefusal(row.error, why, raw.bytes())
  },
}
const malformed = (row: AttributeRow, raw: Raw, walk: Walk, why: string): void =>
  TREATMENTS[row.malformed](row, raw, walk, why)

/** Remembers the first: the routes are withdrawn for it, or the session ends with it. */
function fault(walk: Walk, why: string, error: keyof typeof UPDATE_ERROR, raw: Raw | undefined): void {
  walk.fault ??= { why, refusal: updateRefusal(error, why, raw?.bytes()) }
}

/**
 * @returns why the routes are withdrawn, if they are
 * @throws Refusal for a fault without any route to withdraw: RFC 7606 section 5.2
 */
function verdict(walk: Walk, hasReachable: boolean): string | undefined {
  const { fault, reading } = walk
  if (fault === undefined) return missing(walk, hasReachable)
  if (reading.announced === 0 && !reading.foreign) throw fault.refusal
  return fault.why
}

/** RFC 7606 section 3 (d): a mandatory attribute that is not there. RFC 4271 section 5, RFC 4760 section 3. */
function missing({ attributes, reading, seen }: Walk, hasReachable: boolean): string | undefined {
  if (!hasReachable && attributes.mpReach === undefined) return undefined
  const wanted: [type: number, name: string, isNeeded: boolean][] = [
    [ATTRIBUTE.origin, 'ORIGIN', true],
    [ATTRIBUTE.asPath, 'AS_PATH', true],
    [ATTRIBUTE.nextHop, 'NEXT_HOP', hasReachable],
    [ATTRIBUTE.localPref, 'LOCAL_PREF', reading.terms.internal],
  ]
  const lacking = wanted.find(([type, , isNeeded]) => isNeeded && !seen.has(type))
  return lacking === undefined ? undefined : `${lacking[1]} is missing`
}

/** All of an UPDATE but its header. */
export function updateBody({ withdrawn, attributes, reachable }: Update, terms: WireTerms): Uint8Array {
  const [gone, attributeBytes] = [writer(), attributesBytes(attributes, terms)]
  writePrefixes(gone, 4, withdrawn)
  const to = writer().u16(gone.length()).bytes(gone.done()).u16(attributeBytes.length).bytes(attributeBytes)
  writePrefixes(to, 4, reachable)
  return to.done()
}

/** The attributes as they stand in an UPDATE, headers included. */
function attributesBytes(attributes: Attributes, terms: WireTerms): Uint8Array {
  const to = writer()
  for (const { type, flags, write } of ATTRIBUTE_ROWS) {
    const value = write?.(attributes, terms)
    if (value === undefined) continue
    const isExtended = value.length > 0xff
    to.u8(isExtended ? flags | ATTRIBUTE_FLAG.extendedLength : flags).u8(type)
    if (isExtended) to.u16(value.length)
    else to.u8(value.length)
    to.bytes(value)
  }
  return to.done()
}

/** How the end of the initial table is told: RFC 4724 section 2. */
export function endOfRib(family: Family): Update {
  const attributes: Attributes = family === 4 ? {} : { mpUnreach: { family, withdrawn: [] } }
  return { kind: 'update', withdrawn: [], attributes, reachable: [] }
}

/** The family whose initial table ends with this UPDATE. */
export function isEndOfRib({ withdrawn, attributes, reachable }: Update): Family | undefined {
  if (withdrawn.length > 0 || reachable.length > 0) return undefined
  const { mpUnreach, ...others } = attributes
  if (Object.keys(others).length > 0) return undefined
  if (mpUnreach === undefined) return 4
  return mpUnreach.withdrawn.length === 0 ? mpUnreach.family : undefined
}

/** All prefixes it names, whether they came or went. */
export function prefixesOf({ withdrawn, attributes, reachable }: Update): readonly Prefix[] {
  return [
    ...withdrawn,
    ...(attributes.mpUnreach?.withdrawn ?? []),
    ...(attributes.mpReach?.reachable ?? []),
    ...reachable,
  ]
}
