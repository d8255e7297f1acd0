import { listOf } from './absent.ts'
import { bandwidthHex, communityOf, readExtended } from './communities.ts'
import type { RouterCapability, RouterRoute, RouterSession, RouterSessionState } from './router.ts'

export type GobgpNeighbour = {
  readonly state?: {
    readonly neighbor_address?: string
    readonly session_state?: number
    readonly flops?: number
    readonly remote_cap?: readonly { readonly type_url: string; readonly value?: string }[]
  }
  readonly timers?: {
    readonly state?: { readonly negotiated_hold_time?: number; readonly uptime?: { readonly seconds?: number } }
  }
}
type GobgpAttribute = {
  readonly type: number
  readonly value?: unknown
  readonly nexthop?: string
  readonly as_paths?: readonly { readonly asns: readonly number[] }[]
  readonly communities?: readonly number[]
  readonly metric?: number
}
export type GobgpPath = {
  readonly attrs: readonly GobgpAttribute[]
  readonly stale?: boolean
  readonly 'neighbor-ip'?: string
}
export type GobgpTable = Readonly<Record<string, readonly GobgpPath[]>>

/** PeerState.SessionState of its API. */
const STATES: readonly RouterSessionState[] = [
  'idle',
  'idle',
  'connect',
  'active',
  'openSent',
  'openConfirm',
  'established',
]
/** Numbers of path attributes (IANA): GoBGP's JSON calls them by these. */
const ATTRIBUTE = {
  origin: 1,
  asPath: 2,
  nextHop: 3,
  med: 4,
  localPref: 5,
  communities: 8,
  mpReach: 14,
  extended: 16,
  large: 32,
} as const
const ORIGINS: readonly RouterRoute['origin'][] = ['igp', 'egp', 'incomplete']
const CAPABILITIES: Readonly<Record<string, RouterCapability>> = {
  RouteRefreshCapability: 'routeRefresh',
  EnhancedRouteRefreshCapability: 'enhancedRouteRefresh',
  ExtendedNexthopCapability: 'extendedNextHop',
  GracefulRestartCapability: 'gracefulRestart',
  FourOctetASNCapability: 'fourOctetAsn',
}
const IPV4_UNICAST = 'CgQIARAB'
const IPV6_UNICAST = 'CgQIAhAB'

/** @param log which tells why a session went down; the API does not */
export function gobgpSession({ state = {}, timers }: GobgpNeighbour, log: string): RouterSession {
  const neighbour = state.neighbor_address ?? ''
  const now = STATES[state.session_state ?? 0] ?? 'idle'
  const about = log.split('\n').filter((line) => new RegExp(`Key="?${neighbour}["% ]`).test(line))
  return {
    neighbour,
    state: now,
    flaps: about.filter((line) => line.includes('msg="Peer Down"')).length,
    uptimeSeconds: now === 'established' ? uptimeOf(timers) : undefined,
    capabilities: listOf(state.remote_cap).flatMap(capabilityOf),
    holdSeconds: timers?.state?.negotiated_hold_time,
    lastError: about.findLast((line) => /Peer Down|notification/i.test(line)),
  }
}

/** What it calls uptime is the time of day at which the session came up. */
function uptimeOf(timers: GobgpNeighbour['timers']): number | undefined {
  const since = timers?.state?.uptime?.seconds
  return since === undefined ? undefined : Math.floor(Date.now() / 1000) - since
}

function capabilityOf(shown: { readonly type_url: string; readonly value?: string }): RouterCapability[] {
  const name = shown.type_url.split('.').at(-1) ?? ''
  if (name === 'MultiProtocolCapability') {
    if (shown.value === IPV4_UNICAST) return ['multiprotocol ipv4']
    return shown.value === IPV6_UNICAST ? ['multiprotocol ipv6'] : []
  }
  const known = CAPABILITIES[name]
  return known === undefined ? [] : [known]
}

export function gobgpRoutes(table: GobgpTable): RouterRoute[] {
  return Object.entries(table).flatMap(([prefix, paths]) => paths.map((path) => gobgpRoute(prefix, path)))
}

function gobgpRoute(prefix: string, { attrs, stale, 'neighbor-ip': from }: GobgpPath): RouterRoute {
  const attribute = (type: number): GobgpAttribute | undefined => attrs.find((each) => each.type === type)
  const reach = attribute(ATTRIBUTE.mpReach) ?? attribute(ATTRIBUTE.nextHop)
  return {
    prefix,
    nextHops: reach?.nexthop === undefined ? [] : [reach.nexthop],
    asPath: listOf(attribute(ATTRIBUTE.asPath)?.as_paths).flatMap(({ asns }) => asns),
    origin: ORIGINS[numberOf(attribute(ATTRIBUTE.origin)) ?? 2] ?? 'incomplete',
    localPref: numberOf(attribute(ATTRIBUTE.localPref)),
    med: numberOf(attribute(ATTRIBUTE.med)),
    communities: listOf(attribute(ATTRIBUTE.communities)?.communities).map(communityOf),
    largeCommunities: largeOf(attribute(ATTRIBUTE.large)?.value),
    ...readExtended(extendedOf(attribute(ATTRIBUTE.extended)?.value)),
    from,
    stale: stale === true,
  }
}

function numberOf(attribute: GobgpAttribute | undefined): number | undefined {
  return attribute === undefined ? undefined : Number(attribute.metric ?? attribute.value)
}

type Large = { readonly ASN: number; readonly LocalData1: number; readonly LocalData2: number }

function largeOf(value: unknown): string[] {
  return ((value ?? []) as Large[]).map(({ ASN, LocalData1, LocalData2 }) => `${ASN}:${LocalData1}:${LocalData2}`)
}

type Extended = {
  readonly type?: number
  readonly subtype?: number
  readonly asn?: number
  readonly bandwidth?: number
}

/** It writes each kind in its own shape; link bandwidth is made bytes again, for the one reader of all routers. */
function extendedOf(value: unknown): string[] {
  return ((value ?? []) as Extended[]).map((each) =>
    each.bandwidth === undefined ? JSON.stringify(each) : gobgpBandwidth(each),
  )
}

function gobgpBandwidth({ asn = 0, bandwidth = 0 }: Extended): string {
  const float = Buffer.alloc(4)
  float.writeFloatBE(bandwidth)
  return bandwidthHex(asn, float.readUInt32BE())
}
