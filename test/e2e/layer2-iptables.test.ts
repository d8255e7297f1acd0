import { describe } from 'node:test'
import { announcingSuite } from './suites/announcing.ts'
import { withLab } from './suites/cluster.ts'
import { leftAloneSuite } from './suites/left-alone.ts'
import { proxyTableSuite } from './suites/proxy-table.ts'
import { restartsSuite } from './suites/restarts.ts'
import { selectingSuite } from './suites/selecting.ts'
import { trafficSuite } from './suites/traffic.ts'

describe('layer 2 with kube-proxy in iptables mode', () => {
  const lab = withLab('ip', 'iptables')
  announcingSuite(lab)
  trafficSuite(lab)
  proxyTableSuite(lab)
  selectingSuite(lab)
  leftAloneSuite(lab)
  restartsSuite(lab)
})
