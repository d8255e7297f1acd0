import assert from 'node:assert/strict'
import { after, before, describe, it, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Network, openNetwork } from '../netns/bgp/network.ts'
import { type NodePeer, routeText, startNode } from '../netns/bgp/peer.ts'
import { neighbourOf, nodeSide, type Plan, ROUTER_ASN, ROUTER_ID, routerSide } from '../netns/bgp/plan.ts'
import type { Router, RouterKind } from '../routers/router.ts'
import { startRouter } from '../routers/start-router.ts'
import { waitFor } from '../lab/wait.ts'
import {
  AWFUL,
  CORRUPTED,
  DUPLICATED,
  GOOD,
  JITTER_50,
  type LinkQuality,
  LOSS_1,
  LOSS_5,
  REORDERED,
  setQuality,
} from './bad-links/quality.ts'

const MILD = [LOSS_1, LOSS_5, JITTER_50, REORDERED, DUPLICATED, CORRUPTED]
/** Of a 9 s hold time: long enough for a session that would not last to end. */
const MILD_MS = 10_000
const AWFUL_MS = 45_000
const FEW = 100
const MANY = 1000
/** A fifth of all segments is sent again, some more than once, with pauses that double: no figure is a failure. */
const PATIENCE_MS = 90_000

const SHORT: Plan = {
  host: 11,
  families: ['ipv4'],
  router: { holdSeconds: 9, keepaliveSeconds: 3 },
  node: { holdMs: 9000, keepaliveMs: 3000 },
}
const USUAL: Plan = { host: 12, families: ['ipv4'], router: { holdSeconds: 90, keepaliveSeconds: 30 } }
/** Comes while the link is bad. */
const LATE: Plan = { ...SHORT, host: 13 }
const PLANS = [SHORT, USUAL, LATE]

/** Prefixes nobody else has: `of` tells sets of them apart. */
const prefixes = (plan: Plan, of: number, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `10.${of}.${plan.host * 8 + (index >> 8)}.${index & 0xff}/32`)

function testRouter(kind: RouterKind): void {
  const made: { network?: Network; router?: Router } = {}
  const peers = new Map<Plan, NodePeer>()
  const stage = (): { readonly network: Network; readonly router: Router } => {
    const { network, router } = made
    if (network === undefined || router === undefined) throw new Error('there is no stage')
    return { network, router }
  }
  const beOf = (quality: LinkQuality): void => {
    const { spaces, us, router } = stage().network
    setQuality(
      spaces,
      [us, router].map((namespace) => ({ namespace, name: 'e0' })),
      quality,
    )
  }
  const start = async (plan: Plan): Promise<NodePeer> => {
    const peer = startNode(stage().network.us, nodeSide(plan))
    peers.set(plan, peer)
    await peer.established(PATIENCE_MS)
    return peer
  }
  const peerOf = (plan: Plan): NodePeer => peers.get(plan) ?? assert.fail(`no session of ${plan.host}`)
  /** Which of some prefixes the router has of a peer. */
  const held = async (plan: Plan, of: readonly string[]): Promise<string[]> => {
    const routes = await stage().router.routes('ipv4')
    return routes
      .filter(({ from, prefix }) => from === neighbourOf(plan) && of.includes(prefix))
      .map(({ prefix }) => prefix)
  }
  /**
   * How long it takes until the router has exactly these of them. The last is asked for until it has come or gone, which costs
   * the router little; all of them then.
   */
  const until = async (plan: Plan, all: readonly string[], wanted: readonly string[]): Promise<number> => {
    const from = performance.now()
    const last = all.at(-1) ?? assert.fail('no prefix')
    const isLastSo = async (): Promise<boolean> => {
      const paths = await stage().router.paths(last)
      return paths.some((path) => path.from === neighbourOf(plan)) === wanted.includes(last)
    }
    await waitFor(`${last} of ${plan.host}`, isLastSo, { timeoutMs: PATIENCE_MS, everyMs: 100 })
    const tookMs = Math.round(performance.now() - from)
    const areAllSo = async (): Promise<boolean> =>
      (await held(plan, all)).toSorted().join() === wanted.toSorted().join()
    await waitFor(`${wanted.length} routes of ${plan.host}`, areAllSo, { timeoutMs: PATIENCE_MS, everyMs: 2000 })
    return tookMs
  }
  /** Announces, and takes half of it back. */
  const change = async (plan: Plan, of: number, count: number): Promise<readonly [came: number, went: number]> => {
    const all = prefixes(plan, of, count)
    const peer = peerOf(plan)
    peer.announce(all.map((prefix) => routeText(prefix)))
    const came = await until(plan, all, all)
    peer.withdraw(all.slice(count / 2))
    const went = await until(plan, all, all.slice(0, count / 2))
    return [came, went]
  }
  const assertUnbroken = async (...plans: readonly Plan[]): Promise<void> => {
    for (const plan of plans) {
      const { view } = peerOf(plan)
      const { state, flaps } = await stage().router.session(neighbourOf(plan))
      assert.deepEqual([view().state, view().flaps, state, flaps], ['established', 0, 'established', 0])
    }
  }
  const tell = (test: TestContext, of: readonly (readonly [number, number])[], count: number): void =>
    test.diagnostic(
      `${count} routes came and half of them went after ${of.map((pair) => pair.join(' and ')).join(', ')} ms`,
    )

  before(async () => {
    made.network = openNetwork(
      `bl${kind}`,
      PLANS.map(({ host }) => host),
    )
    made.router = await startRouter(kind, {
      namespace: made.network.router,
      asn: ROUTER_ASN,
      routerId: ROUTER_ID,
      neighbours: PLANS.map(routerSide),
    })
    await Promise.all([SHORT, USUAL].map(start))
  })
  after(async () => {
    await Promise.all([...peers.values()].map((peer) => peer.kill()))
    await made.router?.close()
    made.network?.spaces.close()
  })

  for (const [index, quality] of [GOOD, ...MILD].entries()) {
    it(`${quality.name}: sessions stand, and changes of routes arrive`, async (test) => {
      beOf(quality)
      const since = performance.now()
      const count = quality === GOOD ? MANY : FEW
      const took = await Promise.all([SHORT, USUAL].map((plan) => change(plan, index + 1, count)))
      await sleep(quality === GOOD ? 0 : Math.max(0, MILD_MS - (performance.now() - since)))
      await assertUnbroken(SHORT, USUAL)
      tell(test, took, count)
    })
  }

  // TCP waits twice as long for each further try: five losses in a row, of one segment in 3000, outlast 9 s, and eight 90 s.
  it(`${AWFUL.name}: the usual hold time stands, a thousand routes arrive, another session comes up`, async (test) => {
    beOf(AWFUL)
    const since = performance.now()
    const [took] = await Promise.all([
      Promise.all([SHORT, USUAL].map((plan) => change(plan, 100, MANY))),
      start(LATE).then(() => test.diagnostic(`a new session stood after ${Math.round(performance.now() - since)} ms`)),
    ])
    tell(test, took, MANY)
    tell(test, [await change(LATE, 101, FEW)], FEW)
    await sleep(Math.max(0, AWFUL_MS - (performance.now() - since)))
    await assertUnbroken(USUAL)
    for (const plan of [SHORT, LATE]) await peerOf(plan).established(PATIENCE_MS)
    const lost = [SHORT, LATE].map((plan) => peerOf(plan).view().flaps)
    test.diagnostic(`with a hold time of 9 s, sessions were lost ${lost.join(' and ')} times`)
  })
}

// They mostly wait.
describe('BGP on bad links', { concurrency: true }, () => {
  describe('with FRR', { concurrency: false }, () => testRouter('frr'))
  describe('with BIRD', { concurrency: false }, () => testRouter('bird'))
})
