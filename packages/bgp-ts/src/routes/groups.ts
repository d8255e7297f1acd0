import { type Family, formatAddress, type Prefix } from '@steelyard/net'
import { LARGEST_MESSAGE } from '../constants.ts'
import type { Update } from '../message.ts'
import type { NextHops, Route } from '../peer.ts'
import { announcement, attributesOf, attributeText, type Bearing, type Manner, mannerOf, withdrawal } from './shape.ts'

/** Prefixes that one UPDATE can carry together. */
export type Group = {
  readonly kind: 'announce' | 'withdraw'
  readonly text: string
  readonly family: Family
  readonly form: Manner['form']
  readonly update: (prefixes: readonly Prefix[]) => Update
  /** What a message without prefixes leaves of the limit. Encodes one, so it is asked only when it matters. */
  readonly room: () => number
  /** Beyond doubt as much room as `SURE_ROOM`. */
  readonly isSmall: boolean
  /** Yet to be said, by `formatPrefix`. */
  readonly pending: Map<string, Prefix>
  /** How many prefixes the peer knows in this way. */
  told: number
}

/** The groups of one session: those that have anything to say or were said. */
export type Groups = {
  /** @returns undefined when the route cannot be announced here */
  readonly announcing: (route: Route) => Group | undefined
  /** Taking back what was said as `group` says it. */
  readonly withdrawing: (group: Group) => Group
  /** Said as `group` says it, and to be said again whatever it is. */
  readonly stale: (group: Group) => Group
  readonly forgetUnused: (group: Group) => void
  /** @returns the families whose routes are to be announced differently, or not any more, or only now */
  readonly setNextHops: (nextHops: NextHops) => readonly Family[]
}

/** @returns how many bytes a message leaves free, of those that the peer takes; negative when it is too large */
export type RoomIn = (update: Update) => number

/** The longest prefix, and an attribute of more than 255 bytes having a length of two. RFC 4271 section 4.3. */
export const LEAST_ROOM = 1 + 16
const LENGTH_GROWS = 1
/** So few communities that half of the smallest limit is free. */
const FEW_COMMUNITIES = 100
export const SURE_ROOM = LARGEST_MESSAGE / 2

export function groupsOf(bearing: Bearing, first: NextHops, roomIn: RoomIn): Groups {
  const announcing: Record<Family, Map<string, Group>> = { 4: new Map(), 6: new Map() }
  const withdrawing = new Map<string, Group>()
  const stale = new Map<string, Group>()
  let manners = mannersOf(bearing, first)
  return {
    announcing: (route) => {
      const { family } = route.prefix.address
      const manner = manners[family]
      if (manner === undefined) return undefined
      const text = attributeText(route, bearing)
      const group = getOrMake(announcing[family], text, () => {
        const isSmall = route.communities.length + route.largeCommunities.length < FEW_COMMUNITIES
        return newGroup({ kind: 'announce', text, isSmall, ...manner }, roomIn, (prefixes) =>
          announcement(attributesOf(route, bearing), manner, prefixes),
        )
      })
      // More attributes than a message holds.
      return group.isSmall || group.room() >= LEAST_ROOM ? group : undefined
    },
    withdrawing: (group) => getOrMake(withdrawing, `${group.family} ${group.form}`, () => withdrawGroup(group, roomIn)),
    stale: (group) => getOrMake(stale, `${group.family} ${group.form}`, () => withdrawGroup(group, roomIn)),
    forgetUnused: (group) => {
      const { kind, family, text, pending, told } = group
      const all = announcing[family]
      if (kind === 'announce' && pending.size === 0 && told === 0 && all.get(text) === group) all.delete(text)
    },
    setNextHops: (nextHops) => {
      const before = manners
      manners = mannersOf(bearing, nextHops)
      const changed = ([4, 6] as const).filter((family) => !isSameManner(before[family], manners[family]))
      for (const family of changed) announcing[family] = new Map()
      return changed
    },
  }
}

function mannersOf(bearing: Bearing, nextHops: NextHops): Record<Family, Manner | undefined> {
  return { 4: mannerOf(4, bearing, nextHops), 6: mannerOf(6, bearing, nextHops) }
}

function isSameManner(a: Manner | undefined, b: Manner | undefined): boolean {
  return mannerText(a) === mannerText(b)
}

function mannerText(manner: Manner | undefined): string {
  if (manner === undefined) return ''
  const { form, nextHop, linkLocal } = manner
  return `${form} ${formatAddress(nextHop)} ${linkLocal === undefined ? '' : formatAddress(linkLocal)}`
}

function withdrawGroup({ family, form }: Group, roomIn: RoomIn): Group {
  return newGroup({ kind: 'withdraw', text: '', isSmall: true, family, form }, roomIn, (prefixes) =>
    withdrawal({ family, form }, prefixes),
  )
}

function newGroup(
  { kind, text, family, form, isSmall }: Pick<Group, 'kind' | 'text' | 'family' | 'form' | 'isSmall'>,
  roomIn: RoomIn,
  update: Group['update'],
): Group {
  let measured: number | undefined
  const room = (): number => (measured ??= roomIn(update([])) - LENGTH_GROWS)
  return { kind, text, family, form, isSmall, update, room, pending: new Map(), told: 0 }
}

function getOrMake<K, V>(all: Map<K, V>, key: K, make: () => V): V {
  const found = all.get(key)
  if (found !== undefined) return found
  const made = make()
  all.set(key, made)
  return made
}
