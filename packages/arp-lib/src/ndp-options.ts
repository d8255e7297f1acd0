import { type Mac, type Reader, WireError, type Writer } from '@steelyard/net'
import { MAC_BYTES, NDP_OPTION, NDP_OPTION_HEADER_BYTES, NDP_OPTION_UNIT_BYTES } from './constants.ts'

/** The two options that neighbour discovery between hosts needs. RFC 4861 section 4.6.1. */
export type LinkLayerOptions = { readonly [kind in keyof typeof NDP_OPTION]?: Mac }

export function writeLinkLayerOption(to: Writer, kind: keyof typeof NDP_OPTION, mac: Mac): Writer {
  const units = Math.ceil((NDP_OPTION_HEADER_BYTES + mac.length) / NDP_OPTION_UNIT_BYTES)
  return to.u8(NDP_OPTION[kind]).u8(units).bytes(mac)
}

/**
 * Walks the options to the end. Each is at least one unit long, so the walk ends within the
 * message; unknown ones are skipped and of two of a kind the first counts.
 * @throws WireError for an option of length 0 (RFC 4861 section 4.6), of a length that lies, or a
 * link-layer address that is not Ethernet's.
 */
export function readLinkLayerOptions(from: Reader): LinkLayerOptions {
  const found: { -readonly [kind in keyof LinkLayerOptions]: Mac } = {}
  while (from.remaining() > 0) {
    const type = from.u8()
    const units = from.u8()
    if (units === 0) throw new WireError(`option ${type} has length 0`, from.offset())
    const body = from.sub(units * NDP_OPTION_UNIT_BYTES - NDP_OPTION_HEADER_BYTES)
    if (type === NDP_OPTION.sourceLinkLayer) found.sourceLinkLayer ??= macOf(body)
    if (type === NDP_OPTION.targetLinkLayer) found.targetLinkLayer ??= macOf(body)
  }
  return found
}

/** RFC 2464 section 6: exactly one unit, no padding. */
function macOf(body: Reader): Mac {
  if (body.remaining() !== MAC_BYTES) throw new WireError(`link-layer address of ${body.remaining()} bytes`, 0)
  return body.bytes(MAC_BYTES)
}
