import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { formatAddress } from '@steelyard/net'
import type { Service } from './kubernetes.ts'
import { type ServiceView, viewService } from './service.ts'

const WEB: Service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: {
    name: 'web',
    namespace: 'shop',
    uid: '77',
    creationTimestamp: '2026-05-01T10:00:00Z',
    labels: { app: 'web' },
    annotations: { note: 'x' },
  },
  spec: {
    type: 'LoadBalancer',
    clusterIP: '10.96.0.1',
    clusterIPs: ['10.96.0.1', 'fd00::1'],
    ipFamilies: ['IPv4', 'IPv6'],
    ipFamilyPolicy: 'PreferDualStack',
    ports: [{ port: 80 }, { port: 53, protocol: 'UDP', name: 'dns' }],
    selector: { app: 'web' },
    externalTrafficPolicy: 'Local',
    loadBalancerIP: '192.0.2.1',
    loadBalancerClass: 'example.com/lb',
  },
  status: { loadBalancer: { ingress: [{ ip: '192.0.2.1' }, { hostname: 'lb.example.com' }] } },
}
const withSpec = (spec: Service['spec'] | undefined): Service => ({
  ...WEB,
  ...(spec === undefined ? { spec: {} } : { spec: { ...WEB.spec, ...spec } }),
})
const BARE: Service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'bare' } }

describe('viewService', () => {
  it('takes over what a full Service says', () => {
    const { clusterIps, ...view } = viewService(WEB)
    assert.deepEqual(view, {
      key: 'shop/web',
      namespace: 'shop',
      name: 'web',
      uid: '77',
      createdAt: '2026-05-01T10:00:00Z',
      deleting: false,
      labels: { app: 'web' },
      annotations: { note: 'x' },
      isLoadBalancer: true,
      loadBalancerClass: 'example.com/lb',
      primaryFamily: 4,
      familyPolicy: 'PreferDualStack',
      trafficPolicy: 'Local',
      selector: { app: 'web' },
      ports: [
        { port: 80, protocol: 'TCP' },
        { port: 53, protocol: 'UDP', name: 'dns' },
      ],
      specLoadBalancerIp: '192.0.2.1',
      ingress: [{ ip: '192.0.2.1' }, { hostname: 'lb.example.com' }],
    })
    assert.deepEqual(clusterIps.map(formatAddress), ['10.96.0.1', 'fd00::1'])
  })

  it('fills in what an almost empty Service leaves out', () => {
    assert.deepEqual(viewService(BARE), {
      key: '/bare',
      namespace: '',
      name: 'bare',
      uid: '',
      createdAt: '',
      deleting: false,
      labels: {},
      annotations: {},
      isLoadBalancer: false,
      loadBalancerClass: undefined,
      clusterIps: [],
      primaryFamily: 4,
      familyPolicy: 'SingleStack',
      trafficPolicy: 'Cluster',
      selector: {},
      ports: [],
      specLoadBalancerIp: undefined,
      ingress: [],
    })
  })

  const CASES: readonly (readonly [name: string, service: Service, expected: Partial<ServiceView>])[] = [
    [
      'a headless Service has no cluster address',
      withSpec({ clusterIP: 'None', clusterIPs: ['None'] }),
      { clusterIps: [] },
    ],
    ['the empty cluster address of ExternalName is none', withSpec({ clusterIPs: [''] }), { clusterIps: [] }],
    [
      'clusterIP counts where clusterIPs is absent',
      { ...BARE, spec: { clusterIP: '10.96.0.9' } },
      { clusterIps: [{ family: 4, words: [0x0a600009] }] },
    ],
    ['the first family is the primary one', withSpec({ ipFamilies: ['IPv6', 'IPv4'] }), { primaryFamily: 6 }],
    [
      'without families IPv4 is primary, even on an IPv6 cluster address',
      { ...BARE, spec: { clusterIPs: ['fd00::1'] } },
      { primaryFamily: 4 },
    ],
    [
      'RequireDualStack is known',
      withSpec({ ipFamilyPolicy: 'RequireDualStack' }),
      { familyPolicy: 'RequireDualStack' },
    ],
    ['an empty loadBalancerIP asks for nothing', withSpec({ loadBalancerIP: '' }), { specLoadBalancerIp: undefined }],
    ['a ClusterIP Service is no load balancer', withSpec({ type: 'ClusterIP' }), { isLoadBalancer: false }],
    [
      'a Service on its way out says so',
      { ...WEB, metadata: { ...WEB.metadata, deletionTimestamp: '2026-05-02T10:00:00Z' } },
      { deleting: true },
    ],
    ['a status without a list has no ingress', { ...WEB, status: { loadBalancer: {} } }, { ingress: [] }],
  ]
  for (const [name, service, expected] of CASES) {
    it(name, () => assert.partialDeepStrictEqual(viewService(service), expected))
  }

  it('holds no reference into the object it came from', () => {
    const service = structuredClone(WEB)
    const view = viewService(service)
    const before = structuredClone(view)
    const wreck = (value: unknown): void => {
      if (typeof value !== 'object' || value === null) return
      for (const key of Object.keys(value)) {
        wreck(Reflect.get(value, key))
        Reflect.set(value, key, 'wrecked')
      }
    }
    wreck(service)
    assert.deepEqual(view, before)
  })
})
