import type { CommunityValue, Problem } from '../config.ts'
import type { ReadBgpAdvertisement } from '../kinds/bgp-advertisement.ts'
import { COMMUNITY_ACCEPTED, parseCommunity } from '../kinds/community.ts'
import { collect, found, type Found, problemAt, refused } from '../reading/found.ts'
import { placeIn } from '../reading/objects.ts'
import type { Aliases } from './community-names.ts'

/** RFC 4271 section 4.1: the longest message. */
const LONGEST_MESSAGE = 4096
/**
 * What an UPDATE with one prefix needs at most beside the communities themselves: header 19, the two
 * length fields 4 (RFC 4271 section 4.3), ORIGIN 4, AS_PATH and AS4_PATH of one number 16 (RFC 6793),
 * MP_REACH_NLRI of an IPv6 prefix with two next hops 58 (RFC 4760, RFC 2545), two attribute headers 8.
 */
const OTHER_OCTETS = 19 + 4 + 4 + 16 + 58 + 8
const ROOM = LONGEST_MESSAGE - OTHER_OCTETS
const OCTETS: Readonly<Record<CommunityValue['kind'], number>> = { standard: 4, large: 12 }

/**
 * The communities of an advertisement, each once: an alias by its name, even if the name has a colon,
 * else the literal.
 */
export function advertisedCommunities(read: ReadBgpAdvertisement, aliases: Aliases): Found<readonly CommunityValue[]> {
  const values = collect(read.spec.communities.map((text, index) => valueOf(text, index, { read, aliases })))
  if (!values.ok) return values
  const distinct = [...new Map(values.value.map((value) => [JSON.stringify(value), value])).values()]
  const octets = distinct.reduce((sum, { kind }) => sum + OCTETS[kind], 0)
  return octets <= ROOM ? found(distinct) : refused([tooMany(octets, read)])
}

function valueOf(
  text: string,
  index: number,
  { read, aliases }: { readonly read: ReadBgpAdvertisement; readonly aliases: Aliases },
): Found<CommunityValue> {
  const value = aliases.get(text) ?? parseCommunity(text)
  if (value !== undefined) return found(value)
  const what = text.includes(':')
    ? `found "${text}", which is no community; accepted: ${COMMUNITY_ACCEPTED}`
    : `found "${text}", which no Community object defines; accepted: a name defined there, or ${COMMUNITY_ACCEPTED}`
  return refused([problemAt(placeIn(read, 'communities', index), what)])
}

function tooMany(octets: number, read: ReadBgpAdvertisement): Problem {
  return problemAt(
    placeIn(read, 'communities'),
    `found communities of ${octets} bytes; accepted: ${ROOM} bytes, at 4 for each a:b and 12 for each large one, ` +
      `since they must fit one UPDATE of ${LONGEST_MESSAGE} bytes`,
  )
}
