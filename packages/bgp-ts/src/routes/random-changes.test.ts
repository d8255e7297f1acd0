import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Family, formatAddress, formatPrefix, parseAddress, type Prefix } from '@steelyard/net'
import { seededRandom } from '@steelyard/runtime'
import { isEndOfRib } from '../codec/update.ts'
import type { Update } from '../message.ts'
import type { NextHops, Route } from '../peer.ts'
import type { Agreed } from '../session/terms.ts'
import { route, routes } from '../testing/duet.ts'
import { adjRibOut, changeNextHops, changeRoutes, countRoutes } from './adj-rib-out.ts'
import { outboxOf } from './outbox.ts'

const [A, B, SIX] = ['192.0.2.1', '192.0.2.2', '2001:db8::1'].map((text) => parseAddress(text)!)
const HOPS: readonly NextHops[] = [{ ipv4: A!, ipv6: SIX! }, { ipv4: B! }, { ipv4: SIX!, ipv6: SIX! }, {}]
const PREFIXES = [
  ...Array.from({ length: 30 }, (_, index) => `10.0.0.${index}/32`),
  ...Array.from({ length: 30 }, (_, index) => `2001:db8::${index}/128`),
]
const AGREED: Agreed = {
  remoteAsn: 2,
  remoteRouterId: 2,
  holdMs: 0,
  keepaliveMs: 0,
  families: [4, 6],
  isInternal: true,
  fourOctetAsn: true,
  extendedNextHop: true,
  extendedMessage: false,
  routeRefresh: true,
  enhancedRouteRefresh: true,
  gracefulRestart: false,
  hardReset: false,
}

/** What a peer would believe, by prefix: the community, and the next hop. */
type Belief = Map<string, string>

function believe(belief: Belief, { withdrawn, attributes, reachable }: Update): void {
  const { mpReach, mpUnreach, nextHop, communities } = attributes
  const set = (prefixes: readonly Prefix[] = [], hop = nextHop): void => {
    for (const prefix of prefixes)
      belief.set(formatPrefix(prefix), `${communities?.join() ?? ''} ${hop === undefined ? '' : formatAddress(hop)}`)
  }
  for (const prefix of [...withdrawn, ...(mpUnreach?.withdrawn ?? [])]) belief.delete(formatPrefix(prefix))
  set(reachable)
  set(mpReach?.reachable, mpReach?.nextHop)
}

function wantedBelief(wanted: ReadonlyMap<string, Route>, hops: NextHops): Belief {
  const hop: Record<Family, NextHops['ipv4']> = { 4: hops.ipv4, 6: hops.ipv6 }
  return new Map(
    [...wanted].flatMap(([key, { prefix, communities }]) => {
      const nextHop = hop[prefix.address.family]
      return nextHop === undefined ? [] : [[key, `${communities.join()} ${formatAddress(nextHop)}`] as const]
    }),
  )
}

describe('whatever happens to routes, and however little of it is said at a time', () => {
  for (let seed = 1; seed <= 40; seed++) {
    it(`the peer ends up with what is wanted (seed ${seed})`, () => {
      const random = seededRandom(seed)
      const pick = <T>(all: readonly T[]): T => all[Math.floor(random() * all.length)]!
      const [rib, belief]: [ReturnType<typeof adjRibOut>, Belief] = [adjRibOut(), new Map()]
      let hops = HOPS[0]!
      const isComplete = (): boolean => random() < 0.5
      const outbox = outboxOf(rib, { localAsn: 1, agreed: AGREED, nextHops: hops, isComplete })
      const say = (most: number): void => {
        for (let said = 0; said < most; said++) {
          const message = outbox.next()
          if (message === undefined) return
          if (message.kind === 'update' && isEndOfRib(message) === undefined) believe(belief, message)
        }
      }
      const acts: readonly (() => void)[] = [
        () => changeRoutes(rib, routes(route(pick(PREFIXES), { communities: [Math.floor(random() * 3)] }))),
        () => changeRoutes(rib, routes(route(pick(PREFIXES), { communities: [] }))),
        () => changeRoutes(rib, new Map([[pick(PREFIXES), undefined]])),
        () => changeRoutes(rib, new Map([[pick(PREFIXES), undefined]])),
        () => say(1),
        () => (random() < 0.1 ? outbox.refresh(pick([4, 6] as const)) : undefined),
        () => (random() < 0.1 ? changeNextHops(rib, (hops = pick(HOPS))) : undefined),
      ]
      for (let times = 0; times < 2000; times++) pick(acts)()
      say(Number.POSITIVE_INFINITY)
      assert.deepEqual(belief, wantedBelief(rib.wanted, hops))
      const { announced, pending, unsendable } = countRoutes(rib)
      assert.deepEqual([announced, pending, unsendable], [belief.size, 0, rib.wanted.size - belief.size])
    })
  }
})
