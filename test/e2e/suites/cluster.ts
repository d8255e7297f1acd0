import { after, before } from 'node:test'
import type { LabOptions } from '../../lab/base.ts'
import { type Lab, startLab } from '../../lab/lab.ts'
import type { ProxyMode } from '../../lab/packages.ts'
import { installSteelyard } from '../../lab/install.ts'
import { l2Advertisement, PATHS, pool, webPod } from './objects.ts'

export const FIRST_POOL = '192.168.67.120-192.168.67.200'
export const SIXTH_POOL = 'fc00:67::100-fc00:67::1ff'

/**
 * One lab for a whole file of tests, with the bundles that users run: the pool and advertisement of
 * the tutorials, IPv6 beside it, and a web Pod on each node.
 */
export function withLab(suffix: string, proxyMode: ProxyMode, options: LabOptions = {}): () => Lab {
  let lab: Lab | undefined
  before(async () => {
    lab = await startLab({ ...options, suffix, proxyMode, form: 'dist', endsOnSignal: true })
    await installSteelyard(lab)
    await lab.api.create(PATHS.pools, pool('first-pool', [FIRST_POOL, SIXTH_POOL]))
    await lab.api.create(PATHS.l2Advertisements, l2Advertisement('lan', { ipAddressPools: ['first-pool'] }))
    for (const { name } of lab.nodes) await lab.api.create(PATHS.pods, webPod(`web-${name}`, 'web', name))
    await allReady(lab)
  })
  after(async () => lab?.stop())
  return () => {
    if (lab === undefined) throw new Error('the lab did not start')
    return lab
  }
}

export async function allReady(lab: Lab): Promise<void> {
  await lab.waitFor('all Pods to be ready', () => {
    const pods = lab.programs.pods()
    return pods.length > 0 && pods.every((pod) => pod.isReady())
  })
}
