import { formatAddress } from '@steelyard/net'
import type { Problem } from '../config.ts'
import { inside, type Place, problemAt } from '../reading/found.ts'
import type { BgpPeerSpec } from './bgp-peer-fields.ts'

type Rule = (spec: BgpPeerSpec, place: Place) => Problem | undefined

const RULES: readonly Rule[] = [onePeerAsn, oneNeighbour, onePassword, noMultiHopInside]

/** The rules that need more than one field of a peer, timers apart. */
export function bgpPeerProblems(spec: BgpPeerSpec, place: Place): Problem[] {
  return RULES.flatMap((rule) => rule(spec, place) ?? [])
}

function onePeerAsn({ peerASN, dynamicASN }: BgpPeerSpec, place: Place): Problem | undefined {
  if ((peerASN !== 0) !== (dynamicASN !== undefined)) return undefined
  const what = dynamicASN === undefined ? 'found neither peerASN nor dynamicASN' : bothFound({ peerASN, dynamicASN })
  return problemAt(inside(place, 'peerASN'), `${what}; accepted: exactly one of peerASN and dynamicASN`)
}

function oneNeighbour({ peerAddress, interface: name }: BgpPeerSpec, place: Place): Problem | undefined {
  if ((peerAddress === undefined) !== (name === undefined)) return undefined
  const what =
    peerAddress === undefined
      ? 'found neither peerAddress nor interface'
      : bothFound({ peerAddress: formatAddress(peerAddress), interface: name })
  return problemAt(inside(place, 'peerAddress'), `${what}; accepted: exactly one of peerAddress and interface`)
}

/** Names both and shows neither: one is a secret, and the other leads to one. */
function onePassword({ password, passwordSecret }: BgpPeerSpec, place: Place): Problem | undefined {
  if (password === undefined || passwordSecret.name === undefined) return undefined
  return problemAt(inside(place, 'password'), 'found together with passwordSecret; accepted: at most one of the two')
}

/** A session within one AS has no hop limit to lift (contract: iBGP iff the peer's ASN is the session's). */
function noMultiHopInside(spec: BgpPeerSpec, place: Place): Problem | undefined {
  const sessionAsn = spec.localASN ?? spec.myASN
  if (!spec.ebgpMultiHop || spec.peerASN !== sessionAsn) return undefined
  return problemAt(
    inside(place, 'ebgpMultiHop'),
    `found true with peerASN ${spec.peerASN}, which is the session's own ASN; accepted: false for an iBGP session`,
  )
}

function bothFound(values: Readonly<Record<string, unknown>>): string {
  const parts = Object.entries(values).map(([name, value]) => `${name} ${String(value)}`)
  return `found both ${parts.join(' and ')}`
}
