import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { waitFor } from '../lab/wait.ts'
import type { Router, RouterKind } from '../routers/router.ts'
import { startRouter } from '../routers/start-router.ts'
import { type Namespaces, openNamespaces } from './namespaces.ts'

/** Each kind on either side once, so that every adapter has spoken to another program than itself. */
const PAIRS: readonly (readonly [RouterKind, RouterKind])[] = [
  ['frr', 'bird'],
  ['gobgp', 'openbgpd'],
  ['exabgp', 'frr'],
]
const LEFT = { address: '192.0.2.1', address6: '2001:db8::1', asn: 65_001, routerId: '10.0.0.1' }
const RIGHT = { address: '192.0.2.2', address6: '2001:db8::2', asn: 4_200_000_002, routerId: '10.0.0.2' }
type Side = typeof LEFT

for (const [left, right] of PAIRS) {
  describe(`${left} and ${right}, in namespaces`, () => {
    const spaces = openNamespaces('rt')
    const routers: Router[] = []
    after(async () => {
      for (const router of routers) await router.close()
      spaces.close()
    })

    before(async () => {
      const [a, b] = [spaces.add(`${left}a`), spaces.add(`${right}b`)]
      join(spaces, a, b)
      routers.push(await startRouter(left, options(a, LEFT, RIGHT)), await startRouter(right, options(b, RIGHT, LEFT)))
    })

    it('have a session, and each knows what the other can', async () => {
      await established(routers)
      for (const [router, other] of [routers, routers.toReversed()].map((pair) => [pair[0], pair[1]] as const)) {
        const { capabilities, flaps } = await only(router)
        for (const each of ['multiprotocol ipv4', 'multiprotocol ipv6', 'fourOctetAsn', 'routeRefresh'] as const) {
          assert.ok(
            capabilities.includes(each),
            `${router?.kind} sees no ${each} in ${other?.kind}: ${capabilities.join()}`,
          )
        }
        assert.equal(flaps, 0)
      }
    })

    it('tell each other a route, and take it back', async () => {
      const [a, b] = both(routers)
      await a.announce('203.0.113.0/24')
      const route = await waitFor(
        'the route',
        async () => (await b.routes('ipv4')).find(({ from }) => from === LEFT.address),
        {
          background: () => `${a.logs()}\n${b.logs()}`,
        },
      )
      assert.equal(route.prefix, '203.0.113.0/24')
      assert.deepEqual(route.nextHops, [LEFT.address])
      assert.deepEqual(route.asPath, [LEFT.asn])
      assert.equal(route.origin, 'igp')
      await a.withdraw('203.0.113.0/24')
      await waitFor('the end of it', async () => !(await b.routes('ipv4')).some(({ from }) => from === LEFT.address))
    })

    it('count a loss, and come back', async () => {
      const [, b] = both(routers)
      await b.clear(LEFT.address)
      await waitFor('the loss', async () => (await only(b)).flaps > 0, { background: b.logs })
      await established(routers)
    })
  })
}

function join(spaces: Namespaces, a: string, b: string): void {
  spaces.connect({ namespace: a, name: 'e0' }, { namespace: b, name: 'e0' })
  for (const [namespace, side] of [
    [a, LEFT],
    [b, RIGHT],
  ] as const) {
    spaces.ip(namespace, 'addr', 'add', `${side.address}/24`, 'dev', 'e0')
    spaces.ip(namespace, 'addr', 'add', `${side.address6}/64`, 'dev', 'e0', 'nodad')
  }
}

function options(namespace: string, own: Side, other: Side): Parameters<typeof startRouter>[1] {
  return {
    namespace,
    asn: own.asn,
    routerId: own.routerId,
    neighbours: [{ address: other.address, localAddress: own.address, asn: other.asn, families: ['ipv4', 'ipv6'] }],
  }
}

function both(routers: readonly Router[]): readonly [Router, Router] {
  const [a, b] = routers
  if (a === undefined || b === undefined) throw new Error('a router did not start')
  return [a, b]
}

async function only(router: Router | undefined): Promise<Awaited<ReturnType<Router['session']>>> {
  const [session] = (await router?.sessions()) ?? []
  if (session === undefined) throw new Error('no session')
  return session
}

async function established(routers: readonly Router[]): Promise<void> {
  for (const router of routers) {
    await waitFor(`${router.kind} to have a session`, async () => (await only(router)).state === 'established', {
      background: () => routers.map(({ logs }) => logs()).join('\n'),
      timeoutMs: 40_000,
    })
  }
}
