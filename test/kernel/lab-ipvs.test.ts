import { describe } from 'node:test'
import { announcingSuite } from '../e2e/suites/announcing.ts'
import { withLab } from '../e2e/suites/cluster.ts'
import { trafficSuite } from '../e2e/suites/traffic.ts'

describe('layer 2 with kube-proxy in IPVS mode', () => {
  const lab = withLab('vs', 'ipvs')
  announcingSuite(lab)
  trafficSuite(lab)
})
