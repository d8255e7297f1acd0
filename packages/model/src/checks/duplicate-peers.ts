import { formatAddress } from '@steelyard/net'
import type { Problem } from '../config.ts'
import type { ReadBgpPeer } from '../kinds/bgp-peer.ts'
import { problemAt } from '../reading/found.ts'
import { placeIn } from '../reading/objects.ts'

/**
 * Two sessions of one node to the same neighbour would be one connection.
 * @param peers those that select this node, so that all have a node in common.
 */
export function duplicatePeerProblems(peers: readonly ReadBgpPeer[]): Problem[] {
  const first = new Map<string, ReadBgpPeer>()
  return peers.flatMap((peer) => {
    const session = sessionOf(peer)
    const earlier = first.get(session)
    if (earlier === undefined) {
      first.set(session, peer)
      return []
    }
    const message =
      `found a second session to ${session}, as in ${earlier.object}, on a node that both select; accepted: ` +
      'peers that differ in peerAddress or interface, peerPort, vrf or sourceAddress'
    return [problemAt(placeIn(peer), message)]
  })
}

/** What makes two sessions one, readable and unambiguous. */
function sessionOf({ spec }: ReadBgpPeer): string {
  const { peerAddress, sourceAddress, vrf } = spec
  return [
    peerAddress === undefined ? `interface ${JSON.stringify(spec.interface)}` : formatAddress(peerAddress),
    `port ${spec.peerPort}`,
    ...(vrf === undefined ? [] : [`vrf ${JSON.stringify(vrf)}`]),
    ...(sourceAddress === undefined ? [] : [`from ${formatAddress(sourceAddress)}`]),
  ].join(' ')
}
