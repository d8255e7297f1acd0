import { type Reader, reader, WireError, writer } from '@steelyard/net'
import { BGP_VERSION, HEADER_BYTES, OPTIONAL_PARAMETER, SHORTEST_HOLD_SECONDS } from '../constants.ts'
import type { Capability, Open } from '../message.ts'
import { capabilityBytes, readCapabilities } from './capabilities.ts'
import { openRefusal } from './refusal.ts'

/** Where the type of the first optional parameter stands, header counted. */
const FIRST_PARAMETER = HEADER_BYTES + 10

/**
 * Reads a whole OPEN and checks what can be checked without knowing who is expected: RFC 4271 section 6.2.
 * @throws Refusal
 */
export function readOpen(message: Uint8Array): Open {
  const from = reader(message.subarray(HEADER_BYTES))
  const version = from.u8()
  // RFC 4271 section 6.2: the data is the largest version we know, in two octets.
  if (version !== BGP_VERSION) {
    throw openRefusal('unsupportedVersion', `the peer speaks BGP version ${version}`, Uint8Array.of(0, BGP_VERSION))
  }
  const [asn, holdSeconds, routerId] = [from.u16(), from.u16(), from.u32()]
  const open: Open = {
    kind: 'open',
    version,
    asn,
    holdSeconds,
    routerId,
    capabilities: readParameters(from, message[FIRST_PARAMETER]),
  }
  checkFields(open)
  return open
}

function checkFields({ asn, holdSeconds, routerId, capabilities }: Open): void {
  // RFC 7607 section 2.
  if (asn === 0 || capabilities.some((offered) => offered.kind === 'fourOctetAsn' && offered.asn === 0)) {
    throw openRefusal('badPeerAs', 'the peer says its AS number is 0')
  }
  if (holdSeconds > 0 && holdSeconds < SHORTEST_HOLD_SECONDS) {
    throw openRefusal('unacceptableHoldTime', `the peer wants a hold time of ${holdSeconds} seconds, less than 3`)
  }
  // RFC 6286 section 2.2.
  if (routerId === 0) throw openRefusal('badIdentifier', 'the peer says its BGP Identifier is 0')
}

/** Optional parameters, of either form. @throws Refusal */
function readParameters(from: Reader, firstType: number | undefined): Capability[] {
  try {
    const width = lengthWidth(from, firstType)
    const capabilities: Capability[] = []
    while (from.remaining() > 0) capabilities.push(...readParameter(from, width))
    return capabilities
  } catch (error) {
    // RFC 4271 section 6.2: recognized and malformed = unspecific.
    if (!(error instanceof WireError)) throw error
    throw openRefusal('unspecific', `the optional parameters of the OPEN are malformed: ${error.message}`)
  }
}

/**
 * Reads their length, which must be all that is left, and tells how wide the length of each of them is.
 * RFC 9072 section 2: the first type decides, whatever the length before it says so long as that is not 0.
 */
function lengthWidth(from: Reader, firstType: number | undefined): 1 | 2 {
  const short = from.u8()
  const isExtended = short > 0 && firstType === OPTIONAL_PARAMETER.extendedLength
  if (isExtended) from.skip(1)
  const length = isExtended ? from.u16() : short
  if (length !== from.remaining()) throw new WireError('their length is not what is left of the OPEN', from.offset())
  return isExtended ? 2 : 1
}

function readParameter(from: Reader, width: 1 | 2): Capability[] {
  const type = from.u8()
  const value = from.sub(width === 2 ? from.u16() : from.u8())
  if (type === OPTIONAL_PARAMETER.capabilities) return readCapabilities(value)
  throw openRefusal('unsupportedParameter', `optional parameter ${type} of the OPEN is unknown here`)
}

/** All of an OPEN but its header: all capabilities in one parameter, of RFC 9072's form when they are many. */
export function openBody({ version, asn, holdSeconds, routerId, capabilities }: Open): Uint8Array {
  const to = writer().u8(version).u16(asn).u16(holdSeconds).u32(routerId)
  const { capabilities: type, extendedLength } = OPTIONAL_PARAMETER
  const value = capabilityBytes(capabilities)
  if (value.length === 0) return to.u8(0).done()
  if (value.length + 2 <= 0xff)
    return to
      .u8(value.length + 2)
      .u8(type)
      .u8(value.length)
      .bytes(value)
      .done()
  to.u8(extendedLength)
    .u8(extendedLength)
    .u16(value.length + 3)
  return to.u8(type).u16(value.length).bytes(value).done()
}
