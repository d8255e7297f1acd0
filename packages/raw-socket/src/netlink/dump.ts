import { type Decoded, decoded, writer } from '@steelyard/net'
import { HOST_ORDER, type HostOrder } from '../host-order.ts'
import type { NetlinkEvent } from '../link-io.ts'
import { NLM_F_DUMP, NLM_F_DUMP_INTR, NLM_F_REQUEST, NLMSG_DONE, NLMSG_ERROR } from './constants.ts'
import { readEvent } from './events.ts'
import { type NetlinkMessage, readMessages } from './messages.ts'

/** One part of a dump. `interrupted`: something changed between two parts, so the whole is not to be trusted. */
export type DumpPart = {
  readonly events: readonly NetlinkEvent[]
  readonly interrupted: boolean
  readonly end: 'more' | 'done' | { readonly errno: number }
}

const HEADER_BYTES = 16
/** Room for `struct ifinfomsg`, the longest of the three requests' bodies; all zero asks for everything. */
const BODY_BYTES = 16

/** A request for all objects that `type` (RTM_GET…) asks for. */
export function dumpRequest(type: number, sequence: number, order: HostOrder = HOST_ORDER): Uint8Array {
  const anyPort = 0
  const out = order.putU32(writer(), HEADER_BYTES + BODY_BYTES)
  order.putU16(order.putU16(out, type), NLM_F_REQUEST | NLM_F_DUMP)
  return order.putU32(order.putU32(out, sequence), anyPort).bytes(new Uint8Array(BODY_BYTES)).done()
}

/** Reads one part of the answer to the request numbered `sequence`; messages of another number are passed over. */
export function readDumpPart(bytes: Uint8Array, sequence: number, order: HostOrder = HOST_ORDER): Decoded<DumpPart> {
  return decoded(() => {
    const messages = readMessages(bytes, order).filter((message) => message.sequence === sequence)
    return {
      events: messages.flatMap((message) => readEvent(message, order) ?? []),
      interrupted: messages.some(({ flags }) => (flags & NLM_F_DUMP_INTR) !== 0),
      end: messages.map((message) => readEnd(message, order)).find((end) => end !== 'more') ?? 'more',
    }
  })
}

/** Both ends carry -errno. NLMSG_DONE has it since a dump can fail half-way; 0 is a good end. */
function readEnd({ type, body }: NetlinkMessage, order: HostOrder): DumpPart['end'] {
  if (type !== NLMSG_DONE && type !== NLMSG_ERROR) return 'more'
  const errno = body.remaining() === 0 ? 0 : -order.i32(body)
  return errno === 0 ? 'done' : { errno }
}
