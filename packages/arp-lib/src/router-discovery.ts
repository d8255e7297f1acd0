import {
  type Address,
  type Decoded,
  decoded,
  formatAddress,
  type Mac,
  type Reader,
  reader,
  WireError,
  writer,
} from '@steelyard/net'
import { NDP_CODE, NDP_HOP_LIMIT, ROUTER_TYPE } from './constants.ts'
import { isLinkLocal, isUnspecified } from './ipv6-scope.ts'
import { readLinkLayerOptions, writeLinkLayerOption } from './ndp-options.ts'

/** What is read of router discovery: that there is a router, or that somebody asks for one. */
export type RouterDiscovery =
  /** RFC 4861 section 4.1. */
  | { readonly kind: 'routerSolicitation'; readonly source: Address }
  /** Section 4.2. @property lifetimeSeconds 0: it is no default router; its address is told all the same */
  | { readonly kind: 'routerAdvertisement'; readonly source: Address; readonly lifetimeSeconds: number }

/** An ICMPv6 message as a raw socket has it: its checksum was verified by the kernel (RFC 3542 section 3.1). */
export type ReceivedDiscovery = {
  readonly bytes: Uint8Array
  readonly source: Address
  /** undefined: not known, which is not 255. */
  readonly hopLimit: number | undefined
}

/** The ICMPv6 types of both, for a socket's filter. */
export const ROUTER_DISCOVERY_TYPES: readonly number[] = Object.values(ROUTER_TYPE)

/** An ICMPv6 message that asks routers to advertise themselves; its checksum is for the kernel to fill in. */
export function encodeRouterSolicitation(sourceLinkLayer: Mac): Uint8Array {
  const reserved = 0
  const head = writer().u8(ROUTER_TYPE.solicitation).u8(NDP_CODE).u16(UNFILLED).u32(reserved)
  return writeLinkLayerOption(head, 'sourceLinkLayer', sourceLinkLayer).done()
}

/**
 * An advertisement of who is not to be used as a router: lifetime 0, and nothing said of the link (section 4.2: 0 is
 * "unspecified" in all its fields). It tells a neighbour our address, and no more.
 */
export function encodeRouterAdvertisement(sourceLinkLayer: Mac): Uint8Array {
  const [hopLimit, flags, lifetime, reachable, retransmit] = [0, 0, 0, 0, 0]
  const head = writer()
    .u8(ROUTER_TYPE.advertisement)
    .u8(NDP_CODE)
    .u16(UNFILLED)
    .u8(hopLimit)
    .u8(flags)
    .u16(lifetime)
    .u32(reachable)
    .u32(retransmit)
  return writeLinkLayerOption(head, 'sourceLinkLayer', sourceLinkLayer).done()
}

const UNFILLED = 0

/** Reads one of the two with every check of RFC 4861 sections 6.1.1 and 6.1.2 that the kernel has not made. */
export function decodeRouterDiscovery({ bytes, source, hopLimit }: ReceivedDiscovery): Decoded<RouterDiscovery> {
  return decoded(() => {
    if (hopLimit !== NDP_HOP_LIMIT)
      throw new WireError(`hop limit is ${hopLimit ?? 'not known'}, not ${NDP_HOP_LIMIT}`, 0)
    const from = reader(bytes)
    const type = from.u8()
    const code = from.u8()
    if (code !== NDP_CODE) throw new WireError(`ICMPv6 code is ${code}, not ${NDP_CODE}`, from.offset())
    from.skip(2) // the checksum
    if (type === ROUTER_TYPE.solicitation) return solicitation(source, from)
    if (type === ROUTER_TYPE.advertisement) return advertisement(source, from)
    throw new WireError(`ICMPv6 type ${type} is neither router solicitation nor router advertisement`, 0)
  })
}

function solicitation(source: Address, from: Reader): RouterDiscovery {
  from.skip(4) // reserved
  const { sourceLinkLayer } = readLinkLayerOptions(from)
  if (isUnspecified(source) && sourceLinkLayer !== undefined) {
    throw new WireError('source link-layer address of an unspecified source', 0)
  }
  return { kind: 'routerSolicitation', source }
}

function advertisement(source: Address, from: Reader): RouterDiscovery {
  if (!isLinkLocal(source)) throw new WireError(`the source ${formatAddress(source)} is not link-local`, 0)
  from.skip(2) // current hop limit, flags
  const lifetimeSeconds = from.u16()
  from.skip(8) // reachable time, retransmission timer
  readLinkLayerOptions(from)
  return { kind: 'routerAdvertisement', source, lifetimeSeconds }
}
