import type { BgpPeer } from '@steelyard/model'
import { formatAddress } from '@steelyard/net'
import type { DesiredBfd } from '../../link/messages.ts'
import type { SessionPlan, SessionTarget } from './session-plan.ts'

/** Whether an address is on a subnet of this host: within a VRF or other device, or outside of all VRFs. */
export type IsConnected = (address: string, device: string | undefined) => boolean

/**
 * The BFD session that goes with a BGP session; undefined = none. RFC 5883 where the peer may be further away than one
 * hop: with `ebgpMultiHop`, and for internal peers that are on no subnet of this host.
 */
export function desiredBfd(peer: BgpPeer, plan: SessionPlan, isConnected: IsConnected): DesiredBfd | undefined {
  const { bfdProfile, name } = peer
  if (bfdProfile === undefined || plan.kind === 'waiting') return undefined
  const { target } = plan
  const multihop = peer.ebgpMultiHop || (isInternal(peer) && !isNear(target, isConnected))
  const { transmitIntervalMs, receiveIntervalMs, detectMultiplier, minimumTtl, passiveMode } = bfdProfile
  return {
    key: name,
    ...ends(target),
    multihop,
    transmitIntervalMs,
    receiveIntervalMs,
    detectMultiplier,
    ...(bfdProfile.echoMode && !multihop ? { echoIntervalMs: bfdProfile.echoIntervalMs } : {}),
    minimumTtl,
    passive: passiveMode,
  }
}

function isNear({ address, interface: link, device }: SessionTarget, isConnected: IsConnected): boolean {
  return link !== undefined || isConnected(formatAddress(address), device)
}

function ends(target: SessionTarget): Pick<DesiredBfd, 'peer' | 'local' | 'interface' | 'device'> {
  const { address, interface: link, sourceAddress, device } = target
  return {
    peer: formatAddress(address),
    ...(sourceAddress === undefined ? {} : { local: formatAddress(sourceAddress) }),
    ...(link === undefined ? {} : { interface: link }),
    ...(device === undefined ? {} : { device }),
  }
}

/** What is worth saying of an external peer that is not next to this host, though its BGPPeer says that it is. */
export function farNote(peer: BgpPeer, isConnected: IsConnected): string | undefined {
  const { neighbour, ebgpMultiHop, vrf } = peer
  if (ebgpMultiHop || neighbour.kind === 'interface' || isInternal(peer) || isConnected(neighbour.address, vrf))
    return undefined
  const where = vrf === undefined ? 'this node' : `this node in ${vrf}`
  return `${neighbour.address} is on no subnet of ${where}: if that is meant, say spec.ebgpMultiHop`
}

function isInternal({ peerAsn, localAsn, myAsn }: BgpPeer): boolean {
  if (peerAsn.kind !== 'number') return peerAsn.kind === 'internal'
  return peerAsn.asn === (localAsn ?? myAsn)
}
