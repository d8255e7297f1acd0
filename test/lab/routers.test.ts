import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { defaultRoutes, neighbourOf, nextHopsOf, planFar, planGateways } from './routers.ts'
import { planMachine } from './topology.ts'

describe('the routers of the lab', () => {
  it('stand at .2 and .3, each with a leg on the far LAN', () => {
    const gateways = planGateways(2, 'x')
    assert.deepEqual(
      gateways.map(({ machine, far4 }) => [machine.namespace, machine.address4, far4]),
      [
        ['rt-x', '192.168.67.2', '10.99.0.1'],
        ['rt2-x', '192.168.67.3', '10.99.0.3'],
      ],
    )
    assert.equal(planFar('x').address4, '10.99.0.2')
  })

  it('are two at most', () => assert.throws(() => planGateways(3, ''), /3 routers: the lab has up to 2/))

  it('have every node for a neighbour, by the family asked for', () => {
    const node = planMachine('n1', 11, '')
    assert.equal(neighbourOf(node, { asn: 1, nodeAsn: 64_512 }).address, '192.168.67.11')
    const other = neighbourOf(node, { asn: 1, nodeAsn: 64_512, over: 'ipv6', bfd: { detectMultiplier: 3 } })
    assert.deepEqual([other.address, other.asn, other.bfd], ['fc00:67::11', 64_512, { detectMultiplier: 3 }])
  })

  it('are all of them gateways', () => {
    const [v4 = ''] = defaultRoutes([
      { v4: '10.99.0.1', v6: 'fc00:99::1' },
      { v4: '10.99.0.3', v6: 'fc00:99::3' },
    ])
    assert.equal(v4, 'ip route replace default nexthop via 10.99.0.1 nexthop via 10.99.0.3')
  })

  const SHOWN = [
    ['no route has no next hop', '[]', []],
    ['nothing printed is no route', '', []],
    ['one path stands in the route itself', '[{"dst":"10.0.0.1","gateway":"192.168.67.11"}]', ['192.168.67.11']],
    [
      'several paths stand in a list',
      '[{"dst":"10.0.0.1","nexthops":[{"gateway":"192.168.67.12"},{"gateway":"192.168.67.11"}]}]',
      ['192.168.67.11', '192.168.67.12'],
    ],
    [
      'IPv6 paths may be routes of their own',
      '[{"gateway":"fc00:67::11"},{"gateway":"fc00:67::12"}]',
      ['fc00:67::11', 'fc00:67::12'],
    ],
  ] as const
  for (const [what, shown, found] of SHOWN) it(what, () => assert.deepEqual(nextHopsOf(shown), found))
})
