import { reader, writer } from '@steelyard/net'
import { ERROR_CODE, HEADER_BYTES, REFRESH_SUBTYPE, ROUTE_REFRESH_ERROR } from '../constants.ts'
import type { RouteRefresh } from '../message.ts'
import { badLength } from './header.ts'
import { notificationOf, Refusal } from './refusal.ts'

const BODY_BYTES = 4

/**
 * Reads a whole ROUTE-REFRESH: RFC 2918 section 3, RFC 7313 section 3.2.
 * @throws Refusal for another length: none of the extensions that have one is offered
 */
export function readRouteRefresh(message: Uint8Array): RouteRefresh {
  const from = reader(message.subarray(HEADER_BYTES))
  const [afi, subtype, safi] = [from.u16(), from.u8(), from.u8()]
  if (from.remaining() > 0) throw wrongLength(message, subtype)
  return { kind: 'routeRefresh', afi, safi, subtype }
}

/** RFC 7313 section 5: has a code of its own, with the message as data; for a mere request it is the header's error. */
function wrongLength(message: Uint8Array, subtype: number): Error {
  if (subtype !== REFRESH_SUBTYPE.begin && subtype !== REFRESH_SUBTYPE.end) {
    return badLength(message.length, 'routeRefresh')
  }
  const why = `the message routeRefresh has ${message.length - HEADER_BYTES} bytes behind its header, not ${BODY_BYTES}`
  return new Refusal(why, notificationOf(ERROR_CODE.routeRefresh, ROUTE_REFRESH_ERROR.invalidLength, message.slice()))
}

export const routeRefreshBody = ({ afi, safi, subtype }: RouteRefresh): Uint8Array =>
  writer().u16(afi).u8(subtype).u8(safi).done()
