import { describe, it } from 'node:test'
import type { KernelPath } from '../../lab/routing/router.ts'
import type { RouterRoute } from '../../routers/router.ts'
import { allReady } from './cluster.ts'
import { PATHS, service, webPod } from './objects.ts'
import { hostRoute, nodeOf, type Routed, waitForNodes, withoutReset } from './routed.ts'
import { BGP_PATHS, peerPolicy } from './routed-objects.ts'
import { createService, removeService } from './scene.ts'

const PODS = [
  { name: 'heavy-a', node: 'n1' },
  { name: 'heavy-b', node: 'n1' },
  { name: 'heavy-c', node: 'n2' },
]

/** Traffic as there are endpoints, told by link bandwidth. */
export function weightsSuite(routed: () => Routed): void {
  describe('weighted paths', () => {
    it('are as the endpoints of the nodes, and follow them without a reset', async () => {
      const all = routed()
      const { api } = all.lab
      await api.create(BGP_PATHS.peerPolicies, peerPolicy('weights', { peers: ['rt'], weightedECMP: {} }))
      for (const { name, node } of PODS) await api.create(PATHS.pods, webPod(name, 'heavy', node))
      await allReady(all.lab)
      const local = { externalTrafficPolicy: 'Local', selector: { app: 'heavy' } }
      const [address = ''] = await createService(all.lab, service('heavy', local))
      const waitFor = (weights: string): Promise<void> => waitForWeights(all, hostRoute(address), weights)
      await waitForNodes(all, all.rt, hostRoute(address), ['n1', 'n2'])
      await withoutReset(all, 'other weights', async () => {
        await waitFor('n1 2, n2 1')
        await api.create(PATHS.pods, webPod('heavy-d', 'heavy', 'n2'))
        await waitFor('n1 1, n2 1')
        await api.remove(`${PATHS.pods}/heavy-a`)
        await waitFor('n1 1, n2 2')
      })
      await removeService(all.lab, 'heavy')
      for (const name of ['b', 'c', 'd']) await api.remove(`${PATHS.pods}/heavy-${name}`)
      await api.remove(`${BGP_PATHS.peerPolicies}/weights`)
    })
  })
}

/** @param weights by node, the least being 1 */
async function waitForWeights(all: Routed, prefix: string, weights: string): Promise<void> {
  await all.lab.waitFor(`weights ${weights}`, async () => {
    const told = weightsText(all, await all.rt.paths(prefix), ({ from, linkBandwidth }) => ({
      neighbour: from,
      weight: linkBandwidth?.bytesPerSecond ?? 0,
    }))
    const used = weightsText(all, await all.rt.kernelPaths(prefix), ({ gateway, weight }) => ({
      neighbour: gateway,
      weight,
    }))
    if (told === weights && used === weights) return true
    throw new Error(`the router was told ${told}, its kernel uses ${used}`)
  })
}

type Weight = { readonly neighbour: string | undefined; readonly weight: number }

/** The kernel's are whole numbers up to 100: 66 and 33, or 50 and 50. */
function weightsText<T extends RouterRoute | KernelPath>(
  all: Routed,
  paths: readonly T[],
  weightOf: (path: T) => Weight,
): string {
  const weights = paths.map(weightOf)
  const least = Math.min(...weights.map(({ weight }) => weight))
  return weights
    .map(({ neighbour, weight }) => `${nodeOf(all, neighbour)} ${Math.round(weight / least)}`)
    .toSorted()
    .join(', ')
}
