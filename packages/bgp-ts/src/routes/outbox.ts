import { decoded, type Family, type Prefix } from '@steelyard/net'
import { encodeMessage } from '../codec/message-codec.ts'
import { AFI_OF_FAMILY } from '../codec/multiprotocol.ts'
import { prefixBytes } from '../codec/prefixes.ts'
import { endOfRib } from '../codec/update.ts'
import { largestMessage, type WireTerms } from '../codec/wire-terms.ts'
import { REFRESH_SUBTYPE, SAFI_UNICAST } from '../constants.ts'
import type { Message, RouteRefresh } from '../message.ts'
import type { NextHops } from '../peer.ts'
import { type Agreed, wireTermsOf } from '../session/terms.ts'
import { type AdjRibOut, beginTelling, said, tellAgain, type Told } from './adj-rib-out.ts'
import { type Group, LEAST_ROOM, type RoomIn, SURE_ROOM } from './groups.ts'

/** What one Established session has to say of routes, made one message at a time: nothing waits encoded. */
export type Outbox = {
  /** @returns undefined when all is said, for now */
  readonly next: () => Message | undefined
  /** RFC 2918. */
  readonly refresh: (family: Family) => void
}

export type OutboxTerms = {
  readonly localAsn: number
  readonly agreed: Agreed
  readonly nextHops: NextHops
  /** The table is whole: End-of-RIB may be said. */
  readonly isComplete: () => boolean
}

/** Of UPDATEs in these terms. */
function roomInTerms(terms: WireTerms): RoomIn {
  const limit = largestMessage('update', terms)
  return (update) => {
    const encoded = decoded(() => encodeMessage(update, terms))
    return encoded.ok ? limit - encoded.value.length : -1
  }
}

export function outboxOf(rib: AdjRibOut, terms: OutboxTerms): Outbox {
  const { agreed } = terms
  beginTelling(rib, { ...agreed, localAsn: terms.localAsn }, terms.nextHops, roomInTerms(wireTermsOf(agreed)))
  const owedEnds = [...agreed.families]
  const marks = new Map<Family, 'begin' | 'end'>()
  const takeMark = (which: 'begin' | 'end'): RouteRefresh | undefined => {
    for (const [family, mark] of marks) {
      if (mark !== which) continue
      if (which === 'begin') marks.set(family, 'end')
      else marks.delete(family)
      return refreshMark(family, REFRESH_SUBTYPE[which])
    }
    return undefined
  }
  const endOfTable = (): Message | undefined => {
    if (!terms.isComplete()) return undefined
    const family = owedEnds.shift()
    return family === undefined ? undefined : endOfRib(family)
  }
  return {
    next: () => takeMark('begin') ?? nextUpdate(rib.told) ?? endOfTable() ?? takeMark('end'),
    refresh: (family) => {
      // RFC 7313 section 4: no mark before End-of-RIB; the answer is then one of RFC 2918.
      if (agreed.enhancedRouteRefresh && !owedEnds.includes(family)) marks.set(family, 'begin')
      tellAgain(rib, family)
    },
  }
}

const refreshMark = (family: Family, subtype: number): RouteRefresh => ({
  kind: 'routeRefresh',
  afi: AFI_OF_FAMILY[family],
  safi: SAFI_UNICAST,
  subtype,
})

function nextUpdate(told: Told | undefined): Message | undefined {
  if (told === undefined) return undefined
  for (const group of told.waiting) {
    const prefixes = takeFitting(told, group)
    if (group.pending.size === 0) told.waiting.delete(group)
    return group.update(prefixes)
  }
  return undefined
}

/** As many as one message holds. */
function takeFitting(told: Told, group: Group): Prefix[] {
  const isSure = group.isSmall && group.pending.size * LEAST_ROOM <= SURE_ROOM
  let room = isSure ? SURE_ROOM : group.room()
  const taken: Prefix[] = []
  for (const [key, prefix] of group.pending) {
    room -= prefixBytes(prefix)
    if (room < 0) break
    taken.push(prefix)
    said(told, key, group)
  }
  return taken
}
