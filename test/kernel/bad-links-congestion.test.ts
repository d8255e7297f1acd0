import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Network, openNetwork, ROUTER } from '../netns/bgp/network.ts'
import { type NodePeer, routeText, startNode } from '../netns/bgp/peer.ts'
import { neighbourOf, nodeSide, type Plan, ROUTER_ASN, ROUTER_ID, routerSide } from '../netns/bgp/plan.ts'
import { waitFor } from '../lab/wait.ts'
import type { Router } from '../routers/router.ts'
import { startRouter } from '../routers/start-router.ts'
import { type Congestion, congest, roundTripMs } from './bad-links/congestion.ts'
import { keepOwned, type Keeper } from './bad-links/keeper.ts'
import { type MemberLan, openMemberLan, VIP } from './bad-links/member-lan.ts'
import { type Verdict, verdictsSince } from './bad-links/verdicts.ts'

const WATCH_MS = 8000
/** Less than this is no full queue, and then nothing was shown. */
const FULL_MS = 400

describe('members on a LAN where the owner fills its own link', () => {
  const made: { lan?: MemberLan; congestion?: Congestion; keeper?: Keeper } = {}
  after(async () => {
    made.keeper?.stop()
    await made.congestion?.end()
    await made.lan?.close()
  })

  it('are not taken for dead, since heartbeats go first', async (test) => {
    const lan = await openMemberLan('blc', { count: 3, bound: true })
    made.lan = lan
    const [{ namespace } = assert.fail()] = lan.uplinks
    await lan.allLive()
    const keeper = keepOwned(VIP, lan.members)
    made.keeper = keeper
    const since = Date.now()
    const congestion = congest(lan.spaces, namespace)
    made.congestion = congestion
    await sleep(WATCH_MS)
    const fullMs = roundTripMs(lan.spaces, namespace, '192.0.2.200')
    const first = deathsSince(lan, since)
    const takeovers = keeper.takeovers.length
    congestion.setTurns('as they come')
    const equalAt = Date.now()
    await sleep(WATCH_MS)
    const deaths = deathsSince(lan, equalAt)
    test.diagnostic(
      `${fullMs.toFixed(0)} ms through the queue; ${first.length} deaths by urgency; as they come: ` +
        `${deaths.length} deaths${deaths.map(({ atMs }) => `, after ${atMs - equalAt} ms`).join('')}`,
    )
    assert.ok(fullMs > FULL_MS, `${fullMs} ms`)
    // What comes of it without bands is told and not asserted: a queue that fills slowly delays all beats alike, and none is missed.
    assert.deepEqual([first, takeovers], [[], 0])
    await congestion.end()
    await lan.allLive()
  })
})

const deathsSince = (lan: MemberLan, sinceMs: number): readonly Verdict[] =>
  verdictsSince(lan.members, sinceMs).filter(({ status }) => status === 'dead')

const BFD = { transmitInterval: 50, receiveInterval: 50, detectMultiplier: 3 }
const PLAN: Plan = {
  host: 21,
  families: ['ipv4'],
  router: { bfd: BFD },
  node: {
    bfdProfile: {
      name: 'fast',
      transmitIntervalMs: 50,
      receiveIntervalMs: 50,
      detectMultiplier: 3,
      minimumTtl: 254,
      echoMode: false,
      echoIntervalMs: 50,
      passiveMode: false,
    },
  },
}

describe('BGP and BFD over a link that their own node fills', () => {
  const made: { network?: Network; router?: Router; node?: NodePeer; congestion?: Congestion } = {}
  after(async () => {
    await made.congestion?.end()
    await made.node?.kill()
    await made.router?.close()
    made.network?.spaces.close()
  })

  it('stand at 50 ms × 3, and a route is told at once, since they go first', async (test) => {
    const network = openNetwork('blq', [PLAN.host])
    made.network = network
    const router = await startRouter('frr', {
      namespace: network.router,
      asn: ROUTER_ASN,
      routerId: ROUTER_ID,
      neighbours: [routerSide(PLAN)],
    })
    made.router = router
    const node = startNode(network.us, nodeSide(PLAN))
    made.node = node
    await node.established()
    const isUp = async (): Promise<boolean> =>
      node.bfd()?.state === 'up' && (await router.bfd?.session(neighbourOf(PLAN)))?.state === 'up'
    await waitFor('BFD on both sides', isUp, { timeoutMs: 20_000 })
    const told = async (prefix: string): Promise<number> => {
      const from = performance.now()
      node.announce([routeText(prefix)])
      await waitFor(prefix, async () => (await router.paths(prefix)).length > 0, { everyMs: 20, timeoutMs: 60_000 })
      return Math.round(performance.now() - from)
    }
    const lost = async (): Promise<readonly [bfd: number, sessions: number]> => [
      (await router.bfd?.session(neighbourOf(PLAN)))?.counters?.downs ?? assert.fail('FRR counts'),
      (await router.session(neighbourOf(PLAN))).flaps,
    ]
    const good = [await lost(), await told('10.1.0.1/32')] as const
    const congestion = congest(network.spaces, network.us)
    made.congestion = congestion
    await sleep(2000)
    const fullMs = roundTripMs(network.spaces, network.us, ROUTER.ipv4)
    const route = await told('10.1.0.2/32')
    await sleep(WATCH_MS - 2000)
    const first = await lost()
    congestion.setTurns('as they come')
    await sleep(WATCH_MS)
    const second = await lost()
    test.diagnostic(
      `${fullMs.toFixed(0)} ms through the queue; a route is known after ${good[1]} ms on a free link, ${route} ms by urgency; ` +
        `lost by FRR, BFD and BGP: ${first.join(' and ')} by urgency, ${second.join(' and ')} as they come`,
    )
    assert.ok(fullMs > FULL_MS, `${fullMs} ms`)
    assert.deepEqual(
      [good[0], first],
      [
        [0, 0],
        [0, 0],
      ],
    )
  })
})
