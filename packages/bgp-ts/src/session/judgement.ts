import { type Family, formatAddress } from '@steelyard/net'
import { capabilityBytes } from '../codec/capabilities.ts'
import { AFI_OF_FAMILY } from '../codec/multiprotocol.ts'
import { notificationOf } from '../codec/refusal.ts'
import { AFI, ERROR_CODE, OPEN_ERROR, SAFI_UNICAST } from '../constants.ts'
import type { Capability, GracefulRestart, Notification, Open } from '../message.ts'
import type { PeerConfig } from '../peer.ts'
import type { Agreed } from './terms.ts'

export type Judgement =
  | { readonly ok: true; readonly agreed: Agreed }
  | { readonly ok: false; readonly notification: Notification; readonly why: string }

/**
 * Compares the peer's OPEN with ours. RFC 4271 section 6.2, and the RFCs of the capabilities.
 * @param theirs as the codec reads it: version, hold time and identifier can be
 */
export function judgeOpen(theirs: Open, ours: Open, config: PeerConfig): Judgement {
  const remoteAsn = asnOf(theirs)
  const problem =
    asnProblem(remoteAsn, config) ??
    identifierProblem(theirs, ours, remoteAsn === config.localAsn) ??
    familyProblem(theirs, ours, config)
  return problem ?? { ok: true, agreed: agreement(theirs, ours, config) }
}

/** The four-octet number wins. RFC 6793 section 4.2.1. */
export function asnOf(open: Open): number {
  return capability(open, 'fourOctetAsn')?.asn ?? open.asn
}

function capability<K extends Capability['kind']>(open: Open, kind: K): Extract<Capability, { kind: K }> | undefined {
  return open.capabilities.find((offer): offer is Extract<Capability, { kind: K }> => offer.kind === kind)
}

function refused(subcode: number, why: string, data: Uint8Array = new Uint8Array()): Judgement {
  return { ok: false, why, notification: notificationOf(ERROR_CODE.open, subcode, data) }
}

function asnProblem(found: number, { peerAsn, localAsn }: PeerConfig): Judgement | undefined {
  const says = `the peer says it is AS ${found}`
  if (peerAsn.kind === 'number' && found !== peerAsn.asn)
    return refused(OPEN_ERROR.badPeerAs, `${says}, wanted is ${peerAsn.asn} (spec.peerASN)`)
  if (peerAsn.kind === 'internal' && found !== localAsn)
    return refused(OPEN_ERROR.badPeerAs, `${says}, wanted is our own, ${localAsn} (spec.dynamicASN is internal)`)
  if (peerAsn.kind === 'external' && found === localAsn)
    return refused(OPEN_ERROR.badPeerAs, `${says}, which is our own: wanted is another (spec.dynamicASN is external)`)
  return undefined
}

/** RFC 6286: unique inside an AS. */
function identifierProblem(theirs: Open, ours: Open, isInternal: boolean): Judgement | undefined {
  if (!isInternal || theirs.routerId !== ours.routerId) return undefined
  const same = formatAddress({ family: 4, words: [theirs.routerId] })
  return refused(
    OPEN_ERROR.badIdentifier,
    `the peer's router id ${same} is ours too: set spec.routerID, or the router's, to another`,
  )
}

/** RFC 5492 section 5: without a family in common there is nothing to be said; the data is what we would need. */
function familyProblem(theirs: Open, ours: Open, config: PeerConfig): Judgement | undefined {
  if (commonFamilies(theirs, ours, config).length > 0) return undefined
  const needed = ours.capabilities.filter(({ kind }) => kind === 'multiprotocol')
  const data = capabilityBytes(needed)
  const offered = names(familiesOf(theirs)) || 'none that we know'
  return refused(
    OPEN_ERROR.unsupportedCapability,
    `no address family in common: the peer offers ${offered}, we offer ${names(familiesOf(ours))} unicast`,
    data,
  )
}

const names = (families: readonly Family[]): string => families.map((family) => `IPv${family}`).join(' and ')

/** Who offers none means IPv4 unicast. RFC 4760 section 8. */
function familiesOf({ capabilities }: Open): Family[] {
  const offers = capabilities.filter((offer) => offer.kind === 'multiprotocol')
  if (offers.length === 0) return [4]
  const has = (afi: number): boolean => offers.some((offer) => offer.afi === afi && offer.safi === SAFI_UNICAST)
  return ([4, 6] as const).filter((family) => has(AFI_OF_FAMILY[family]))
}

function commonFamilies(theirs: Open, ours: Open, config: PeerConfig): Family[] {
  const [offered, meant] = [familiesOf(theirs), familiesOf(ours)]
  return config.families.filter((family) => offered.includes(family) && meant.includes(family))
}

function agreement(theirs: Open, ours: Open, config: PeerConfig): Agreed {
  const both = (kind: Capability['kind']): boolean =>
    capability(theirs, kind) !== undefined && capability(ours, kind) !== undefined
  const holdMs = Math.min(theirs.holdSeconds, ours.holdSeconds) * 1000
  const remoteAsn = asnOf(theirs)
  return {
    remoteAsn,
    remoteRouterId: theirs.routerId,
    holdMs,
    keepaliveMs: holdMs === 0 ? 0 : Math.min(config.keepaliveMs || holdMs, holdMs / 3),
    families: commonFamilies(theirs, ours, config),
    isInternal: remoteAsn === config.localAsn,
    fourOctetAsn: both('fourOctetAsn'),
    extendedNextHop: carriesIpv4OverIpv6(theirs) && carriesIpv4OverIpv6(ours),
    extendedMessage: both('extendedMessage'),
    routeRefresh: both('routeRefresh'),
    enhancedRouteRefresh: both('routeRefresh') && both('enhancedRouteRefresh'),
    gracefulRestart: both('gracefulRestart'),
    hardReset: both('gracefulRestart') && lastRestart(theirs)?.notification === true,
  }
}

/** The last of several counts. RFC 4724 section 3. */
function lastRestart({ capabilities }: Open): GracefulRestart | undefined {
  return capabilities.findLast((offer) => offer.kind === 'gracefulRestart')
}

function carriesIpv4OverIpv6({ capabilities }: Open): boolean {
  return capabilities.some(
    (offer) =>
      offer.kind === 'extendedNextHop' &&
      offer.entries.some(
        ({ afi, safi, nextHopAfi }) => afi === AFI.ipv4 && safi === SAFI_UNICAST && nextHopAfi === AFI.ipv6,
      ),
  )
}
