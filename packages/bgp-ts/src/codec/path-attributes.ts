import { type Address, addressBytes, type Reader, WireError, writer } from '@steelyard/net'
import { ATTRIBUTE, ATTRIBUTE_FLAG, ORIGIN_CODE, type UPDATE_ERROR } from '../constants.ts'
import type { Attributes, Origin } from '../message.ts'
import { as4PathOf, readAsn, readAsPath, withoutConfederations, writeAsPath } from './as-path.ts'
import { readMpReach, readMpUnreach, writeMpReach, writeMpUnreach } from './multiprotocol.ts'
import type { WireTerms } from './wire-terms.ts'

/** One UPDATE being read. The prefixes are counted here, and kept only when somebody wants them. */
export type Reading = {
  readonly terms: WireTerms
  readonly keep: boolean
  announced: number
  withdrawn: number
  /** There were routes that nobody here can hold. */
  foreign: boolean
  /** Sentences on what was discarded by RFC 7606. */
  readonly problems: string[]
}

/** What RFC 7606 makes of a malformed attribute: a withdrawal of the routes, as if it were not there, or the end of the session. */
export type Treatment = 'withdraw' | 'discard' | 'reset'

/** One attribute, both ways. */
export type AttributeRow = {
  readonly type: number
  readonly name: string
  /** The Optional and the Transitive bit as they must be: RFC 7606 section 3 (c). */
  readonly flags: number
  readonly malformed: Treatment
  /** How a NOTIFICATION calls that, where one is due: RFC 4271 section 6.3. */
  readonly error: keyof typeof UPDATE_ERROR
  /** Not from such a peer: discarded unread. */
  readonly unwanted?: (terms: WireTerms) => boolean
  /** Exactly one value. What it has of no use to us is checked and left out. @throws WireError when it is malformed */
  readonly read: (from: Reader, reading: Reading) => Partial<Attributes>
  /** Its value; undefined = it is not to be sent. Without it, it never is. */
  readonly write?: (attributes: Attributes, terms: WireTerms) => Uint8Array | undefined
}

const WELL_KNOWN = ATTRIBUTE_FLAG.transitive
const PASSED_ON = ATTRIBUTE_FLAG.optional | ATTRIBUTE_FLAG.transitive
const LOCAL = ATTRIBUTE_FLAG.optional
const ORIGINS: readonly Origin[] = ['igp', 'egp', 'incomplete']

const asnBytes = (terms: WireTerms): 2 | 4 => (terms.fourOctetAsn ? 4 : 2)
const external = (terms: WireTerms): boolean => !terms.internal
/** RFC 6793 section 4.1: those who know four octets do not send these to each other. */
const betweenNewSpeakers = (terms: WireTerms): boolean => terms.fourOctetAsn
const u32Bytes = (value: number | undefined): Uint8Array | undefined =>
  value === undefined ? undefined : writer().u32(value).done()

/** In the order they are written: multiprotocol first (RFC 7606 section 5.1), the others by their type (RFC 4271 section 5). */
export const ATTRIBUTE_ROWS: readonly AttributeRow[] = [
  {
    type: ATTRIBUTE.mpReach,
    name: 'MP_REACH_NLRI',
    flags: LOCAL,
    malformed: 'reset',
    error: 'optionalAttribute',
    read: (from, reading) => {
      const read = readMpReach(from, reading.keep)
      if ('foreign' in read) return passedOver(from, reading, read.foreign)
      reading.announced += read.field.count
      return { mpReach: read.value }
    },
    write: ({ mpReach }) => (mpReach === undefined ? undefined : writeMpReach(mpReach)),
  },
  {
    type: ATTRIBUTE.mpUnreach,
    name: 'MP_UNREACH_NLRI',
    flags: LOCAL,
    malformed: 'reset',
    error: 'optionalAttribute',
    read: (from, reading) => {
      const read = readMpUnreach(from, reading.keep)
      if ('foreign' in read) return passedOver(from, reading, read.foreign)
      reading.withdrawn += read.field.count
      return { mpUnreach: read.value }
    },
    write: ({ mpUnreach }) => (mpUnreach === undefined ? undefined : writeMpUnreach(mpUnreach)),
  },
  {
    type: ATTRIBUTE.origin,
    name: 'ORIGIN',
    flags: WELL_KNOWN,
    malformed: 'withdraw',
    error: 'invalidOrigin',
    read: (from) => ({ origin: readOrigin(from) }),
    write: ({ origin }) => (origin === undefined ? undefined : Uint8Array.of(ORIGIN_CODE[origin])),
  },
  {
    type: ATTRIBUTE.asPath,
    name: 'AS_PATH',
    flags: WELL_KNOWN,
    malformed: 'withdraw',
    error: 'malformedAsPath',
    read: (from, { terms }) => ({ asPath: readAsPath(from, asnBytes(terms)) }),
    write: ({ asPath }, terms) => (asPath === undefined ? undefined : writeAsPath(asPath, asnBytes(terms))),
  },
  {
    type: ATTRIBUTE.nextHop,
    name: 'NEXT_HOP',
    flags: WELL_KNOWN,
    malformed: 'withdraw',
    error: 'invalidNextHop',
    read: (from) => ({ nextHop: readNextHop(from) }),
    write: ({ nextHop }) => (nextHop === undefined ? undefined : ipv4Bytes(addressBytes(nextHop))),
  },
  {
    type: ATTRIBUTE.med,
    name: 'MULTI_EXIT_DISC',
    flags: LOCAL,
    malformed: 'withdraw',
    error: 'attributeLength',
    read: (from) => ({ med: from.u32() }),
    write: ({ med }) => u32Bytes(med),
  },
  {
    type: ATTRIBUTE.localPref,
    name: 'LOCAL_PREF',
    flags: WELL_KNOWN,
    malformed: 'withdraw',
    error: 'attributeLength',
    unwanted: external,
    read: (from) => ({ localPref: from.u32() }),
    write: ({ localPref }) => u32Bytes(localPref),
  },
  {
    type: ATTRIBUTE.atomicAggregate,
    name: 'ATOMIC_AGGREGATE',
    flags: WELL_KNOWN,
    malformed: 'discard',
    error: 'attributeLength',
    read: () => ({}),
  },
  {
    type: ATTRIBUTE.aggregator,
    name: 'AGGREGATOR',
    flags: PASSED_ON,
    malformed: 'discard',
    error: 'optionalAttribute',
    read: (from, { terms }) => aggregator(from, asnBytes(terms)),
  },
  {
    type: ATTRIBUTE.communities,
    name: 'COMMUNITIES',
    flags: PASSED_ON,
    malformed: 'withdraw',
    error: 'optionalAttribute',
    read: (from) => ({ communities: many(from, () => from.u32()) }),
    write: ({ communities }) => joined(communities, (value) => writer().u32(value).done()),
  },
  {
    type: ATTRIBUTE.originatorId,
    name: 'ORIGINATOR_ID',
    flags: LOCAL,
    malformed: 'withdraw',
    error: 'optionalAttribute',
    unwanted: external,
    read: (from) => nothing(from.u32()),
  },
  {
    type: ATTRIBUTE.clusterList,
    name: 'CLUSTER_LIST',
    flags: LOCAL,
    malformed: 'withdraw',
    error: 'optionalAttribute',
    unwanted: external,
    read: (from) => nothing(many(from, () => from.u32())),
  },
  {
    type: ATTRIBUTE.extendedCommunities,
    name: 'EXTENDED COMMUNITIES',
    flags: PASSED_ON,
    malformed: 'withdraw',
    error: 'optionalAttribute',
    read: (from) => ({ extendedCommunities: many(from, () => from.bytes(8)) }),
    write: ({ extendedCommunities }) => joined(extendedCommunities, eightBytes),
  },
  {
    type: ATTRIBUTE.as4Path,
    name: 'AS4_PATH',
    flags: PASSED_ON,
    malformed: 'discard',
    error: 'optionalAttribute',
    unwanted: betweenNewSpeakers,
    read: (from) => ({ as4Path: withoutConfederations(readAsPath(from, 4)) }),
    write: ({ asPath = [], as4Path = as4PathOf(asPath) }, terms) =>
      as4Path === undefined || terms.fourOctetAsn ? undefined : writeAsPath(as4Path, 4),
  },
  {
    type: ATTRIBUTE.as4Aggregator,
    name: 'AS4_AGGREGATOR',
    flags: PASSED_ON,
    malformed: 'discard',
    error: 'optionalAttribute',
    unwanted: betweenNewSpeakers,
    read: (from) => aggregator(from, 4),
  },
  {
    type: ATTRIBUTE.ipv6ExtendedCommunities,
    name: 'IPv6 EXTENDED COMMUNITIES',
    flags: PASSED_ON,
    malformed: 'withdraw',
    error: 'optionalAttribute',
    read: (from) => nothing(many(from, () => from.skip(20))),
  },
  {
    type: ATTRIBUTE.largeCommunities,
    name: 'LARGE_COMMUNITY',
    flags: PASSED_ON,
    malformed: 'withdraw',
    error: 'optionalAttribute',
    read: (from) => ({ largeCommunities: many(from, () => [from.u32(), from.u32(), from.u32()] as const) }),
    write: ({ largeCommunities }) =>
      joined(largeCommunities, ([first, second, third]) => writer().u32(first).u32(second).u32(third).done()),
  },
]

function passedOver(from: Reader, reading: Reading, what: string): Partial<Attributes> {
  from.skip(from.remaining())
  reading.foreign = true
  reading.problems.push(`${what} are passed over: they were not agreed upon`)
  return {}
}

const nothing = (_read: unknown): Partial<Attributes> => ({})

function readOrigin(from: Reader): Origin {
  const code = from.u8()
  const origin = ORIGINS.find((name) => ORIGIN_CODE[name] === code)
  if (origin === undefined) throw new WireError(`ORIGIN ${code} is unknown`, from.offset() - 1)
  return origin
}

/** RFC 4271 section 6.3: "a valid unicast host address": not of 0/8 nor 127/8, no group and nothing above them. */
function readNextHop(from: Reader): Address {
  const word = from.u32()
  const first = word >>> 24
  if (first === 0 || first === 127 || first >= 224) {
    throw new WireError('a next hop that is no unicast address', from.offset() - 4)
  }
  return { family: 4, words: [word] }
}

function aggregator(from: Reader, width: 2 | 4): Partial<Attributes> {
  readAsn(from, width)
  return nothing(from.u32())
}

/** At least one, as RFC 7606 sections 7.8 and 7.14 and RFC 8092 section 6 demand. */
function many<T>(from: Reader, one: () => T): T[] {
  const values = [one()]
  while (from.remaining() > 0) values.push(one())
  return values
}

/** None at all = the attribute is left out: an empty one is malformed. */
function joined<T>(values: readonly T[] | undefined, bytesOf: (value: T) => Uint8Array): Uint8Array | undefined {
  if (values === undefined || values.length === 0) return undefined
  const to = writer()
  for (const value of values) to.bytes(bytesOf(value))
  return to.done()
}

function ipv4Bytes(bytes: Uint8Array): Uint8Array {
  if (bytes.length !== 4) throw new WireError('NEXT_HOP that is not IPv4', 0)
  return bytes
}

function eightBytes(bytes: Uint8Array): Uint8Array {
  if (bytes.length !== 8) throw new WireError(`an extended community of ${bytes.length} bytes`, 0)
  return bytes
}
