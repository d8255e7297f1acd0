import { bandwidthHex, communityText, readExtended } from './communities.ts'
import type { RouterBfdSession, RouterCapability, RouterRoute, RouterSession, RouterSessionState } from './router.ts'

const STATES: Readonly<Record<string, RouterSessionState>> = {
  Idle: 'idle',
  Connect: 'connect',
  Active: 'active',
  OpenSent: 'openSent',
  OpenConfirm: 'openConfirm',
  Established: 'established',
}
const CAPABILITIES: readonly (readonly [RouterCapability, RegExp])[] = [
  ['multiprotocol ipv4', /AF announced:.*\bipv4\b/],
  ['multiprotocol ipv6', /AF announced:.*\bipv6\b/],
  ['routeRefresh', /^ *Route refresh$/m],
  ['enhancedRouteRefresh', /^ *Enhanced refresh$/m],
  ['extendedNextHop', /^ *Extended next hop$/m],
  ['extendedMessage', /^ *Extended message$/m],
  ['gracefulRestart', /^ *Graceful restart$/m],
  ['fourOctetAsn', /^ *4-octet AS numbers$/m],
]
const ORIGINS: Readonly<Record<string, RouterRoute['origin']>> = { IGP: 'igp', EGP: 'egp', Incomplete: 'incomplete' }

/** @param text of `show protocols all NAME`, @param log of BIRD, which counts nothing by itself */
export function birdSession(
  neighbour: string,
  { name, text, log }: { readonly name: string; readonly text: string; readonly log: string },
): RouterSession {
  const word = (pattern: RegExp): string | undefined => pattern.exec(text)?.[1]?.trim()
  const state = STATES[word(/BGP state: +(\S+)/) ?? ''] ?? 'idle'
  const capabilities = /Neighbor capabilities\n([\s\S]*?)\n {4}\S/.exec(text)?.[1] ?? ''
  const hold = word(/Hold timer: +[\d.]+\/(\d+)/)
  return {
    neighbour,
    state,
    flaps: lossesOf(name, log),
    uptimeSeconds: undefined,
    capabilities: CAPABILITIES.flatMap(([capability, pattern]) => (pattern.test(capabilities) ? [capability] : [])),
    holdSeconds: hold === undefined ? undefined : Number(hold),
    lastError: word(/Last error: +(.*)/),
  }
}

const BFD_STATES: Readonly<Record<string, RouterBfdSession['state']>> = {
  AdminDown: 'adminDown',
  Down: 'down',
  Init: 'init',
  Up: 'up',
}

/** @param text of `show bfd sessions`: address, interface, state, since when, interval, timeout, in seconds */
export function birdBfdSessions(text: string): RouterBfdSession[] {
  return text.split('\n').flatMap((line) => {
    const [neighbour = '', , word = '', , interval, timeout] = line.trim().split(/\s+/)
    const state = BFD_STATES[word]
    if (state === undefined) return []
    const inEffect = { transmitMs: 1000 * Number(interval), detectMs: 1000 * Number(timeout) }
    return [{ neighbour, state, inEffect, peerSays: undefined, diagnostic: undefined, counters: undefined }]
  })
}

/** Times that a session was up and then closed. */
function lossesOf(name: string, log: string): number {
  const words = [...log.matchAll(/(\w+): BGP session (established|closed)/g)].filter((match) => match[1] === name)
  return words.filter((match, index) => match[2] === 'closed' && words[index - 1]?.[2] === 'established').length
}

/**
 * A prefix stands at the left edge with its first path; further paths of it begin with blanks; attributes with a tab.
 * @param text of `show route all`, @param neighbourOf the peer of a protocol's name
 */
export function birdRoutes(text: string, neighbourOf: (protocol: string) => string | undefined): RouterRoute[] {
  let prefix = ''
  const found: RouterRoute[] = []
  for (const block of text.split(/\n(?=\S+ +\S+ \[| +\w+ \[)/)) {
    const head = /^(\S+)? +\w+ \[(\w+) [^\]]*\][^(]*\((\S+)\)/.exec(block)
    if (head === null) continue
    prefix = head[1] ?? prefix
    const from = neighbourOf(head[2] ?? '')
    if (from === undefined && head[2]?.startsWith('own_') !== true) continue
    found.push(birdRoute({ prefix, from, block, stale: (head[3] ?? '').endsWith('s') }))
  }
  return found
}

type Block = {
  readonly prefix: string
  readonly from: string | undefined
  readonly block: string
  readonly stale: boolean
}

function birdRoute({ prefix, from, block, stale }: Block): RouterRoute {
  const attribute = (name: string): string => new RegExp(`BGP\\.${name}: (.*)`).exec(block)?.[1] ?? ''
  const number = (name: string): number | undefined => {
    const said = attribute(name)
    return said === '' ? undefined : Number(said)
  }
  const tuples = (name: string): string[] =>
    [...attribute(name).matchAll(/\(([^)]*)\)/g)].map((match) =>
      (match[1] ?? '').replaceAll(' ', '').replaceAll(',', ':'),
    )
  return {
    prefix,
    nextHops: attribute('next_hop')
      .split(' ')
      .filter((word) => word !== ''),
    asPath: attribute('as_path')
      .split(' ')
      .flatMap((word) => (/^\d+$/.test(word) ? [Number(word)] : [])),
    origin: ORIGINS[attribute('origin')] ?? 'incomplete',
    localPref: number('local_pref'),
    med: number('med'),
    communities: tuples('community').map(communityText),
    largeCommunities: tuples('large_community'),
    ...readExtended(tuples('ext_community').map(extendedHex)),
    from,
    stale,
  }
}

/** BIRD knows no name for link bandwidth: `unknown0x4:65001:1290693416`. */
function extendedHex(said: string): string {
  const unnamed = /^unknown0x4:(\d+):(\d+)$/.exec(said)
  return unnamed === null ? said : bandwidthHex(Number(unnamed[1]), Number(unnamed[2]))
}
