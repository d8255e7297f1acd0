import { listOf } from './absent.ts'
import { communityText } from './communities.ts'
import type {
  LinkBandwidth,
  RouterBfdSession,
  RouterCapability,
  RouterRoute,
  RouterSession,
  RouterSessionState,
} from './router.ts'

export type FrrNeighbour = {
  readonly bgpState?: string
  readonly bgpTimerUpMsec?: number
  readonly bgpTimerHoldTimeMsecs?: number
  readonly connectionsDropped?: number
  readonly lastResetDueTo?: string
  readonly lastNotificationReason?: string
  readonly lastShutdownDescription?: string
  readonly neighborCapabilities?: Readonly<Record<string, unknown>>
}
export type FrrPath = {
  readonly aspath?: { readonly segments?: readonly { readonly list?: readonly number[] }[] }
  readonly origin: string
  readonly metric?: number
  readonly locPrf?: number
  readonly stale?: boolean
  readonly community?: { readonly list?: readonly string[] }
  readonly largeCommunity?: { readonly list?: readonly string[] }
  readonly extendedCommunity?: { readonly string?: string }
  readonly nexthops?: readonly { readonly ip: string; readonly scope?: string }[]
  readonly peer?: { readonly peerId?: string; readonly interface?: string }
}
export type FrrPrefix = { readonly prefix?: string; readonly paths?: readonly FrrPath[] }
export type FrrTable = { readonly routes?: Readonly<Record<string, unknown>> }

export type FrrBfdPeer = {
  readonly peer: string
  readonly status: string
  readonly diagnostic: string
  readonly 'remote-receive-interval': number
  readonly 'remote-transmit-interval': number
  readonly 'remote-detect-multiplier': number
}
export type FrrBfdCounters = { readonly peer: string; readonly [counter: string]: number | string }

const STATES: Readonly<Record<string, RouterSessionState>> = {
  Idle: 'idle',
  Connect: 'connect',
  Active: 'active',
  OpenSent: 'openSent',
  OpenConfirm: 'openConfirm',
  Established: 'established',
}
const BFD_STATES: Readonly<Record<string, RouterBfdSession['state']>> = {
  shutdown: 'adminDown',
  down: 'down',
  init: 'init',
  up: 'up',
}
const ORIGINS: Readonly<Record<string, RouterRoute['origin']>> = { IGP: 'igp', EGP: 'egp', incomplete: 'incomplete' }

export function frrSession(neighbour: string, shown: FrrNeighbour): RouterSession {
  const reasons = [shown.lastResetDueTo, shown.lastNotificationReason, shown.lastShutdownDescription]
  const state = STATES[shown.bgpState ?? ''] ?? 'idle'
  return {
    neighbour,
    state,
    flaps: shown.connectionsDropped ?? 0,
    uptimeSeconds: state === 'established' ? (shown.bgpTimerUpMsec ?? 0) / 1000 : undefined,
    capabilities: capabilitiesOf(shown.neighborCapabilities ?? {}),
    holdSeconds: shown.bgpTimerHoldTimeMsecs === undefined ? undefined : shown.bgpTimerHoldTimeMsecs / 1000,
    lastError: reasons.filter((reason) => reason !== undefined).join('; ') || undefined,
  }
}

/** FRR says `advertised`, `received` or `advertisedAndReceived`, the last word sometimes with an `Old` or `New`. */
function capabilitiesOf(shown: Readonly<Record<string, unknown>>): RouterCapability[] {
  const received = (value: unknown): boolean => /received/i.test(JSON.stringify(value ?? ''))
  const families = (shown['multiprotocolExtensions'] ?? {}) as Readonly<Record<string, unknown>>
  const all: readonly (readonly [RouterCapability, unknown])[] = [
    ['multiprotocol ipv4', families['ipv4Unicast']],
    ['multiprotocol ipv6', families['ipv6Unicast']],
    ['routeRefresh', shown['routeRefresh']],
    ['enhancedRouteRefresh', shown['enhancedRouteRefresh']],
    ['extendedNextHop', shown['extendedNexthop']],
    ['extendedMessage', shown['extendedMessage']],
    ['gracefulRestart', shown['gracefulRestart']],
    ['fourOctetAsn', shown['4byteAs']],
  ]
  return all.flatMap(([name, value]) => (received(value) ? [name] : []))
}

/** @param all of `show bfd peers json`, @param counters of `show bfd peers counters json` */
export function frrBfdSession(
  neighbour: string,
  all: readonly FrrBfdPeer[],
  counters: readonly FrrBfdCounters[],
): RouterBfdSession | undefined {
  const shown = all.find(({ peer }) => peer === neighbour)
  if (shown === undefined) return undefined
  const counted = counters.find(({ peer }) => peer === neighbour)
  const count = (name: string): number => Number(counted?.[name] ?? 0)
  return {
    neighbour,
    state: BFD_STATES[shown.status] ?? 'down',
    inEffect: undefined,
    peerSays: {
      transmitMs: shown['remote-transmit-interval'],
      receiveMs: shown['remote-receive-interval'],
      detectMultiplier: shown['remote-detect-multiplier'],
    },
    diagnostic: shown.diagnostic,
    counters: {
      ups: count('session-up'),
      downs: count('session-down'),
      controlIn: count('control-packet-input'),
      controlOut: count('control-packet-output'),
      echoIn: count('echo-packet-input'),
      echoOut: count('echo-packet-output'),
    },
  }
}

export function frrRoutes(prefix: string, { paths }: FrrPrefix): RouterRoute[] {
  return listOf(paths).map((path) => ({
    prefix,
    nextHops: nextHopsOf(path),
    asPath: listOf(path.aspath?.segments).flatMap(({ list }) => listOf(list)),
    origin: ORIGINS[path.origin] ?? 'incomplete',
    localPref: path.locPrf,
    med: path.metric,
    communities: listOf(path.community?.list).map((community) => communityText(frrName(community))),
    largeCommunities: listOf(path.largeCommunity?.list),
    ...extendedOf(path.extendedCommunity?.string ?? ''),
    from: peerOf(path),
    stale: path.stale === true,
  }))
}

/** Its own routes come from nobody: `::`. */
function peerOf({ peer }: FrrPath): string | undefined {
  return peer?.interface ?? (peer?.peerId === '::' ? undefined : peer?.peerId)
}

/** FRR writes some names in camel case, as JSON keys are. */
export function frrName(community: string): string {
  return community.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}

function nextHopsOf({ nexthops = [] }: FrrPath): string[] {
  return nexthops
    .toSorted((a, b) => Number(a.scope === 'link-local') - Number(b.scope === 'link-local'))
    .map(({ ip }) => ip)
}

/** Such as `LB:65001:100000000 (800.000 Mbps) RT:1:2`. */
function extendedOf(text: string): {
  readonly linkBandwidth: LinkBandwidth | undefined
  readonly extendedCommunities: readonly string[]
} {
  const bandwidth = /LB:(\d+):(\d+) \([^)]*\)/.exec(text)
  return {
    linkBandwidth: bandwidth === null ? undefined : { asn: Number(bandwidth[1]), bytesPerSecond: Number(bandwidth[2]) },
    extendedCommunities: text
      .replace(bandwidth?.[0] ?? '', '')
      .split(' ')
      .filter((word) => word !== ''),
  }
}

/** vtysh prints one JSON value after the other; each begins and ends at the left edge. */
export function frrValues(text: string): unknown[] {
  return text
    .split(/\n(?=[{[])/)
    .filter((part) => /^\s*[{[]/.test(part))
    .map((part) => JSON.parse(part) as unknown)
}
