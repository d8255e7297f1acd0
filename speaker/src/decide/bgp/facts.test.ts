import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { viewService } from '@steelyard/model'
import { parseAddress } from '@steelyard/net'
import { service } from '../../testing/objects.ts'
import type { Addressed } from '../addresses.ts'
import { bgpFacts } from './facts.ts'

const ADDRESSED: Addressed = {
  kind: 'addressed',
  pool: 'one',
  addresses: [{ ip: '203.0.113.1', address: parseAddress('203.0.113.1')! }],
}
const view = viewService(service('web', { labels: { app: 'web' }, spec: { externalTrafficPolicy: 'Local' } }))

describe('what announcing to routers starts from', () => {
  it('counts the backends of this node by family, each once', () => {
    const endpoints = [
      { node: 'n1', address: '10.0.0.1' },
      { node: 'n1', address: '10.0.0.1' },
      { node: 'n1', address: '10.0.0.2' },
      { node: 'n1', address: 'fd00::1' },
      { node: 'n2', address: '10.0.0.3' },
      { node: undefined, address: '10.0.0.4' },
    ]
    assert.deepEqual(bgpFacts(view, endpoints, ADDRESSED, 'n1'), {
      kind: 'addressed',
      key: 'shop/web',
      pool: 'one',
      addresses: ADDRESSED.addresses,
      ips: ['203.0.113.1'],
      labels: { app: 'web' },
      trafficPolicy: 'Local',
      hasEndpoints: true,
      local: { 4: 2, 6: 1 },
    })
  })
  it('is why it has no address, where it has none', () => {
    const why = { kind: 'withdrawn', reason: 'noIPAllocated', message: 'empty' } as const
    assert.deepEqual(bgpFacts(view, [], why, 'n1'), { kind: 'withdrawn', key: 'shop/web', why })
  })
})
