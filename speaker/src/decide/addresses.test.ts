import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Pool, poolIndex, type Service, viewService } from '@steelyard/model'
import { parsePrefix } from '@steelyard/net'
import { addressesOf } from './addresses.ts'

const pool = (name: string, ...blocks: string[]): Pool => ({
  name,
  entries: blocks.map((text) => ({ text, prefixes: [parsePrefix(text)!] })),
  autoAssign: true,
  avoidBuggyIPs: true,
})
const pools = poolIndex([pool('one', '192.0.2.0/24', '2001:db8::/64'), pool('two', '198.51.100.0/24')])

type Parts = { type?: string; loadBalancerClass?: string; ingress?: { ip?: string; hostname?: string }[] }
const view = ({ type = 'LoadBalancer', loadBalancerClass, ingress = [] }: Parts) =>
  viewService({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { namespace: 'shop', name: 'web' },
    spec: { type, ...(loadBalancerClass === undefined ? {} : { loadBalancerClass }) },
    status: { loadBalancer: { ingress } },
  } satisfies Service)
const judge = (parts: Parts, loadBalancerClass = '') => addressesOf(view(parts), { pools, loadBalancerClass })
const ip = (...ips: string[]) => ips.map((one) => ({ ip: one }))

describe('addressesOf', () => {
  const good: [name: string, ingress: { ip: string }[], ips: string[], pool: string][] = [
    ['takes one address of a pool', ip('192.0.2.7'), ['192.0.2.7'], 'one'],
    ['takes both families of one pool', ip('192.0.2.7', '2001:db8::7'), ['192.0.2.7', '2001:db8::7'], 'one'],
    ['does not look at the order', ip('2001:db8::7', '192.0.2.7'), ['192.0.2.7', '2001:db8::7'], 'one'],
    ['takes two spellings of an address for one', ip('2001:db8::7', '2001:DB8:0::7'), ['2001:db8::7'], 'one'],
    [
      'announces what avoidBuggyIPs would not hand out',
      ip('192.0.2.0', '192.0.2.255'),
      ['192.0.2.0', '192.0.2.255'],
      'one',
    ],
  ]
  for (const [name, ingress, ips, poolName] of good) {
    it(name, () => {
      const found = judge({ ingress })
      assert.ok(found.kind === 'addressed')
      assert.deepEqual([found.addresses.map((one) => one.ip), found.pool], [ips, poolName])
    })
  }

  const bad: [name: string, parts: Parts, reason: string, message: RegExp][] = [
    ['a Service of another type', { type: 'ClusterIP', ingress: ip('192.0.2.7') }, 'notLoadBalancer', /spec\.type/],
    [
      'a foreign class',
      { loadBalancerClass: 'x/y', ingress: ip('192.0.2.7') },
      'notLoadBalancer',
      /"x\/y"; .* only Services without one/,
    ],
    ['no address at all', {}, 'noIPAllocated', /ingress is empty/],
    ['a host name alone', { ingress: [{ hostname: 'lb.example' }] }, 'invalidIP', /ingress\[0\]\.ip is ""/],
    [
      'a host name beside an address',
      { ingress: [...ip('192.0.2.7'), { hostname: 'lb.example' }] },
      'invalidIP',
      /ingress\[1\]/,
    ],
    ['a text that is no address', { ingress: ip('192.0.2.256') }, 'invalidIP', /"192\.0\.2\.256", not an IP address/],
    ['an address with a zone', { ingress: ip('fe80::1%eth0') }, 'invalidIP', /fe80::1%eth0/],
    ['an address in no pool', { ingress: ip('203.0.113.1') }, 'ipNotAllowed', /203\.0\.113\.1 is in no pool/],
    [
      'one of two in no pool',
      { ingress: ip('192.0.2.7', '203.0.113.1') },
      'ipNotAllowed',
      /192\.0\.2\.7 is in one, 203/,
    ],
    ['two pools', { ingress: ip('192.0.2.7', '198.51.100.7') }, 'ipNotAllowed', /198\.51\.100\.7 is in two/],
  ]
  for (const [name, parts, reason, message] of bad) {
    it(`withdraws ${name}: ${reason}`, () => {
      const found = judge(parts)
      assert.ok(found.kind === 'withdrawn')
      assert.equal(found.reason, reason)
      assert.match(found.message, message)
    })
  }
  it('withdraws a Service that is gone: serviceDeleted', () => {
    const found = addressesOf(undefined, { pools, loadBalancerClass: '' })
    assert.ok(found.kind === 'withdrawn')
    assert.equal(found.reason, 'serviceDeleted')
  })
  it('serves exactly its own class when it has one', () => {
    const ingress = ip('192.0.2.7')
    assert.equal(judge({ loadBalancerClass: 'a/b', ingress }, 'a/b').kind, 'addressed')
    assert.equal(judge({ loadBalancerClass: 'a/c', ingress }, 'a/b').kind, 'withdrawn')
    assert.equal(judge({ ingress }, 'a/b').kind, 'withdrawn')
  })
  it('looks at the type before the addresses', () => {
    assert.partialDeepStrictEqual(judge({ type: 'NodePort' }), { reason: 'notLoadBalancer' })
  })
})
