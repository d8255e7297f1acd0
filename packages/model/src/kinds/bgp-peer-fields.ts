import { optionalAddress } from '../reading/addresses.ts'
import { duration } from '../reading/duration.ts'
import { type Field, found, mismatch, obeying, problemAt, type ValueOf } from '../reading/found.ts'
import { concealed, flag, integer, oneOf, optionalText } from '../reading/scalars.ts'
import { selectorList } from '../reading/selectors.ts'
import { fields, optional, withDefault } from '../reading/structures.ts'

const HIGHEST_ASN = 2 ** 32 - 1
const HIGHEST_PORT = 16_384
const BGP_PORT = 179
const SECOND_MS = 1000
const MOST_CONNECT_MS = 65_535 * SECOND_MS

const ipAddress = optionalAddress('an IPv4 or IPv6 address without a zone', 4, 6)

/** v1beta1 stored 0 for "the default", and is read here as v1beta2, so 0 is taken from either. */
const port: Field<number> = (value, place) => {
  const read = integer(0, HIGHEST_PORT)(value, place)
  if (!read.ok) return mismatch(value, place, `a whole number from 1 to ${HIGHEST_PORT}`)
  return found(read.value === 0 ? BGP_PORT : read.value)
}

const connectTime = obeying(duration, (ms, place) =>
  ms % SECOND_MS === 0 && ms >= SECOND_MS && ms <= MOST_CONNECT_MS
    ? []
    : [
        problemAt(
          place,
          `found ${ms / SECOND_MS}s; accepted: whole seconds from 1s to ${MOST_CONNECT_MS / SECOND_MS}s`,
        ),
      ],
)

/** BGPPeer as both versions list it; rules over several fields stand in `bgp-peer-rules.ts`. */
export const bgpPeerFields = fields({
  myASN: integer(1, HIGHEST_ASN),
  peerASN: withDefault(integer(0, HIGHEST_ASN), 0),
  dynamicASN: optional(oneOf('internal', 'external')),
  localASN: optional(integer(1, HIGHEST_ASN)),
  peerAddress: ipAddress,
  interface: optionalText,
  peerPort: withDefault(port, BGP_PORT),
  sourceAddress: ipAddress,
  routerID: optionalAddress('an IPv4 address', 4),
  vrf: optionalText,
  bfdProfile: optionalText,
  holdTime: optional(duration),
  keepaliveTime: optional(duration),
  connectTime: optional(connectTime),
  nodeSelectors: selectorList,
  password: concealed(optionalText, 'text'),
  passwordSecret: concealed(withDefault(fields({ name: optionalText }), {}), 'an object with the name of a Secret'),
  enableGracefulRestart: withDefault(flag, false),
  ebgpMultiHop: withDefault(flag, false),
  dualStackAddressFamily: withDefault(flag, false),
  disableMP: withDefault(flag, false),
})

export type BgpPeerSpec = ValueOf<typeof bgpPeerFields>
