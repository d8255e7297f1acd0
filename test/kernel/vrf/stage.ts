import type { BfdProfile, BgpPeer } from '@steelyard/model'
import { CABLE } from '../../netns/bgp/network.ts'
import { type PeeringNode, startNodeOf } from '../../netns/bgp/peer.ts'
import { OUR_ASN, PEER_DEFAULTS, ROUTER_ASN } from '../../netns/bgp/plan.ts'
import { waitFor } from '../../lab/wait.ts'
import type { NeighbourOptions, Router } from '../../routers/router.ts'
import { startRouter } from '../../routers/start-router.ts'
import { LOOPBACK, openVrfNetwork, OURS, ROUTER, SOURCES, VRF, type VrfNetwork } from './network.ts'

/** The network, a router on each side of it, and a node's BGP and BFD between them. */
export type VrfStage = {
  readonly network: VrfNetwork
  readonly red: Router
  readonly plain: Router
  readonly node: PeeringNode
  readonly wait: <T>(what: string, check: () => T | undefined | false | Promise<T | undefined | false>) => Promise<T>
  readonly close: () => Promise<void>
}

export const PLAIN_ASN = 65_010
export const PASSWORD = 'correct-horse'
export const DETECT_MS = 300
const ROUTER_BFD = { transmitInterval: 100, receiveInterval: 100, detectMultiplier: 3 }
export const PROFILE: BfdProfile = {
  name: 'fast',
  transmitIntervalMs: 100,
  receiveIntervalMs: 100,
  detectMultiplier: 3,
  minimumTtl: 254,
  echoMode: false,
  echoIntervalMs: 50,
  passiveMode: false,
}
/** For a session that must stay up all the while, on a machine that has other work. */
export const CALM_PROFILE: BfdProfile = { ...PROFILE, name: 'calm', transmitIntervalMs: 500, receiveIntervalMs: 500 }
export const CALM_DETECT_MS = 1500
const FAMILIES = ['ipv4', 'ipv6'] as const

/** How a router is to be set up for us. */
function neighbour(more: Partial<NeighbourOptions>): NeighbourOptions {
  return { asn: OUR_ASN, families: FAMILIES, passive: true, holdSeconds: 9, keepaliveSeconds: 3, ...more }
}

const GUARDED = { password: PASSWORD, bfd: ROUTER_BFD } as const
const OF_RED: readonly NeighbourOptions[] = [
  neighbour({ address: OURS.ipv4, ...GUARDED }),
  neighbour({ address: OURS.ipv6, ...GUARDED }),
  neighbour({ address: SOURCES.strict, ...GUARDED, ttlSecurity: true }),
  neighbour({ address: SOURCES.bare }),
  neighbour({ address: SOURCES.calling, passive: false }),
  neighbour({ address: LOOPBACK, ebgpMultihop: 2 }),
  neighbour({ interface: CABLE, extendedNextHop: true, passive: false, bfd: ROUTER_BFD }),
]
const CALM_BFD = { transmitInterval: 500, receiveInterval: 500, detectMultiplier: 3 }
const OF_PLAIN: readonly NeighbourOptions[] = [neighbour({ address: OURS.ipv4, ...GUARDED, bfd: CALM_BFD })]

export async function openVrfStage(prefix: string): Promise<VrfStage> {
  const network = openVrfNetwork(prefix)
  const shared = { routerId: '10.0.0.2', installRoutes: false }
  const red = await startRouter('frr', { namespace: network.red, asn: ROUTER_ASN, neighbours: OF_RED, ...shared })
  const plain = await startRouter('frr', {
    namespace: network.plain,
    asn: PLAIN_ASN,
    neighbours: OF_PLAIN,
    ...shared,
  })
  const node = startNodeOf(network.us, [])
  const background = (): string => `${node.faults().join('\n')}\n${red.logs()}\n${plain.logs()}`
  const wait: VrfStage['wait'] = (what, check) => waitFor(what, check, { timeoutMs: 20_000, everyMs: 20, background })
  await wait('the link worker', node.isReady)
  return {
    network,
    red,
    plain,
    node,
    wait,
    close: async () => {
      await node.kill()
      await Promise.all([red.close(), plain.close()])
      network.spaces.close()
    },
  }
}

/** A BGPPeer in the VRF; what is left out has the defaults of its CRD, but for a short time of retry. */
export function vrfPeer(name: string, more: Partial<BgpPeer> = {}): BgpPeer {
  return {
    name,
    vrf: VRF,
    myAsn: OUR_ASN,
    peerAsn: { kind: 'number', asn: ROUTER_ASN },
    neighbour: { kind: 'address', address: ROUTER.ipv4 },
    ...PEER_DEFAULTS,
    dualStack: true,
    ...more,
  }
}

/** The same outside of all VRFs. */
export function plainPeer(name: string, more: Partial<BgpPeer> = {}): BgpPeer {
  const { vrf: _, ...peer } = vrfPeer(name, { peerAsn: { kind: 'number', asn: PLAIN_ASN }, ...more })
  return peer
}
