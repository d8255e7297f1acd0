import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type L2Advertisement, poolIndex, viewService } from '@steelyard/model'
import { parsePrefix } from '@steelyard/net'
import { service } from '../testing/objects.ts'
import { advertisementsByPool } from './layer2.ts'
import { serviceFacts } from '../testing/service-facts.ts'
import { sameFacts, type ServiceFacts } from './service-facts.ts'

const POOL = {
  name: 'one',
  entries: [{ text: '192.0.2.0/24', prefixes: [parsePrefix('192.0.2.0/24')!] }],
  autoAssign: true,
  avoidBuggyIPs: false,
}
const advertisement = (name: string): L2Advertisement => ({
  name,
  pools: new Set(['one']),
  nodeSelectors: [],
  serviceSelectors: [],
  interfaces: [],
  preferredNodes: [],
})
type Parts = Parameters<typeof service>[1] & { nodes?: string[]; ads?: string[]; revision?: number }
const facts = ({ nodes = ['n1'], ads = ['ad'], revision = 1, ...parts }: Parts = {}): ServiceFacts =>
  serviceFacts(
    viewService(service('web', { ips: ['192.0.2.1'], ...parts })),
    nodes.map((node) => ({ node, address: '10.244.0.1' })),
    {
      pools: poolIndex([POOL]),
      loadBalancerClass: '',
      advertisements: advertisementsByPool(ads.map(advertisement)),
      revision,
    },
  )
const LOCAL = { spec: { externalTrafficPolicy: 'Local' } }

describe('sameFacts', () => {
  const cases: [name: string, a: ServiceFacts | undefined, b: ServiceFacts | undefined, same: boolean][] = [
    ['more endpoints elsewhere under Cluster', facts(), facts({ nodes: ['n1', 'n2'] }), true],
    ['more endpoints elsewhere under Local', facts(LOCAL), facts({ ...LOCAL, nodes: ['n1', 'n2'] }), false],
    ['another label', facts(), facts({ labels: { a: 'b' } }), true],
    ['another address', facts(), facts({ ips: ['192.0.2.2'] }), false],
    ['another advertisement', facts(), facts({ ads: ['ad', 'more'] }), false],
    ['another configuration', facts(), facts({ revision: 2 }), false],
    ['another Service of the same name', facts(), facts({ createdAt: '2026-02-01T00:00:00Z' }), false],
    ['the last endpoint gone', facts(), facts({ nodes: [] }), false],
    ['the Service gone', facts(), undefined, false],
    ['a Service that waits for its address', undefined, facts({ ips: [] }), true],
    ['a Service that waits, and goes', facts({ ips: [] }), undefined, true],
    ['an address that is in no pool', facts({ ips: [] }), facts({ ips: ['203.0.113.1'] }), false],
    ['another wrong address', facts({ ips: ['203.0.113.2'] }), facts({ ips: ['203.0.113.1'] }), true],
  ]
  for (const [name, a, b, same] of cases) {
    it(`${same ? 'are' : 'are not'} with ${name}`, () => assert.equal(sameFacts(a, b), same))
  }
})
