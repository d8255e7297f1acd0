import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { lacks } from '../../routers/features.ts'
import type { Router, RouterKind } from '../../routers/router.ts'
import { startRouter } from '../../routers/start-router.ts'
import { END_SCENARIOS } from './end-scenarios.ts'
import { type Network, openNetwork } from './network.ts'
import type { Peer } from './peer.ts'
import { NODE_SCENARIOS } from './node-scenarios.ts'
import { type Outcome, keepOutcomes, keptOutcomes } from './results.ts'
import { ROUTE_SCENARIOS } from './route-scenarios.ts'
import { ROUTER_ASN, ROUTER_ID, routerSide } from './plan.ts'
import { type Scenario, stageOf } from './scenario.ts'
import { SESSION_SCENARIOS } from './session-scenarios.ts'

export const SCENARIOS: readonly Scenario[] = [
  ...SESSION_SCENARIOS,
  ...ROUTE_SCENARIOS,
  ...END_SCENARIOS,
  ...NODE_SCENARIOS,
]
/** They mostly wait. */
const AT_ONCE = 10

/** Every scenario against one kind of router; what came of it must be what docs/bgp-interop.md says. */
export function testRouter(kind: RouterKind): void {
  describe(`our BGP and ${kind}`, () => {
    const outcomes = new Map<string, Outcome>()
    const made: { network?: Network; router?: Router } = {}
    const able = SCENARIOS.filter((scenario) => lackOf(kind, scenario) === undefined)

    before(async () => {
      const network = openNetwork(
        'bgp',
        able.map(({ plan }) => plan.host),
      )
      made.network = network
      const neighbours = able.map(({ plan }) => routerSide(plan))
      made.router = await startRouter(kind, {
        namespace: network.router,
        asn: ROUTER_ASN,
        routerId: ROUTER_ID,
        neighbours,
        installRoutes: true,
      })
    })
    after(async () => {
      await made.router?.close()
      made.network?.spaces.close()
    })

    const play = async (scenario: Scenario): Promise<void> => {
      const { router, network } = made
      assert.ok(router !== undefined && network !== undefined, 'the router did not start')
      const peers: Pick<Peer, 'view' | 'kill'>[] = []
      outcomes.set(scenario.shows, 'it failed')
      try {
        await scenario.run(stageOf(scenario.plan, { router, network, peers }))
        outcomes.set(scenario.shows, 'yes')
      } finally {
        await Promise.all(peers.map((peer) => peer.kill()))
      }
    }

    describe('side by side', { concurrency: AT_ONCE }, () => {
      for (const scenario of able.filter(({ alone }) => alone !== true)) it(scenario.shows, () => play(scenario))
    })
    describe('one by one', () => {
      for (const scenario of able.filter(({ alone }) => alone === true)) it(scenario.shows, () => play(scenario))
    })

    it('did what the table of results says, and lacked what it says', () => {
      for (const scenario of SCENARIOS) {
        const why = lackOf(kind, scenario)
        if (why !== undefined) outcomes.set(scenario.shows, `no: ${why}`)
      }
      const rows = Object.fromEntries(SCENARIOS.map(({ shows }) => [shows, outcomes.get(shows) ?? 'not run']))
      if (process.env['KEEP_RESULTS'] === '1') keepOutcomes(kind, rows)
      assert.deepEqual(rows, keptOutcomes(kind))
    })
  })
}

function lackOf(kind: RouterKind, { needs }: Scenario): string | undefined {
  return needs === undefined ? undefined : lacks(kind, needs)
}
