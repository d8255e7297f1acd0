import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Service, viewService } from '@steelyard/model'
import { exampleService } from '../testing/examples.ts'
import { shows } from './outcome.ts'
import { storing } from './stored-service.ts'

const ANNOTATIONS = { 'example.com/theirs': 'kept', 'metallb.io/ip-allocated-from-pool': 'old' }

function withStatus(status: object): Service {
  return { ...exampleService('default/web', { annotations: ANNOTATIONS, labels: { tier: 'gold' } }), status }
}

describe('the object that is stored', () => {
  const before = withStatus({ conditions: [{ type: 'theirs' }], loadBalancer: { ingress: [{ ip: '10.0.0.1' }] } })

  it('carries status and annotation, and all else as it was', () => {
    assert.deepEqual(storing(before, { addresses: ['fd00::1', '10.0.0.1'], pool: 'new' }), {
      ...before,
      metadata: {
        ...before.metadata,
        annotations: { 'example.com/theirs': 'kept', 'metallb.io/ip-allocated-from-pool': 'new' },
      },
      status: { ...before.status, loadBalancer: { ingress: [{ ip: 'fd00::1' }, { ip: '10.0.0.1' }] } },
    })
  })

  it('has neither ingress nor our annotation once it is cleared', () => {
    assert.deepEqual(storing(before, { addresses: [] }), {
      ...before,
      metadata: { ...before.metadata, annotations: { 'example.com/theirs': 'kept' } },
      status: { ...before.status, loadBalancer: {} },
    })
  })

  const entries: [name: string, ingress: object, isShown: boolean][] = [
    ['an entry with the address alone', { ip: '10.0.0.1' }, true],
    ['an entry with an empty list of ports', { ip: '10.0.0.1', ports: [] }, true],
    ['an entry with ports', { ip: '10.0.0.1', ports: [{ port: 80, protocol: 'TCP' }] }, false],
    ['an entry with a host name', { ip: '10.0.0.1', hostname: 'web.example' }, false],
    ['an address in another spelling', { ip: '10.0.0.01' }, false],
  ]
  for (const [name, entry, isShown] of entries) {
    it(`is written ${isShown ? 'no more' : 'again'} where the status has ${name}`, () => {
      const view = viewService(withStatus({ loadBalancer: { ingress: [entry] } }))
      assert.equal(shows(view, { addresses: ['10.0.0.1'], pool: 'old' }), isShown)
    })
  }
})
