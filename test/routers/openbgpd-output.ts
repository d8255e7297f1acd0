import { bandwidthHex, communityText, readExtended } from './communities.ts'
import type { RouterCapability, RouterRoute, RouterSession, RouterSessionState } from './router.ts'

type Capabilities = {
  readonly as4byte?: boolean
  readonly refresh?: boolean
  readonly enhanced_refresh?: boolean
  readonly multiprotocol?: readonly string[]
  readonly graceful_restart?: unknown
}
export type OpenbgpdNeighbour = {
  readonly remote_addr: string
  readonly state: string
  readonly last_updown_sec?: number
  readonly last_error_received?: string
  readonly last_error_sent?: string
  readonly last_shutdown_reason?: string
  readonly session?: { readonly holdtime?: number; readonly remote?: { readonly capabilities?: Capabilities } }
}
export type OpenbgpdRoute = {
  readonly prefix: string
  readonly aspath: string
  readonly exit_nexthop: string
  readonly neighbor?: { readonly remote_addr?: string; readonly description?: string }
  readonly stale?: boolean
  readonly origin: string
  readonly metric?: number
  readonly localpref?: number
  readonly communities?: readonly string[]
  readonly large_communities?: readonly string[]
  readonly extended_communities?: readonly string[]
}

const STATES: Readonly<Record<string, RouterSessionState>> = {
  Idle: 'idle',
  Connect: 'connect',
  Active: 'active',
  OpenSent: 'openSent',
  OpenConfirm: 'openConfirm',
  Established: 'established',
}
const ORIGINS: Readonly<Record<string, RouterRoute['origin']>> = { IGP: 'igp', EGP: 'egp', incomplete: 'incomplete' }

/** @param log of bgpd, which tells each change of state; its counters do not tell losses */
export function openbgpdSession(shown: OpenbgpdNeighbour, log: string): RouterSession {
  const neighbour = shown.remote_addr
  const state = STATES[shown.state] ?? 'idle'
  const lost = log.split('\n').filter((line) => line.startsWith(`neighbor ${neighbour}: state change Established ->`))
  const errors = [shown.last_error_received, shown.last_error_sent, shown.last_shutdown_reason, lost.at(-1)]
  return {
    neighbour,
    state,
    flaps: lost.length,
    uptimeSeconds: state === 'established' ? shown.last_updown_sec : undefined,
    capabilities: capabilitiesOf(shown.session?.remote?.capabilities ?? {}),
    holdSeconds: shown.session?.holdtime,
    lastError: errors.filter((each) => each !== undefined && each !== '').join('; ') || undefined,
  }
}

function capabilitiesOf(shown: Capabilities): RouterCapability[] {
  const families = shown.multiprotocol ?? []
  const all: readonly (readonly [RouterCapability, boolean])[] = [
    ['multiprotocol ipv4', families.includes('IPv4 unicast')],
    ['multiprotocol ipv6', families.includes('IPv6 unicast')],
    ['routeRefresh', shown.refresh === true],
    ['enhancedRouteRefresh', shown.enhanced_refresh === true],
    ['gracefulRestart', shown.graceful_restart !== undefined],
    ['fourOctetAsn', shown.as4byte === true],
  ]
  return all.flatMap(([name, has]) => (has ? [name] : []))
}

export function openbgpdRoute(shown: OpenbgpdRoute): RouterRoute {
  return {
    prefix: shown.prefix,
    nextHops: [shown.exit_nexthop],
    asPath: shown.aspath.split(' ').flatMap((word) => (/^\d+$/.test(word) ? [Number(word)] : [])),
    origin: ORIGINS[shown.origin] ?? 'incomplete',
    localPref: shown.localpref,
    med: shown.metric,
    communities: (shown.communities ?? []).map(communityText),
    largeCommunities: shown.large_communities ?? [],
    ...readExtended((shown.extended_communities ?? []).map(extendedHex)),
    from: shown.neighbor?.description === 'LOCAL' ? undefined : shown.neighbor?.remote_addr,
    stale: shown.stale === true,
  }
}

/** It knows no name for link bandwidth: `[4] 65001:1290693416`. */
function extendedHex(said: string): string {
  const unnamed = /^\[4\] (\d+):(\d+)$/.exec(said)
  return unnamed === null ? said : bandwidthHex(Number(unnamed[1]), Number(unnamed[2]))
}
