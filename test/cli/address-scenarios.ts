import { IP_ADDRESS_POOLS } from '@steelyard/kube'
import type { Scenario } from './explain-scenarios.ts'
import { installedScene, PRODUCT, type Scene, servedScene, WEB, WEB_IP } from './scene.ts'

const POOL = { addresses: ['192.168.67.120-192.168.67.121'] }

/** Installed, with a Service that has no address. */
function waiting(pool: object | undefined, service: Parameters<Scene['service']>[1] = {}): Scene {
  const scene = installedScene()
  scene.l2('lan')
  if (pool !== undefined) scene.pool('first-pool', pool)
  scene.service(WEB, service)
  scene.endpoints(WEB, ['worker-1'])
  return scene
}

/** Why a Service has no address that could be announced. */
export const ADDRESS_SCENARIOS: readonly Scenario[] = [
  {
    name: 'no-pool',
    what: 'there is no pool',
    reason: 'noIPAllocated',
    says: /there is no IPAddressPool/,
    scene: () => waiting(undefined),
  },
  {
    name: 'pool-full',
    what: 'the pool is full',
    reason: 'AllocationFailed',
    says: /pool first-pool is full/,
    scene: () => {
      const scene = waiting(POOL)
      scene.service('shop/one', { ips: [WEB_IP] })
      scene.service('shop/two', { ips: ['192.168.67.121'] })
      return scene
    },
  },
  {
    name: 'pool-of-other-family',
    what: 'the pool has no address of the family',
    reason: 'AllocationFailed',
    says: /first-pool has no IPv6 addresses/,
    scene: () => waiting(POOL, { spec: { clusterIPs: ['fd00:96::a'], ipFamilies: ['IPv6'] } }),
  },
  {
    name: 'auto-assign-false',
    what: 'autoAssign is false, and the Service asks for nothing',
    reason: 'AllocationFailed',
    says: /pool first-pool: autoAssign is false/,
    scene: () => waiting({ ...POOL, autoAssign: false }),
  },
  {
    name: 'service-allocation',
    what: 'serviceAllocation of the pool does not admit the Service',
    reason: 'AllocationFailed',
    says: /pool first-pool: its serviceAllocation does not admit/,
    scene: () => waiting({ ...POOL, serviceAllocation: { namespaces: ['default'] } }),
  },
  {
    name: 'pool-unknown',
    what: 'the Service names a pool that does not exist',
    reason: 'AllocationFailed',
    says: /asks for pool production, which does not exist/,
    scene: () => waiting(POOL, { annotations: { 'metallb.io/address-pool': 'production' } }),
  },
  {
    name: 'address-taken',
    what: 'the address it asks for belongs to another Service',
    reason: 'AllocationFailed',
    says: /held by shop\/one, which does not share it/,
    scene: () => {
      const scene = waiting(POOL, { annotations: { 'metallb.io/loadBalancerIPs': WEB_IP } })
      scene.service('shop/one', { ips: [WEB_IP] })
      return scene
    },
  },
  {
    name: 'address-outside',
    what: 'the address it asks for is in no pool',
    reason: 'AllocationFailed',
    says: /192\.168\.67\.99 is in no pool/,
    scene: () => waiting(POOL, { annotations: { 'metallb.io/loadBalancerIPs': '192.168.67.99' } }),
  },
  {
    name: 'sharing-conflict',
    what: 'it would share an address, but the port is taken',
    reason: 'AllocationFailed',
    says: /its port TCP\/80 belongs to shop\/one/,
    scene: () => {
      const annotations = { 'metallb.io/allow-shared-ip': 'site', 'metallb.io/loadBalancerIPs': WEB_IP }
      const scene = waiting(POOL, { annotations })
      scene.service('shop/one', { ips: [WEB_IP], annotations })
      return scene
    },
  },
  {
    name: 'malformed-request',
    what: 'it asks for an address twice',
    reason: 'LoadBalancerFailed',
    says: /both annotation metallb\.io\/loadBalancerIPs .* and spec\.loadBalancerIP/,
    scene: () =>
      waiting(POOL, { annotations: { 'metallb.io/loadBalancerIPs': WEB_IP }, spec: { loadBalancerIP: WEB_IP } }),
  },
  {
    name: 'invalid-configuration',
    what: 'the configuration is refused',
    reason: 'ConfigurationError',
    says: /192\.168\.67\.12\d.*second-pool|second-pool.*first-pool/,
    scene: () => {
      const scene = waiting(POOL)
      scene.pool('second-pool', { addresses: ['192.168.67.121/32'] })
      return scene
    },
  },
  {
    name: 'not-dual-stack',
    what: 'it requires two families in a cluster of one',
    reason: 'not enough clusterips',
    says: /RequireDualStack/,
    scene: () => waiting(POOL, { spec: { ipFamilyPolicy: 'RequireDualStack' } }),
  },
  {
    name: 'controller-away',
    what: 'nobody assigns addresses',
    reason: 'noIPAllocated',
    says: /192\.168\.67\.120 could be assigned, .* no controller Pod is Ready/,
    scene: () => {
      const scene = waiting(POOL)
      scene.controllerPod(false)
      return scene
    },
  },
  {
    name: 'address-left-the-pool',
    what: 'its address is in no pool any more',
    reason: 'ipNotAllowed',
    says: /192\.168\.67\.120 is in no pool/,
    scene: () => {
      const scene = servedScene()
      scene.cluster.remove(IP_ADDRESS_POOLS, { namespace: PRODUCT, name: 'first-pool' })
      scene.pool('other-pool', { addresses: ['192.168.67.200/32'] })
      return scene
    },
  },
  {
    name: 'not-a-load-balancer',
    what: 'it is of another type',
    reason: 'notLoadBalancer',
    says: /spec\.type is not LoadBalancer/,
    scene: () => waiting(POOL, { spec: { type: 'ClusterIP' } }),
  },
  {
    name: 'foreign-class',
    what: 'it is for another load balancer',
    reason: 'notLoadBalancer',
    says: /spec\.loadBalancerClass is "example\.com\/other"/,
    scene: () => waiting(POOL, { spec: { loadBalancerClass: 'example.com/other' } }),
  },
]
