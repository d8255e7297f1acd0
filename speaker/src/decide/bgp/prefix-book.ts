import type { Prefix } from '@steelyard/net'
import type { AttributesByPeer, RouteAttributes } from './terms.ts'

/** What one Service wants of one prefix. */
export type Claim = {
  readonly prefix: Prefix
  readonly byPeer: AttributesByPeer
  /** Under externalTrafficPolicy Local: local backends of the prefix's family. Under Cluster traffic goes anywhere. */
  readonly localEndpoints: number | undefined
}

/** Services that want the same of a prefix. */
type Party = { readonly services: Set<string>; localEndpoints: number; clusterWide: number }

/** All that Services want of one prefix. */
export type PrefixEntry = {
  readonly prefix: Prefix
  readonly claims: ReadonlyMap<string, Claim>
  /** Most prefixes have one: an aggregate of thousands of Services is reckoned at once. */
  readonly parties: ReadonlyMap<AttributesByPeer, Party>
}
type OwnEntry = PrefixEntry & {
  readonly claims: Map<string, Claim>
  readonly parties: Map<AttributesByPeer, Party>
}

/** What is wanted of each prefix, by its text. */
export type PrefixBook = {
  readonly entry: (key: string) => PrefixEntry | undefined
  /**
   * Puts in place what a Service wants of a prefix; undefined = nothing.
   * @returns the Services whose peers may be others by it: all of the prefix, when a party came or went
   */
  readonly set: (key: string, service: string, claim: Claim | undefined) => Iterable<string>
}

export function prefixBook(): PrefixBook {
  const entries = new Map<string, OwnEntry>()
  return {
    entry: (key) => entries.get(key),
    set: (key, service, claim) => {
      const entry = entries.get(key) ?? (claim === undefined ? undefined : newEntry(claim))
      if (entry === undefined) return []
      const before = entry.claims.get(service)
      const left = before !== undefined && leave(entry, service, before)
      const joined = claim !== undefined && join(entry, service, claim)
      if (entry.claims.size === 0) entries.delete(key)
      else entries.set(key, entry)
      return left || joined ? [service, ...entry.claims.keys()] : [service]
    },
  }
}

function newEntry({ prefix }: Claim): OwnEntry {
  return { prefix, claims: new Map(), parties: new Map() }
}

/** @returns whether it was the last of its party */
function leave({ claims, parties }: OwnEntry, service: string, { byPeer, localEndpoints }: Claim): boolean {
  claims.delete(service)
  const party = parties.get(byPeer)
  if (party === undefined) return false
  party.services.delete(service)
  party.localEndpoints -= localEndpoints ?? 0
  party.clusterWide -= localEndpoints === undefined ? 1 : 0
  return party.services.size === 0 && parties.delete(byPeer)
}

/** @returns whether it is the first of its party */
function join({ claims, parties }: OwnEntry, service: string, claim: Claim): boolean {
  claims.set(service, claim)
  const known = parties.get(claim.byPeer)
  const party = known ?? { services: new Set<string>(), localEndpoints: 0, clusterWide: 0 }
  parties.set(claim.byPeer, party)
  party.services.add(service)
  party.localEndpoints += claim.localEndpoints ?? 0
  party.clusterWide += claim.localEndpoints === undefined ? 1 : 0
  return known === undefined
}

/** The names of the peers that are told of a prefix. */
export function peersOf({ parties }: PrefixEntry): ReadonlySet<string> {
  return new Set([...parties.keys()].flatMap((byPeer) => [...byPeer.keys()]))
}

/** What a peer is told of a prefix, and by whose wish; undefined = nothing. */
export type Verdict = {
  readonly attributes: RouteAttributes
  /** Local backends of all Services of the prefix; undefined where one of them takes traffic anywhere. */
  readonly localEndpoints: number | undefined
  readonly overruled: readonly Overruled[]
}
export type Overruled = { readonly service: string; readonly winner: string }

export function verdictFor(entry: PrefixEntry, peer: string): Verdict | undefined {
  const parties = [...entry.parties].flatMap(([byPeer, party]) => {
    const attributes = byPeer.get(peer)
    return attributes === undefined ? [] : [{ attributes, party }]
  })
  const [only, ...others] = parties
  if (only === undefined) return undefined
  const localEndpoints = parties.some(({ party }) => party.clusterWide > 0)
    ? undefined
    : parties.reduce((sum, { party }) => sum + party.localEndpoints, 0)
  if (others.every(({ attributes }) => attributes === only.attributes)) {
    return { attributes: only.attributes, localEndpoints, overruled: [] }
  }
  return { ...settled(parties), localEndpoints }
}

/** Of Services that do not agree the first by `namespace/name` has its way (contract, 9.1). */
function settled(
  parties: readonly { readonly attributes: RouteAttributes; readonly party: Party }[],
): Pick<Verdict, 'attributes' | 'overruled'> {
  const firsts = parties
    .map(({ attributes, party }) => ({ attributes, service: firstOf(party.services) }))
    .sort((a, b) => (a.service < b.service ? -1 : 1))
  const [winner = { attributes: NO_ATTRIBUTES, service: '' }] = firsts
  const overruled = firsts
    .filter(({ attributes }) => attributes !== winner.attributes)
    .map(({ service }) => ({ service, winner: winner.service }))
  return { attributes: winner.attributes, overruled }
}

/** Never seen: a prefix has a party as long as it is in the book. */
const NO_ATTRIBUTES: RouteAttributes = { localPref: 0, communities: [], largeCommunities: [] }

function firstOf(services: ReadonlySet<string>): string {
  let first = ''
  for (const service of services) if (first === '' || service < first) first = service
  return first
}
