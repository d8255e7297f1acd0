import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { nodeServes, servableEndpoints } from './endpoints.ts'
import type { Endpoint, EndpointSlice } from './kubernetes.ts'

const slice = (endpoints: readonly Endpoint[] | null | undefined, addressType = 'IPv4'): EndpointSlice => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { name: 'web-x' },
  addressType,
  ...(endpoints === undefined ? {} : { endpoints }),
})
const at = (nodeName: string, conditions?: Endpoint['conditions']): Endpoint => ({
  addresses: ['10.244.1.5'],
  nodeName,
  ...(conditions === undefined ? {} : { conditions }),
})

describe('an endpoint', () => {
  const CASES: readonly (readonly [name: string, conditions: Endpoint['conditions'] | undefined, servable: boolean])[] =
    [
      ['without conditions serves', undefined, true],
      ['with unknown readiness serves', {}, true],
      ['that is ready serves', { ready: true }, true],
      ['that is not ready does not', { ready: false }, false],
      ['that terminates but still serves counts', { ready: false, serving: true, terminating: true }, true],
      ['that terminates and serves no more does not', { ready: false, serving: false, terminating: true }, false],
      ['that is ready counts whatever serving says', { ready: true, serving: false }, true],
    ]
  for (const [name, conditions, servable] of CASES) {
    it(name, () => assert.equal(servableEndpoints([slice([at('n1', conditions)])]).length, servable ? 1 : 0))
  }
})

describe('servableEndpoints', () => {
  it('gathers all slices and all addresses, with the node where there is one', () => {
    const slices = [slice([at('n1')]), slice([{ addresses: ['192.0.2.9', '192.0.2.10'] }])]
    assert.deepEqual(servableEndpoints(slices), [
      { node: 'n1', address: '10.244.1.5' },
      { node: undefined, address: '192.0.2.9' },
      { node: undefined, address: '192.0.2.10' },
    ])
  })

  const EMPTY: readonly (readonly [name: string, slices: readonly EndpointSlice[]])[] = [
    ['no slices', []],
    ['a slice whose list is null', [slice(null)]],
    ['a slice without a list', [slice(undefined)]],
    ['an endpoint without an address', [slice([{ addresses: [], nodeName: 'n1' }])]],
    ['host names, which kube-proxy cannot reach', [slice([{ addresses: ['db.example.com'] }], 'FQDN')]],
  ]
  for (const [name, slices] of EMPTY) it(`finds none in ${name}`, () => assert.deepEqual(servableEndpoints(slices), []))
})

describe('nodeServes', () => {
  const ELSEWHERE = servableEndpoints([slice([at('n2')])])
  it('takes any endpoint under Cluster', () => assert.equal(nodeServes('Cluster', ELSEWHERE, 'n1'), true))
  it('needs one at all under Cluster', () => assert.equal(nodeServes('Cluster', [], 'n1'), false))
  it('needs one of its own under Local', () => {
    assert.equal(nodeServes('Local', ELSEWHERE, 'n1'), false)
    assert.equal(nodeServes('Local', ELSEWHERE, 'n2'), true)
  })
  it('has none of its own in manual endpoints without a node', () =>
    assert.equal(nodeServes('Local', servableEndpoints([slice([{ addresses: ['192.0.2.9'] }])]), 'n1'), false))
})
