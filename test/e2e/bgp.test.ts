import { describe } from 'node:test'
import { withRouters } from './suites/routed.ts'
import { routesSuite } from './suites/routed-routes.ts'

describe('BGP with real routers', () => {
  const routed = withRouters('bgp')
  routesSuite(routed)
})
