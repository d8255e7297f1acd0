import { describe } from 'node:test'
import { withRouters } from './suites/routed.ts'
import { bfdSuite } from './suites/routed-bfd.ts'
import { leavingSuite } from './suites/routed-leaving.ts'
import { routesSuite } from './suites/routed-routes.ts'
import { sessionsSuite } from './suites/routed-sessions.ts'
import { weightsSuite } from './suites/routed-weights.ts'

describe('BGP with real routers', () => {
  const routed = withRouters('bgp')
  routesSuite(routed)
  sessionsSuite(routed)
  leavingSuite(routed)
  weightsSuite(routed)
  bfdSuite(routed)
})
