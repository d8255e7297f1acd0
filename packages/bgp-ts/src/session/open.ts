import { twoOctetAsn } from '../codec/as-path.ts'
import { AFI_OF_FAMILY } from '../codec/multiprotocol.ts'
import { AFI, BGP_VERSION, SAFI_UNICAST } from '../constants.ts'
import type { Capability, Open } from '../message.ts'
import type { PeerConfig } from '../peer.ts'
import type { Omission } from './state.ts'

export type Introduction = { readonly routerId: number; readonly isRestarting: boolean; readonly omission: Omission }

/** Our OPEN. RFC 4271 section 4.2. */
export function openOf(config: PeerConfig, introduction: Introduction): Open {
  return {
    kind: 'open',
    version: BGP_VERSION,
    asn: twoOctetAsn(config.localAsn),
    holdSeconds: Math.floor(config.holdMs / 1000),
    routerId: introduction.routerId,
    capabilities: capabilitiesOf(config, introduction),
  }
}

function capabilitiesOf(config: PeerConfig, { omission, isRestarting }: Introduction): Capability[] {
  if (omission === 'everything') return []
  const families = config.families.map((family) => ({ afi: AFI_OF_FAMILY[family], safi: SAFI_UNICAST }))
  const needed: Capability[] = [
    ...families.map((family): Capability => ({ kind: 'multiprotocol', ...family })),
    { kind: 'fourOctetAsn', asn: config.localAsn },
  ]
  if (omission === 'optional') return needed
  return [
    ...needed,
    { kind: 'routeRefresh' },
    { kind: 'enhancedRouteRefresh' },
    { kind: 'extendedMessage' },
    ...(offersExtendedNextHop(config) ? [EXTENDED_NEXT_HOP] : []),
    ...(config.gracefulRestart === undefined
      ? []
      : [
          {
            kind: 'gracefulRestart' as const,
            restarting: isRestarting,
            notification: true,
            restartSeconds: config.gracefulRestart.restartSeconds,
            // What forwards is the kernel: it goes on while we restart. RFC 4724 section 3.
            families: families.map((family) => ({ ...family, forwarding: true })),
          },
        ]),
  ]
}

const EXTENDED_NEXT_HOP: Capability = {
  kind: 'extendedNextHop',
  entries: [{ afi: AFI.ipv4, safi: SAFI_UNICAST, nextHopAfi: AFI.ipv6 }],
}

function offersExtendedNextHop({ extendedNextHop, families }: PeerConfig): boolean {
  return extendedNextHop && families.includes(4)
}
