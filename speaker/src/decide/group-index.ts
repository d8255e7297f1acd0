import type { ServiceAddress } from './addresses.ts'
import { type AnnouncementGroup, announcementGroups, byAge } from './groups.ts'

type Member = {
  readonly key: string
  readonly createdAt: string
  readonly addresses: readonly ServiceAddress[]
  readonly termsKey: string
}

/** Announcement groups, kept up to date Service by Service: what did not change costs nothing. */
export type GroupIndex<M extends Member> = {
  /** Puts a Service in its place, or takes it away. */
  readonly set: (key: string, member: M | undefined) => void
  /** Oldest first. The same list until something changes. */
  readonly groups: () => readonly AnnouncementGroup<M>[]
  /** The keys of the Services that have an address. */
  readonly servicesOn: (ip: string) => readonly string[]
}

type State<M extends Member> = {
  readonly byService: Map<string, AnnouncementGroup<M>>
  /** Every group that has the address: one, but for the moment of a change. */
  readonly byIp: Map<string, AnnouncementGroup<M>>
  readonly all: Set<AnnouncementGroup<M>>
  ordered: readonly AnnouncementGroup<M>[] | undefined
}

export function groupIndex<M extends Member>(): GroupIndex<M> {
  const state: State<M> = { byService: new Map(), byIp: new Map(), all: new Set(), ordered: [] }
  return {
    set: (key, member) => set(state, key, member),
    groups: () => (state.ordered ??= [...state.all].sort(byAge)),
    servicesOn: (ip) => {
      const members = state.byIp.get(ip)?.members ?? []
      return members.filter(({ addresses }) => addresses.some((one) => one.ip === ip)).map(({ key }) => key)
    },
  }
}

/** Only the groups that the Service leaves and joins are formed anew. */
function set<M extends Member>(state: State<M>, key: string, member: M | undefined): void {
  const touched = touchedBy(state, key, member)
  if (touched.size === 0 && member === undefined) return
  const others = [...touched].flatMap(({ members }) => members.filter((one) => one.key !== key))
  for (const group of touched) dissolve(state, group)
  for (const group of announcementGroups(member === undefined ? others : [...others, member])) add(state, group)
  state.ordered = undefined
}

function touchedBy<M extends Member>(
  { byService, byIp }: State<M>,
  key: string,
  member: M | undefined,
): Set<AnnouncementGroup<M>> {
  const joined = (member?.addresses ?? []).map(({ ip }) => byIp.get(ip))
  return new Set([byService.get(key), ...joined].filter((group) => group !== undefined))
}

function dissolve<M extends Member>({ all, byService, byIp }: State<M>, group: AnnouncementGroup<M>): void {
  all.delete(group)
  for (const { key, addresses } of group.members) {
    byService.delete(key)
    for (const { ip } of addresses) byIp.delete(ip)
  }
}

function add<M extends Member>({ all, byService, byIp }: State<M>, group: AnnouncementGroup<M>): void {
  all.add(group)
  for (const { key, addresses } of group.members) {
    byService.set(key, group)
    for (const { ip } of addresses) byIp.set(ip, group)
  }
}
