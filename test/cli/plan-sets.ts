import type { KubeObject } from '@steelyard/model'
import { examplePoolObject } from '../../controller/src/testing/examples.ts'

/** A Service as a file has it. */
export type ServiceFile = {
  readonly annotations?: Readonly<Record<string, string>>
  readonly labels?: Readonly<Record<string, string>>
  readonly spec?: object
}

/** What is there at the start, and what a user then applies, one object after the other. */
export type PlanSet = {
  readonly name: string
  readonly pools: Readonly<Record<string, readonly [addresses: readonly string[], more?: object]>>
  /** In the order of their age. */
  readonly services: Readonly<Record<string, ServiceFile>>
  readonly applied?: readonly KubeObject[]
  readonly deleted?: readonly KubeObject[]
  /** Whether an address moves or goes. */
  readonly moves: boolean
}

const pool = (name: string, addresses: readonly string[], more: object = {}): KubeObject =>
  examplePoolObject(name, addresses, more)
export const service = (key: string, { annotations = {}, labels = {}, spec = {} }: ServiceFile = {}): KubeObject => {
  const [namespace = '', name = ''] = key.split('/')
  const whole = { type: 'LoadBalancer', selector: { app: name }, ports: [{ protocol: 'TCP', port: 80 }], ...spec }
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace, annotations, labels },
    spec: whole,
  } as KubeObject
}
const namespace = (name: string, labels: Readonly<Record<string, string>>): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, labels },
})

const IPS = 'metallb.io/loadBalancerIPs'
const POOL = 'metallb.io/address-pool'
const SHARE = 'metallb.io/allow-shared-ip'
const port = (number: number): object => ({ ports: [{ protocol: 'TCP', port: number }] })
const DUAL = { ipFamilyPolicy: 'RequireDualStack', ipFamilies: ['IPv4', 'IPv6'] }
const TWO = { 'default/a': {}, 'default/b': {} }
const ROOMY = { first: [['192.0.2.8/29']] } as const
const TIGHT = { first: [['192.0.2.8/31']] } as const

const POOL_SETS: readonly PlanSet[] = [
  { name: 'a second pool', pools: ROOMY, services: TWO, applied: [pool('second', ['198.51.100.0/24'])], moves: false },
  {
    name: 'a pool grows, and serves whoever waits',
    pools: TIGHT,
    services: { ...TWO, 'default/c': {} },
    applied: [pool('first', ['192.0.2.8/29'])],
    moves: false,
  },
  {
    name: 'a pool loses the address of a Service, and has another',
    pools: ROOMY,
    services: TWO,
    applied: [pool('first', ['192.0.2.9/32', '192.0.2.12/30'])],
    moves: true,
  },
  {
    name: 'a pool shrinks below what is in use',
    pools: ROOMY,
    services: TWO,
    applied: [pool('first', ['192.0.2.9/32'])],
    moves: true,
  },
  {
    name: 'the only pool is deleted',
    pools: ROOMY,
    services: TWO,
    deleted: [pool('first', ['192.0.2.8/29'])],
    moves: true,
  },
  {
    name: 'a pool is deleted, another has room',
    pools: { ...ROOMY, second: [['198.51.100.0/29']] },
    services: TWO,
    deleted: [pool('first', ['192.0.2.8/29'])],
    moves: true,
  },
  {
    name: 'a pool gets another name, the old one deleted after',
    pools: ROOMY,
    services: TWO,
    applied: [pool('renamed', ['192.0.2.8/29'])],
    deleted: [pool('first', ['192.0.2.8/29'])],
    moves: false,
  },
  {
    name: 'a pool is split, the old one first',
    pools: ROOMY,
    services: TWO,
    applied: [pool('first', ['192.0.2.8/32']), pool('other', ['192.0.2.9/32', '192.0.2.10/31'])],
    moves: true,
  },
  {
    name: 'a pool is split, the new one first: refused until the old one follows',
    pools: ROOMY,
    services: TWO,
    applied: [pool('other', ['192.0.2.9/32']), pool('first', ['192.0.2.8/32'])],
    moves: false,
  },
  {
    name: 'a pool that overlaps another',
    pools: ROOMY,
    services: TWO,
    applied: [pool('second', ['192.0.2.0/24'])],
    moves: false,
  },
  {
    name: 'autoAssign off evicts nobody',
    pools: ROOMY,
    services: TWO,
    applied: [pool('first', ['192.0.2.8/29'], { autoAssign: false })],
    moves: false,
  },
  {
    name: 'autoAssign on serves whoever waits',
    pools: { first: [['192.0.2.8/29'], { autoAssign: false }] },
    services: TWO,
    applied: [pool('first', ['192.0.2.8/29'])],
    moves: false,
  },
  {
    name: 'avoidBuggyIPs evicts a .0',
    pools: { first: [['192.0.2.0/29']] },
    services: TWO,
    applied: [pool('first', ['192.0.2.0/29'], { avoidBuggyIPs: true })],
    moves: true,
  },
  {
    name: 'serviceAllocation that admits no holder',
    pools: ROOMY,
    services: TWO,
    applied: [pool('first', ['192.0.2.8/29'], { serviceAllocation: { namespaces: ['shop'] } })],
    moves: true,
  },
  {
    name: 'serviceAllocation by priority moves nobody',
    pools: { ...ROOMY, second: [['198.51.100.0/29']] },
    services: TWO,
    applied: [pool('second', ['198.51.100.0/29'], { serviceAllocation: { priority: 1 } })],
    moves: false,
  },
  {
    name: 'a namespace gets the label that a pool asks for',
    pools: {
      first: [['192.0.2.8/29'], { serviceAllocation: { namespaceSelectors: [{ matchLabels: { tier: 'gold' } }] } }],
    },
    services: { 'shop/a': {} },
    applied: [namespace('shop', { tier: 'gold' })],
    moves: false,
  },
  {
    name: 'a broken Community stops nothing that is there',
    pools: ROOMY,
    services: TWO,
    applied: [
      {
        apiVersion: 'metallb.io/v1beta1',
        kind: 'Community',
        metadata: { name: 'bad', namespace: 'metallb-system' },
        spec: { communities: [{ name: 'x', value: '1:2:3:4:5' }] },
      } as KubeObject,
      pool('second', ['198.51.100.0/24']),
    ],
    moves: false,
  },
  {
    name: 'a pool gains IPv6, and a Service its second family',
    pools: ROOMY,
    services: { 'default/a': { spec: { ...DUAL, ipFamilyPolicy: 'PreferDualStack' } } },
    applied: [pool('first', ['192.0.2.8/29', '2001:db8::/126'])],
    moves: false,
  },
]

const SERVICE_SETS: readonly PlanSet[] = [
  { name: 'a new Service', pools: ROOMY, services: TWO, applied: [service('shop/new')], moves: false },
  {
    name: 'a new Service that asks for a free address',
    pools: ROOMY,
    services: TWO,
    applied: [service('shop/new', { annotations: { [IPS]: '192.0.2.14' } })],
    moves: false,
  },
  {
    name: 'a new Service that asks for an address in use',
    pools: ROOMY,
    services: TWO,
    applied: [service('shop/new', { annotations: { [IPS]: '192.0.2.8' } })],
    moves: false,
  },
  {
    name: 'a new Service where the pool is full',
    pools: TIGHT,
    services: TWO,
    applied: [service('shop/new')],
    moves: false,
  },
  {
    name: 'two new Services, and room for one',
    pools: { first: [['192.0.2.8/32']] },
    services: {},
    applied: [service('shop/two'), service('shop/one')],
    moves: false,
  },
  {
    name: 'a Service goes, and another gets its address',
    pools: TIGHT,
    services: { ...TWO, 'default/c': {} },
    deleted: [service('default/a')],
    moves: false,
  },
  {
    name: 'a Service wants another pool',
    pools: { ...ROOMY, second: [['198.51.100.0/29']] },
    services: TWO,
    applied: [service('default/a', { annotations: { [POOL]: 'second' } })],
    moves: true,
  },
  {
    name: 'a Service wants a pool that is not there',
    pools: ROOMY,
    services: TWO,
    applied: [service('default/a', { annotations: { [POOL]: 'nowhere' } })],
    moves: true,
  },
  {
    name: 'a Service wants another address',
    pools: ROOMY,
    services: TWO,
    applied: [service('default/a', { annotations: { [IPS]: '192.0.2.15' } })],
    moves: true,
  },
  {
    name: 'a Service asks for what it has',
    pools: ROOMY,
    services: TWO,
    applied: [service('default/a', { annotations: { [IPS]: '192.0.2.8' } })],
    moves: false,
  },
  {
    name: 'a Service asks for nonsense',
    pools: ROOMY,
    services: TWO,
    applied: [service('default/a', { annotations: { [IPS]: 'everything' } })],
    moves: false,
  },
  {
    name: 'a Service is no load balancer any more',
    pools: TIGHT,
    services: { ...TWO, 'default/c': {} },
    applied: [service('default/a', { spec: { type: 'ClusterIP' } })],
    moves: true,
  },
  {
    name: 'two Services swap addresses by way of a third',
    pools: ROOMY,
    services: {
      'default/a': { annotations: { [IPS]: '192.0.2.8' } },
      'default/b': { annotations: { [IPS]: '192.0.2.9' } },
    },
    applied: [
      service('default/a', { annotations: { [IPS]: '192.0.2.10' } }),
      service('default/b', { annotations: { [IPS]: '192.0.2.8' } }),
      service('default/a', { annotations: { [IPS]: '192.0.2.9' } }),
    ],
    moves: true,
  },
  {
    name: 'a new Service shares an address',
    pools: TIGHT,
    services: { 'default/a': { annotations: { [SHARE]: 'k' } }, 'default/b': {} },
    applied: [service('shop/new', { annotations: { [SHARE]: 'k' }, spec: port(443) })],
    moves: false,
  },
  {
    name: 'a sharer takes the port of another',
    pools: ROOMY,
    services: {
      'default/a': { annotations: { [SHARE]: 'k', [IPS]: '192.0.2.8' } },
      'default/b': { annotations: { [SHARE]: 'k' }, spec: port(443) },
    },
    applied: [service('default/b', { annotations: { [SHARE]: 'k' }, spec: port(80) })],
    moves: true,
  },
  {
    name: 'a sharer changes its key',
    pools: ROOMY,
    services: {
      'default/a': { annotations: { [SHARE]: 'k' } },
      'default/b': { annotations: { [SHARE]: 'k' }, spec: port(443) },
    },
    applied: [service('default/b', { annotations: { [SHARE]: 'other' }, spec: port(443) })],
    moves: true,
  },
  {
    name: 'a sharer turns Local',
    pools: ROOMY,
    services: {
      'default/a': { annotations: { [SHARE]: 'k' } },
      'default/b': { annotations: { [SHARE]: 'k' }, spec: port(443) },
    },
    applied: [
      service('default/b', { annotations: { [SHARE]: 'k' }, spec: { ...port(443), externalTrafficPolicy: 'Local' } }),
    ],
    moves: true,
  },
  {
    name: 'a new Service of two families',
    pools: { first: [['192.0.2.8/29', '2001:db8::/126']] },
    services: { 'default/a': { spec: DUAL } },
    applied: [service('shop/new', { spec: DUAL })],
    moves: false,
  },
  {
    name: 'a pool and a Service that wants it, in one file',
    pools: ROOMY,
    services: TWO,
    applied: [service('shop/new', { annotations: { [POOL]: 'second' } }), pool('second', ['198.51.100.0/29'])],
    moves: false,
  },
]

export const PLAN_SETS: readonly PlanSet[] = [...POOL_SETS, ...SERVICE_SETS]
