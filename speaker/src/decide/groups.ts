import { type Address, compareAddresses } from '@steelyard/net'
import type { ServiceAddress } from './addresses.ts'
import { hashText } from '@steelyard/membership'

type Member = {
  readonly key: string
  readonly createdAt: string
  readonly addresses: readonly ServiceAddress[]
  readonly termsKey: string
}

/** Addresses and Services that must be on one node, because they hang together (decision record 0002). */
export type AnnouncementGroup<M extends Member> = {
  /** The text of its lowest address. */
  readonly key: string
  /** `hashText` of the key, which nodes are ranked by. */
  readonly hash: number
  readonly lowestAddress: Address
  /** When the oldest member was made. */
  readonly createdAt: string
  readonly members: readonly M[]
  /** The texts of all its addresses, ascending. */
  readonly ips: readonly string[]
  /** Equal for groups that the same nodes may own on the same terms. */
  readonly termsKey: string
}

/**
 * The connected components of Services and addresses: two Services that share an address belong together,
 * and so do the two addresses of one Service. Every member must have an address.
 */
export function announcementGroups<M extends Member>(members: readonly M[]): AnnouncementGroup<M>[] {
  const parents = members.map((_, index) => index)
  const holders = new Map<string, number>()
  for (const [index, { addresses }] of members.entries()) {
    for (const { ip } of addresses) {
      const holder = holders.get(ip)
      if (holder === undefined) holders.set(ip, index)
      else parents[rootOf(parents, index)] = rootOf(parents, holder)
    }
  }
  const byRoot = new Map<number, M[]>()
  for (const [index, member] of members.entries()) {
    const root = rootOf(parents, index)
    const group = byRoot.get(root)
    if (group === undefined) byRoot.set(root, [member])
    else group.push(member)
  }
  return [...byRoot.values()].flatMap((group) => grouped(group) ?? [])
}

function rootOf(parents: number[], index: number): number {
  let at = index
  for (;;) {
    const parent = parents[at] ?? at
    if (parent === at) return at
    // Halving the path on every walk keeps all later walks short.
    parents[at] = parents[parent] ?? parent
    at = parent
  }
}

function grouped<M extends Member>(members: readonly M[]): AnnouncementGroup<M> | undefined {
  let lowest: ServiceAddress | undefined
  let createdAt: string | undefined
  for (const member of members) {
    if (createdAt === undefined || member.createdAt < createdAt) createdAt = member.createdAt
    for (const one of member.addresses) {
      if (lowest === undefined || compareAddresses(one.address, lowest.address) < 0) lowest = one
    }
  }
  if (lowest === undefined || createdAt === undefined) return undefined
  const termsKey = members.map((member) => member.termsKey).join('\n\n')
  const ips = textsOf(members)
  return { key: lowest.ip, hash: hashText(lowest.ip), lowestAddress: lowest.address, createdAt, members, ips, termsKey }
}

function textsOf(members: readonly Member[]): readonly string[] {
  const all = new Map(members.flatMap(({ addresses }) => addresses.map(({ ip, address }) => [ip, address] as const)))
  return [...all].sort(([, a], [, b]) => compareAddresses(a, b)).map(([ip]) => ip)
}

/** Decision record 0004: what is older is placed first, so that a younger group never moves it. */
export function byAge(
  a: { readonly createdAt: string; readonly lowestAddress: Address },
  b: { readonly createdAt: string; readonly lowestAddress: Address },
): number {
  if (a.createdAt !== b.createdAt) return a.createdAt < b.createdAt ? -1 : 1
  return compareAddresses(a.lowestAddress, b.lowestAddress)
}
