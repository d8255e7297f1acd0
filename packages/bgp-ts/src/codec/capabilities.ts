import { type Reader, reader, WireError, writer, type Writer } from '@steelyard/net'
import { CAPABILITY, FORWARDING_FLAG, RESTART_FLAG, RESTART_SECONDS_MASK } from '../constants.ts'
import type { Capability, GracefulRestart } from '../message.ts'

type Kind = Exclude<Capability['kind'], 'unknown'>
type Of<K extends Kind> = Extract<Capability, { readonly kind: K }>

/** One capability, both ways; its value is read to the end. */
type Row<K extends Kind> = {
  readonly read: (from: Reader) => Of<K>
  readonly write: (to: Writer, capability: Of<K>) => void
}

/** RFC 2918, 7313 and 8654: to be there is all they say. */
const flag = <K extends 'routeRefresh' | 'enhancedRouteRefresh' | 'extendedMessage'>(kind: K) => ({
  read: () => ({ kind }),
  write: () => undefined,
})

const ROWS: { readonly [K in Kind]: Row<K> } = {
  multiprotocol: {
    read: (from) => {
      const afi = from.u16()
      from.skip(1)
      return { kind: 'multiprotocol', afi, safi: from.u8() }
    },
    write: (to, { afi, safi }) => void to.u16(afi).u8(0).u8(safi),
  },
  routeRefresh: flag('routeRefresh'),
  extendedNextHop: {
    read: (from) => ({
      kind: 'extendedNextHop',
      entries: rest(from, () => ({ afi: from.u16(), safi: from.u16(), nextHopAfi: from.u16() })),
    }),
    write: (to, { entries }) => {
      for (const { afi, safi, nextHopAfi } of entries) to.u16(afi).u16(safi).u16(nextHopAfi)
    },
  },
  extendedMessage: flag('extendedMessage'),
  gracefulRestart: { read: readGracefulRestart, write: writeGracefulRestart },
  fourOctetAsn: {
    read: (from) => ({ kind: 'fourOctetAsn', asn: from.u32() }),
    write: (to, { asn }) => void to.u32(asn),
  },
  enhancedRouteRefresh: flag('enhancedRouteRefresh'),
}
const KIND_OF_CODE: ReadonlyMap<number, Kind> = new Map(
  (Object.keys(ROWS) as Kind[]).map((kind) => [CAPABILITY[kind], kind]),
)

function readGracefulRestart(from: Reader): GracefulRestart {
  const field = from.u16()
  return {
    kind: 'gracefulRestart',
    restarting: (field & RESTART_FLAG.restarting) !== 0,
    notification: (field & RESTART_FLAG.notification) !== 0,
    restartSeconds: field & RESTART_SECONDS_MASK,
    families: rest(from, () => ({
      afi: from.u16(),
      safi: from.u8(),
      forwarding: (from.u8() & FORWARDING_FLAG) !== 0,
    })),
  }
}

function writeGracefulRestart(to: Writer, restart: GracefulRestart): void {
  if (restart.restartSeconds > RESTART_SECONDS_MASK) {
    throw new WireError(`a restart time of ${restart.restartSeconds} seconds`, to.length())
  }
  const flags =
    (restart.restarting ? RESTART_FLAG.restarting : 0) + (restart.notification ? RESTART_FLAG.notification : 0)
  to.u16(flags + restart.restartSeconds)
  for (const { afi, safi, forwarding } of restart.families) {
    to.u16(afi)
      .u8(safi)
      .u8(forwarding ? FORWARDING_FLAG : 0)
  }
}

function rest<T>(from: Reader, one: () => T): T[] {
  const values: T[] = []
  while (from.remaining() > 0) values.push(one())
  return values
}

/**
 * Reads capabilities to the end (RFC 5492 section 4).
 * @throws WireError for one that is cut off, or is known and has a length that is not its own
 */
export function readCapabilities(from: Reader): Capability[] {
  return rest(from, () => readCapability(from))
}

function readCapability(from: Reader): Capability {
  const code = from.u8()
  const value = from.bytes(from.u8())
  const kind = KIND_OF_CODE.get(code)
  if (kind === undefined) return { kind: 'unknown', code, value }
  const inside = reader(value)
  const capability = ROWS[kind].read(inside)
  if (inside.remaining() > 0) throw new WireError(`capability ${code} has ${value.length} bytes`, from.offset())
  return capability
}

/** Capability triples as they stand in an OPEN, and in the data of Unsupported Capability (RFC 5492 section 5). */
export function capabilityBytes(capabilities: readonly Capability[]): Uint8Array {
  const to = writer()
  for (const capability of capabilities) {
    const value = valueBytes(capability)
    to.u8(capability.kind === 'unknown' ? capability.code : CAPABILITY[capability.kind])
    to.u8(value.length).bytes(value)
  }
  return to.done()
}

function valueBytes(capability: Capability): Uint8Array {
  if (capability.kind === 'unknown') return capability.value
  const to = writer()
  // One row per kind, which the type of the table says and a lookup by it does not.
  const row = ROWS[capability.kind] as Row<Kind>
  row.write(to, capability)
  return to.done()
}
