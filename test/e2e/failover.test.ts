import { before, describe } from 'node:test'
import { withLab } from './suites/cluster.ts'
import { failoverSuite, interfaceSuite } from './suites/failover.ts'
import { l2Advertisement, PATHS, pool } from './suites/objects.ts'
import type { Watched } from './suites/witnessed.ts'
import type { Lab } from '../lab/lab.ts'
import type { LanName } from '../lab/topology.ts'

/** So late would Kubernetes notice: whatever happens sooner is the speakers' doing. */
const KUBERNETES_NOTICES_AFTER_MS = 60_000

/** Those who watch, on one of the LANs. */
function watchedFrom(lab: () => Lab, lan: LanName): () => Watched {
  let watched: Watched | undefined
  before(async () => {
    const nics = (lan === 'first' ? lab().topology.nodes : lab().topology.second?.nodes) ?? []
    const names = new Map(nics.map(({ mac, name }) => [mac, name]))
    watched = {
      lab: lab(),
      client: lan === 'first' ? lab().client : await lab().addMachine('user', 50, lan),
      neighbour: await lab().addMachine('neighbour', 51, lan),
      asker: await lab().addMachine('asker', 52, lan),
      nodeOf: (mac) => names.get(mac) ?? mac,
    }
  })
  return () => {
    if (watched === undefined) throw new Error('the lab did not start')
    return watched
  }
}

describe('failover', () => {
  const lab = withLab('fail', 'iptables', { nodeGraceMs: KUBERNETES_NOTICES_AFTER_MS })
  failoverSuite(watchedFrom(lab, 'first'))
})

describe('failover on nodes with two interfaces', () => {
  const lab = withLab('fai2', 'iptables', { nodeGraceMs: KUBERNETES_NOTICES_AFTER_MS, secondLan: true })
  before(async () => {
    await lab().api.remove(`${PATHS.pools}/first-pool`)
    await lab().api.create(PATHS.pools, pool('second-pool', ['192.168.68.120-192.168.68.200']))
    await lab().api.create(PATHS.l2Advertisements, l2Advertisement('second-lan', { ipAddressPools: ['second-pool'] }))
  })
  interfaceSuite(watchedFrom(lab, 'second'))
})
