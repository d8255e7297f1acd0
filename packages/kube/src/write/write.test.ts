import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ConfigMap } from '@steelyard/model'
import { ApiError } from '../api-error.ts'
import { memoryApi, type MemoryApi } from '../memory/memory-api.ts'
import { CONFIG_MAPS, CONFIGURATION_STATES, SERVICES } from '../resources.ts'
import { applyStatus, mergePatch, updateWithRetry } from './write.ts'

const ref = { namespace: 'a', name: 'x' }

function withCounter(): { api: MemoryApi; first: ConfigMap } {
  const api = memoryApi()
  const first = api.cluster.put(CONFIG_MAPS, { apiVersion: 'v1', kind: 'ConfigMap', metadata: ref, data: { n: '0' } })
  return { api, first }
}

function counted(object: ConfigMap): ConfigMap {
  return { ...object, data: { ...object.data, n: String(Number(object.data?.['n']) + 1) } }
}

function counter(api: MemoryApi): string | undefined {
  return api.cluster.read(CONFIG_MAPS, ref)?.data?.['n']
}

describe('updateWithRetry', () => {
  it('reads, changes and writes', async () => {
    const { api } = withCounter()
    const stored = await updateWithRetry(api, { resource: CONFIG_MAPS, ref, change: counted })
    assert.equal(stored.data?.['n'], '1')
    assert.deepEqual(
      api.calls.map(({ verb }) => verb),
      ['get', 'update'],
    )
  })

  it('starts from what is known, without a read', async () => {
    const { api, first } = withCounter()
    await updateWithRetry(api, { resource: CONFIG_MAPS, ref, change: counted, known: first })
    assert.deepEqual(
      api.calls.map(({ verb }) => verb),
      ['update'],
    )
  })

  it('writes nothing when nothing is to be changed', async () => {
    const { api, first } = withCounter()
    await updateWithRetry(api, { resource: CONFIG_MAPS, ref, change: () => undefined, known: first })
    await updateWithRetry(api, { resource: CONFIG_MAPS, ref, change: (object) => object, known: first })
    assert.deepEqual(api.calls, [])
  })

  it('decides anew from what the server has when somebody else was faster', async () => {
    const { api, first } = withCounter()
    api.cluster.put(CONFIG_MAPS, { ...first, data: { n: '41' } })
    await updateWithRetry(api, { resource: CONFIG_MAPS, ref, change: counted, known: first })
    assert.equal(counter(api), '42')
  })

  it('loses none of ten increments made at once', async () => {
    const { api, first } = withCounter()
    const other = memoryApi({ cluster: api.cluster })
    const increment = (known: ConfigMap): Promise<unknown> =>
      updateWithRetry(other, { resource: CONFIG_MAPS, ref, change: counted, known })
    await Promise.all([increment(first), increment(first), increment(first), increment(first)])
    assert.equal(counter(api), '4')
  })

  it('gives a quarrel up after five conflicts in a row', async () => {
    const { api } = withCounter()
    api.faults.failNext(100, { status: 409, reason: 'Conflict' }, ({ verb }) => verb === 'update')
    await assert.rejects(updateWithRetry(api, { resource: CONFIG_MAPS, ref, change: counted }), /409 Conflict/)
    assert.equal(api.writes().length, 6)
  })

  it('passes every other failure on at once', async () => {
    const { api } = withCounter()
    api.faults.failNext(1, { status: 403, reason: 'Forbidden' }, ({ verb }) => verb === 'update')
    await assert.rejects(updateWithRetry(api, { resource: CONFIG_MAPS, ref, change: counted }), ApiError)
    assert.equal(api.writes().length, 1)
  })

  it('writes status and annotation of a Service in one PUT to its status', async () => {
    const api = memoryApi()
    api.cluster.put(SERVICES, { apiVersion: 'v1', kind: 'Service', metadata: ref, spec: { type: 'LoadBalancer' } })
    const status = { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } }
    await updateWithRetry(api, {
      resource: SERVICES,
      ref,
      subresource: 'status',
      change: (service) => ({ ...service, metadata: { ...service.metadata, annotations: { pool: 'first' } }, status }),
    })
    const stored = api.cluster.read(SERVICES, ref)
    assert.deepEqual(stored?.status, status)
    assert.deepEqual(stored?.metadata.annotations, { pool: 'first' })
  })
})

describe('mergePatch and applyStatus', () => {
  it('a merge patch sets and removes single fields', async () => {
    const { api } = withCounter()
    await mergePatch(api, { resource: CONFIG_MAPS, ref, body: { data: { n: null, m: '1' } } })
    assert.deepEqual(api.cluster.read(CONFIG_MAPS, ref)?.data, { m: '1' })
  })

  it('each field manager owns its own condition', async () => {
    const api = memoryApi()
    const state = { namespace: 'metallb-system', name: 'controller' }
    api.cluster.put(CONFIGURATION_STATES, {
      apiVersion: 'metallb.io/v1beta1',
      kind: 'ConfigurationState',
      metadata: state,
    })
    const apply = (fieldManager: string, types: readonly string[]): Promise<unknown> =>
      applyStatus(api, {
        resource: CONFIGURATION_STATES,
        ref: state,
        status: { conditions: types.map((type) => ({ type, status: 'True' })) },
        fieldManager,
      })
    await apply('poolReconciler', ['poolReconcilerValid'])
    await apply('configReconciler', ['configReconcilerValid', 'extra'])
    await apply('configReconciler', ['configReconcilerValid'])
    const conditions = api.cluster.read(CONFIGURATION_STATES, state)?.status?.conditions ?? []
    assert.deepEqual(
      conditions.map(({ type }) => type),
      ['poolReconcilerValid', 'configReconcilerValid'],
    )
  })
})
