import { communityOf, readExtended } from './communities.ts'
import type { RouteFamily, RouterCapability, RouterRoute, RouterSession } from './router.ts'

/** What ExaBGP has told, line by line, put together: it keeps no table itself. */
export type ExabgpView = {
  readonly sessions: ReadonlyMap<string, RouterSession>
  readonly routes: ReadonlyMap<string, RouterRoute>
}

type Attributes = {
  readonly origin?: RouterRoute['origin']
  readonly 'as-path'?: readonly number[]
  readonly 'local-preference'?: number
  readonly med?: number
  readonly community?: readonly (readonly [number, number] | number | string)[]
  readonly 'large-community'?: readonly (readonly number[])[]
  readonly 'extended-community'?: readonly { readonly value: string }[]
}
type Announced = Readonly<Record<string, readonly { readonly nlri: string }[]>>
type Line = {
  readonly type: string
  readonly neighbor?: {
    readonly address: { readonly peer: string }
    readonly state?: string
    readonly reason?: string
    readonly direction?: string
    readonly open?: { readonly hold_time?: number; readonly capabilities?: Readonly<Record<string, Capability>> }
    readonly notification?: Readonly<Record<string, unknown>>
    readonly message?: {
      readonly update?: {
        readonly attribute?: Attributes
        readonly announce?: Readonly<Record<string, Announced>>
        readonly withdraw?: Readonly<Record<string, readonly { readonly nlri: string }[]>>
      }
    }
  }
}
type Capability = { readonly name: string; readonly families?: readonly string[] }

const NAMES: Readonly<Record<string, RouterCapability>> = {
  'route-refresh': 'routeRefresh',
  'enhanced-route-refresh': 'enhancedRouteRefresh',
  nexthop: 'extendedNextHop',
  'extended-message': 'extendedMessage',
  'graceful restart': 'gracefulRestart',
  asn4: 'fourOctetAsn',
}

export function readExabgp(output: string): ExabgpView {
  const sessions = new Map<string, RouterSession>()
  const routes = new Map<string, RouterRoute>()
  for (const line of linesOf(output)) {
    const peer = line.neighbor?.address.peer
    if (peer === undefined) continue
    sessions.set(peer, nextSession(sessions.get(peer) ?? fresh(peer), line))
    if (isDown(line)) forget(routes, peer)
    if (line.neighbor?.direction === 'receive') takeUpdate(routes, peer, line)
  }
  return { sessions, routes }
}

/** `done` and `error` answer commands; the last line may still be on its way. */
function linesOf(output: string): Line[] {
  return output
    .split('\n')
    .filter((text) => text.startsWith('{') && text.endsWith('}'))
    .map((text) => JSON.parse(sound(text)) as Line)
}

function isDown({ type, neighbor }: Line): boolean {
  return type === 'state' && neighbor?.state === 'down'
}

/**
 * Extended communities are 64-bit numbers, more than a JavaScript number holds; and a shutdown communication (RFC 9003)
 * stands there with the byte of its length, which JSON does not allow in a text.
 */
function sound(text: string): string {
  return text.replaceAll(/"value": (\d+)/g, '"value": "$1"').replaceAll(/\p{Cc}/gu, ' ')
}

function fresh(neighbour: string): RouterSession {
  return {
    neighbour,
    state: 'idle',
    flaps: 0,
    uptimeSeconds: undefined,
    capabilities: [],
    holdSeconds: undefined,
    lastError: undefined,
  }
}

function nextSession(session: RouterSession, line: Line): RouterSession {
  const { type, neighbor } = line
  if (type === 'state' && neighbor?.state === 'up') return { ...session, state: 'established' }
  if (isDown(line)) return downSession(session, neighbor?.reason)
  return neighbor?.direction === 'receive' ? toldSession(session, line) : session
}

function toldSession(session: RouterSession, { type, neighbor }: Line): RouterSession {
  if (type === 'notification') return { ...session, lastError: JSON.stringify(neighbor?.notification) }
  if (type !== 'open') return session
  const { hold_time: holdSeconds, capabilities = {} } = neighbor?.open ?? {}
  return { ...session, capabilities: capabilitiesOf(capabilities), holdSeconds }
}

function downSession(session: RouterSession, reason: string | undefined): RouterSession {
  const flaps = session.flaps + (session.state === 'established' ? 1 : 0)
  const lastError = [reason, session.lastError].filter((each) => each !== undefined).join('; ')
  return { ...session, state: 'idle', flaps, lastError }
}

function capabilitiesOf(shown: Readonly<Record<string, Capability>>): RouterCapability[] {
  const found = Object.values(shown).flatMap(({ name, families = [] }): RouterCapability[] => {
    if (name === 'multiprotocol') {
      return families.flatMap((family) => (/^ipv[46].unicast$/.test(family) ? [multiprotocol(family)] : []))
    }
    const known = NAMES[name]
    return known === undefined ? [] : [known]
  })
  return [...new Set(found)]
}

function multiprotocol(family: string): RouterCapability {
  return family.startsWith('ipv6') ? 'multiprotocol ipv6' : 'multiprotocol ipv4'
}

function forget(routes: Map<string, RouterRoute>, peer: string): void {
  for (const [key, { from }] of routes) if (from === peer) routes.delete(key)
}

function takeUpdate(routes: Map<string, RouterRoute>, peer: string, { neighbor }: Line): void {
  const update = neighbor?.message?.update
  if (update === undefined) return
  const { attribute = {}, announce = {}, withdraw = {} } = update
  for (const { nlri } of Object.values(withdraw).flat()) routes.delete(`${peer} ${nlri}`)
  for (const byNextHop of Object.values(announce)) {
    for (const [prefix, hops] of hopsByPrefix(byNextHop)) {
      routes.set(`${peer} ${prefix}`, routeOf({ prefix, hops, attribute, peer }))
    }
  }
}

/** It writes a route with a global and a link-local next hop twice, once below each. */
function hopsByPrefix(byNextHop: Announced): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>()
  for (const [nextHop, prefixes] of Object.entries(byNextHop)) {
    for (const { nlri } of prefixes) found.set(nlri, [...(found.get(nlri) ?? []), nextHop])
  }
  return found
}

type Heard = {
  readonly prefix: string
  readonly hops: readonly string[]
  readonly attribute: Attributes
  readonly peer: string
}

function routeOf({ prefix, hops, attribute, peer }: Heard): RouterRoute {
  return {
    prefix,
    nextHops: hops,
    asPath: attribute['as-path'] ?? [],
    origin: attribute.origin ?? 'incomplete',
    localPref: attribute['local-preference'],
    med: attribute.med,
    communities: (attribute.community ?? []).map((each) => communityWord(each)),
    largeCommunities: (attribute['large-community'] ?? []).map((each) => each.join(':')),
    ...readExtended(
      (attribute['extended-community'] ?? []).map(({ value }) => BigInt(value).toString(16).padStart(16, '0')),
    ),
    from: peer,
    stale: undefined,
  }
}

function communityWord(shown: readonly [number, number] | number | string): string {
  if (typeof shown === 'number') return communityOf(shown)
  return typeof shown === 'string' ? shown : shown.join(':')
}

export function familyRoutes(view: ExabgpView, family: RouteFamily): RouterRoute[] {
  return [...view.routes.values()].filter(({ prefix }) => prefix.includes(':') === (family === 'ipv6'))
}
