import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ConfigObject } from '@steelyard/kube'
import { type Node, servableEndpoints, type Service, viewService } from '@steelyard/model'
import { MAINTENANCE_ANNOTATION } from './drain.ts'
import { l2Status, namespaceObject, node, pool, service, slice, speakerPod } from '../testing/objects.ts'
import {
  isNetworkUnavailable,
  isReadyNode,
  sameConfigObject,
  sameNode,
  sameSecret,
  sameServingNodes,
  trimEndpointSlice,
  trimNamespace,
  trimNode,
  trimPod,
  trimSecret,
  trimService,
  trimStatus,
} from './cluster-objects.ts'

const grown = <T extends { metadata: object }>(object: T): T => ({
  ...object,
  metadata: { ...object.metadata, resourceVersion: '7', managedFields: [{ manager: 'kubectl' }] },
})

describe('what is kept of a Service', () => {
  const whole: Service = grown(
    service('web', {
      ips: ['192.0.2.1'],
      labels: { tier: 'gold' },
      annotations: {
        'kubectl.kubernetes.io/last-applied-configuration': '{}',
        'metallb.io/allow-shared-ip': '',
        'metallb.universe.tf/address-pool': 'x',
      },
      spec: {
        externalTrafficPolicy: 'Local',
        loadBalancerClass: 'a/b',
        selector: { app: 'web' },
        ports: [{ port: 80 }],
      },
    }),
  )
  it('is all that decisions look at', () => {
    const full = viewService(whole)
    const kept = viewService(trimService(whole))
    for (const field of [
      'key',
      'uid',
      'createdAt',
      'labels',
      'isLoadBalancer',
      'loadBalancerClass',
      'trafficPolicy',
      'ingress',
    ] as const) {
      assert.deepEqual(kept[field], full[field], field)
    }
    assert.deepEqual(Object.keys(kept.annotations), ['metallb.io/allow-shared-ip', 'metallb.universe.tf/address-pool'])
    assert.equal(trimService(whole).metadata.resourceVersion, '7')
  })
  it('is next to nothing of one that is no LoadBalancer', () => {
    const other = { ...whole, spec: { ...whole.spec, type: 'ClusterIP' } }
    assert.deepEqual(trimService(other), {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web', namespace: 'shop', uid: 'uid-shop-web', resourceVersion: '7' },
      spec: { type: 'ClusterIP' },
    })
  })
})

describe('what is kept of an EndpointSlice', () => {
  const many = slice('web', ['n2', 'n1', 'n2', undefined, 'n1'])
  it('is one servable endpoint of each node, without and with one', () => {
    assert.deepEqual(servableEndpoints([trimEndpointSlice(many, 'n9')]), [
      { node: undefined, address: '10.244.0.4' },
      { node: 'n1', address: '10.244.0.2' },
      { node: 'n2', address: '10.244.0.1' },
    ])
  })
  it('is all of the own node, for their number counts', () => {
    assert.deepEqual(servableEndpoints([trimEndpointSlice(many, 'n1')]), [
      { node: undefined, address: '10.244.0.4' },
      { node: 'n1', address: '10.244.0.5' },
      { node: 'n1', address: '10.244.0.2' },
      { node: 'n2', address: '10.244.0.1' },
    ])
  })
  it('says something else with more endpoints on the own node', () => {
    const [one, two] = [slice('web', ['n1', 'n2']), slice('web', ['n1', 'n2', 'n1'])]
    assert.equal(sameServingNodes(trimEndpointSlice(one, 'n1'), trimEndpointSlice(two, 'n1')), false)
    assert.equal(sameServingNodes(trimEndpointSlice(one, 'n3'), trimEndpointSlice(two, 'n3')), true)
  })
  it('is none that does not serve', () => {
    assert.deepEqual(trimEndpointSlice(slice('web', ['n1'], { ready: false }), 'n9').endpoints, [])
  })
  const changes: [name: string, other: ReturnType<typeof slice>, same: boolean][] = [
    ['more endpoints on the same nodes', slice('web', ['n1', 'n1', 'n2', undefined]), true],
    ['a node less', slice('web', ['n1', undefined]), false],
    [
      'endpoints that begin to terminate and serve',
      slice('web', ['n1', 'n2', undefined], { ready: false, serving: true }),
      true,
    ],
    ['none at all', slice('web', []), false],
  ]
  for (const [name, other, same] of changes) {
    it(`${same ? 'says the same with' : 'says something else with'} ${name}`, () => {
      assert.equal(sameServingNodes(trimEndpointSlice(many, 'n9'), trimEndpointSlice(other, 'n9')), same)
    })
  }
})

describe('what is kept of a Node', () => {
  const whole = node('n1', { rack: 'a' }, { MemoryPressure: 'False', NetworkUnavailable: 'True' })
  it('is its labels and the two conditions that count', () => {
    const kept = trimNode(grown(whole))
    assert.deepEqual(kept.status?.conditions, [
      { type: 'Ready', status: 'True' },
      { type: 'NetworkUnavailable', status: 'True' },
    ])
    assert.deepEqual([isReadyNode(kept), isNetworkUnavailable(kept)], [true, true])
  })
  it('is Ready when nothing says otherwise', () => {
    assert.ok(isReadyNode({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'bare' } }))
    assert.ok(!isReadyNode(node('n1', {}, { Ready: 'Unknown' })))
  })
  const changes: [name: string, other: Node | undefined, same: boolean][] = [
    ['a heartbeat', node('n1', { rack: 'a' }, { MemoryPressure: 'True', NetworkUnavailable: 'True' }), true],
    ['a changed label', node('n1', { rack: 'b' }, { NetworkUnavailable: 'True' }), false],
    ['one more label', node('n1', { rack: 'a', more: '' }, { NetworkUnavailable: 'True' }), false],
    ['a network that is there', node('n1', { rack: 'a' }), false],
    ['the end of Ready', node('n1', { rack: 'a' }, { Ready: 'False', NetworkUnavailable: 'True' }), false],
    ['its deletion', undefined, false],
    [
      'maintenance',
      { ...whole, metadata: { ...whole.metadata, annotations: { [MAINTENANCE_ANNOTATION]: '' } } },
      false,
    ],
    ['another annotation', { ...whole, metadata: { ...whole.metadata, annotations: { note: 'x' } } }, true],
    ['being cordoned', { ...whole, spec: { unschedulable: true } }, false],
    [
      'another address',
      { ...whole, status: { ...whole.status, addresses: [{ type: 'InternalIP', address: '10.0.0.9' }] } },
      false,
    ],
  ]
  it('keeps what tells maintenance, and the addresses that speakers reach each other by', () => {
    const addresses = [
      { type: 'InternalIP', address: '10.0.0.1' },
      { type: 'Hostname', address: 'n1' },
    ]
    const annotations = { [MAINTENANCE_ANNOTATION]: 'true', other: 'x' }
    const kept = trimNode({ ...whole, metadata: { ...whole.metadata, annotations }, status: { addresses } })
    assert.deepEqual(kept.metadata.annotations, { [MAINTENANCE_ANNOTATION]: 'true' })
    assert.deepEqual(kept.status?.addresses, [{ type: 'InternalIP', address: '10.0.0.1' }])
  })
  for (const [name, other, same] of changes)
    it(`${same ? 'ignores' : 'sees'} ${name}`, () => assert.equal(sameNode(whole, other), same))
})

describe('what is kept of the rest', () => {
  it('is name, labels, node and readiness of a Pod', () => {
    const kept = trimPod(grown(speakerPod('n1')))
    assert.deepEqual(kept, { ...speakerPod('n1'), metadata: { ...speakerPod('n1').metadata, resourceVersion: '7' } })
  })
  it('is name and labels of a Namespace', () => {
    assert.deepEqual(trimNamespace(grown(namespaceObject('a'))).metadata, {
      name: 'a',
      labels: {},
      resourceVersion: '7',
    })
  })

  it('is all of a status object but what the API server notes for itself', () => {
    const status = l2Status('l2-a', 'web', 'n1')
    const noted = { ...status, metadata: { ...status.metadata, generateName: 'l2-', generation: 1, managedFields: [] } }
    assert.deepEqual(trimStatus(noted), status)
  })

  const secret = (type: string, data: Record<string, string>) => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 's', namespace: 'metallb-system' },
    type,
    data,
  })
  it('is the password of a Secret for us, and of others only their type', () => {
    assert.deepEqual(trimSecret(secret('kubernetes.io/basic-auth', { password: 'eA==' })).data, { password: 'eA==' })
    assert.deepEqual(trimSecret(secret('helm.sh/release.v1', { release: 'xxx' })), {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 's', namespace: 'metallb-system' },
      type: 'helm.sh/release.v1',
    })
  })
  it('tells a changed Secret from one that only has a new version', () => {
    const one = secret('kubernetes.io/basic-auth', { password: 'eA==' })
    assert.ok(sameSecret(one, grown(one)))
    assert.ok(!sameSecret(one, secret('kubernetes.io/basic-auth', { password: 'eQ==' })))
    assert.ok(!sameSecret(one, undefined))
  })

  const generation = (count: number | undefined, parts: Partial<ConfigObject['metadata']> = {}): ConfigObject => {
    const { metadata, ...rest } = pool('a', ['192.0.2.0/24'])
    return { ...rest, metadata: { ...metadata, ...(count === undefined ? {} : { generation: count }), ...parts } }
  }
  const changes: [name: string, now: ConfigObject | undefined, same: boolean][] = [
    ['a written status', generation(1, { resourceVersion: '9' }), true],
    ['a changed spec', generation(2), false],
    ['changed labels', generation(1, { labels: { zone: 'a' } }), false],
    ['another object of the name', generation(1, { uid: 'other' }), false],
    ['its deletion', undefined, false],
  ]
  for (const [name, now, same] of changes) {
    it(`${same ? 'ignores' : 'sees'} ${name} of a configuration object`, () =>
      assert.equal(sameConfigObject(now, generation(1)), same))
  }
  it('sees any change of an object that does not count its generations', () => {
    assert.ok(!sameConfigObject(generation(undefined), generation(undefined)))
  })
})
