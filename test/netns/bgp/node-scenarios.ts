import type { BfdProfile } from '@steelyard/model'
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { waitFor } from '../../lab/wait.ts'
import { routeText, type NodePeer } from './peer.ts'
import type { Scenario, Stage } from './scenario.ts'

const INTERVAL_MS = 100
const MULTIPLIER = 3
const DETECT_MS = INTERVAL_MS * MULTIPLIER
/** From the fact in the link worker to what the test reads from our process, on a machine that has other work. */
const TELLING_MS = 200
const ROUTER_BFD = { transmitInterval: INTERVAL_MS, receiveInterval: INTERVAL_MS, detectMultiplier: MULTIPLIER }
const PROFILE: BfdProfile = {
  name: 'fast',
  transmitIntervalMs: INTERVAL_MS,
  receiveIntervalMs: INTERVAL_MS,
  detectMultiplier: MULTIPLIER,
  minimumTtl: 254,
  echoMode: false,
  echoIntervalMs: 50,
  passiveMode: false,
}
const GUARDED = { router: { bfd: ROUTER_BFD }, node: { bfdProfile: PROFILE } } as const

/** What takes a link worker on our side: the speaker's manager of sessions joins it and BGP. */
export const NODE_SCENARIOS: readonly Scenario[] = [
  {
    shows: "BFD guards the session: the router's link is cut, it ends within the detection time, and comes back",
    needs: 'BFD',
    alone: true,
    plan: { host: 61, ...GUARDED },
    run: async (stage) => {
      const node = await guarded(stage)
      const { network, neighbour, router, wait } = stage
      const downs = node.bfd()?.downs
      const cutAt = performance.now()
      network.plugRouter(false)
      try {
        await waitFor('the end of the session', () => node.view().state !== 'established', { everyMs: 5 })
        const took = performance.now() - cutAt
        assert.ok(took <= DETECT_MS + TELLING_MS, `${Math.round(took)} ms`)
        assert.match(node.view().lastError ?? '', new RegExp(`BFD: no packet from \\S+ for ${DETECT_MS} ms`))
        await wait('the fact', () => node.bfd()?.downs === (downs ?? 0) + 1)
      } finally {
        network.plugRouter(true)
      }
      await node.established()
      await bothSay(stage, node, 'up')
      await wait(`${neighbour} in ${router.kind}`, async () => (await stage.routerSession()).state === 'established')
      assert.equal(node.view().flaps, 1)
    },
  },
  {
    shows: "the router's BFD is taken down by its operator (AdminDown): that ends nothing (RFC 5882 section 3.2)",
    needs: 'BFD AdminDown',
    alone: true,
    plan: { host: 62, ...GUARDED },
    run: async (stage) => {
      const node = await guarded(stage)
      const { router, neighbour, wait } = stage
      const { flaps } = await stage.routerSession()
      await router.bfd?.setShut(neighbour, true)
      await wait('word of it', () => node.bfd()?.remoteState === 'adminDown')
      assert.equal(node.bfd()?.state, 'down')
      await sleep(3 * DETECT_MS)
      assert.deepEqual([node.view().state, node.view().flaps], ['established', 0])
      await router.bfd?.setShut(neighbour, false)
      await bothSay(stage, node, 'up')
      assert.deepEqual([node.view().state, node.view().flaps], ['established', 0])
      assert.equal((await stage.routerSession()).flaps, flaps)
    },
  },
  {
    shows:
      'a link without addresses (unnumbered): each side finds the other, and the router forwards by our IPv4 and IPv6 routes',
    needs: 'unnumbered peers',
    plan: { host: 63, unnumbered: true, router: { extendedNextHop: true, passive: false } },
    run: async (stage) => {
      const { upOnNode, path, gone, wait, network, neighbour: device } = stage
      const kernelRoutes = (family: '-4' | '-6'): string => network.spaces.ip(network.router, family, 'route')
      const node = await upOnNode()
      const { remoteAddress, extendedNextHop } = await node.established()
      assert.match(remoteAddress, /^fe80::/)
      assert.equal(extendedNextHop, true)
      node.announce([routeText('203.0.132.0/24'), routeText('2001:db8:132::/48')])
      assert.match((await path('203.0.132.0/24')).nextHops.join(), /fe80::/)
      await path('2001:db8:132::/48')
      const forwarded = new RegExp(`203\\.0\\.132\\.0/24 .*via inet6 fe80::\\S+ dev ${device}`)
      await wait('the way in its kernel', () => forwarded.test(kernelRoutes('-4')))
      await wait('that of IPv6', () => /2001:db8:132::\/48 .*via fe80::/.test(kernelRoutes('-6')))
      // What we advertise there has lifetime 0.
      assert.doesNotMatch(kernelRoutes('-6'), /^default/m)
      node.withdraw(['203.0.132.0/24', '2001:db8:132::/48'])
      await gone('203.0.132.0/24')
      await gone('2001:db8:132::/48')
      await wait('the end of the way', () => !/203\.0\.132\.0/.test(kernelRoutes('-4')))
    },
  },
]

async function guarded(stage: Stage): Promise<NodePeer> {
  const node = await stage.upOnNode()
  await bothSay(stage, node, 'up')
  await stage.wait('the numbers of both', () => node.bfd()?.detectMs === DETECT_MS)
  return node
}

async function bothSay({ router, neighbour, wait }: Stage, node: NodePeer, state: 'up'): Promise<void> {
  await wait('BFD here', () => node.bfd()?.state === state)
  await wait('BFD there', async () => (await router.bfd?.session(neighbour))?.state === state)
}
