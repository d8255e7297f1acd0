import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { KINDS, LABELS } from '../names.ts'
import { sampleObject } from '../sample-objects.ts'
import { readServiceBgpStatus } from './service-bgp-status.ts'
import { readServiceL2Status } from './service-l2-status.ts'

const STATUS = { node: 'n1', serviceName: 'web', serviceNamespace: 'shop' }
const OTHER_LABELS = { [LABELS.node]: 'n2', [LABELS.serviceName]: 'db', [LABELS.serviceNamespace]: 'bank' }
const object = (status: unknown, labels = {}): object => ({
  ...sampleObject(KINDS.serviceL2Status, 'l2-x', undefined, labels),
  ...(status === undefined ? {} : { status }),
})

describe('readServiceL2Status', () => {
  it('takes over what is written', () =>
    assert.deepEqual(readServiceL2Status(object({ ...STATUS, interfaces: [{ name: 'eth0' }, { name: 'eth1' }] })), {
      ok: true,
      value: { name: 'l2-x', ...STATUS, interfaces: ['eth0', 'eth1'] },
    }))
  it('goes by the labels until the status is written', () =>
    assert.deepEqual(readServiceL2Status(object(undefined, OTHER_LABELS)), {
      ok: true,
      value: { name: 'l2-x', node: 'n2', serviceName: 'db', serviceNamespace: 'bank', interfaces: [] },
    }))
  it('believes the status before the labels', () =>
    assert.partialDeepStrictEqual(readServiceL2Status(object(STATUS, OTHER_LABELS)), { ok: true, value: STATUS }))
  it('tells what can be known from neither', () => {
    const read = readServiceL2Status(object({ node: 'n1' }))
    assert.deepEqual(read, {
      ok: false,
      problems: [
        {
          object: 'ServiceL2Status l2-x',
          path: 'status',
          message: 'found no serviceName, serviceNamespace, nor a label in its place; accepted: a node and a Service',
        },
      ],
    })
  })
  it('tells an interface without a name', () => {
    const read = readServiceL2Status(object({ ...STATUS, interfaces: [{}] }))
    assert.deepEqual(read.ok ? [] : read.problems.map(({ path }) => path), ['status.interfaces[0].name'])
  })
})

describe('readServiceBgpStatus', () => {
  it('takes over what is written', () =>
    assert.deepEqual(readServiceBgpStatus(object({ ...STATUS, peers: ['tor-1', 'tor-2'] })), {
      ok: true,
      value: { name: 'l2-x', ...STATUS, peers: ['tor-1', 'tor-2'] },
    }))
  it('goes by the labels until the status is written', () =>
    assert.partialDeepStrictEqual(readServiceBgpStatus(object(undefined, OTHER_LABELS)), {
      ok: true,
      value: { node: 'n2', peers: [] },
    }))
  it('tells what is no list of peers', () => {
    const read = readServiceBgpStatus(object({ ...STATUS, peers: 'tor-1' }))
    assert.deepEqual(read.ok ? [] : read.problems.map(({ path }) => path), ['status.peers'])
  })
})
