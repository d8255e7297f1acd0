import assert from 'node:assert/strict'
import type { Service } from '@steelyard/model'
import type { Draft } from '../objects.ts'
import { CONFIG_MAPS, SERVICES } from '../resources.ts'
import { configMap, type ContractCase, gadget, GADGETS, refusal } from './subject.ts'

const CREATE_CASES: readonly ContractCase[] = [
  [
    'a new object gets uid, version and creation time, and is what get shows',
    async ({ api, namespace }) => {
      const created = await api().create(CONFIG_MAPS, configMap(namespace, 'new'))
      assert.match(created.metadata.uid ?? '', /^[0-9a-f-]{36}$/)
      assert.match(created.metadata.resourceVersion ?? '', /^\d+$/)
      assert.match(created.metadata.creationTimestamp ?? '', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
      assert.deepEqual(await api().get(CONFIG_MAPS, { namespace, name: 'new' }), created)
      assert.deepEqual([created.apiVersion, created.kind, created.data], ['v1', 'ConfigMap', { name: 'new' }])
    },
  ],
  [
    'generateName makes a name of its own each time',
    async ({ api, namespace }) => {
      const draft = { ...configMap(namespace, ''), metadata: { namespace, generateName: 'some-' } }
      const names = [await api().create(CONFIG_MAPS, draft), await api().create(CONFIG_MAPS, draft)].map(
        ({ metadata }) => metadata.name,
      )
      assert.ok(
        names.every((name) => /^some-[a-z0-9]{5}$/.test(name)),
        names.join(' '),
      )
      assert.notEqual(names[0], names[1])
    },
  ],
  [
    'a name that is taken is refused with AlreadyExists',
    async ({ api, namespace }) => {
      await api().create(CONFIG_MAPS, configMap(namespace, 'twice'))
      await assert.rejects(api().create(CONFIG_MAPS, configMap(namespace, 'twice')), refusal(409, 'AlreadyExists'))
    },
  ],
  [
    'what is not there is NotFound, in one line that names the call',
    async ({ api, namespace }) => {
      const missing = api().get(GADGETS, { namespace, name: 'nobody' })
      await assert.rejects(missing, refusal(404, 'NotFound'))
      const line = `get gadgets.contract.steelyard.dev ${namespace}/nobody: 404 NotFound: `
      await assert.rejects(missing, ({ message }: Error) => message.startsWith(line) && !message.includes('\n'))
    },
  ],
  [
    'text of all the world and the largest int64 come back as they went',
    async ({ api, namespace }) => {
      const text = 'Straße 東京 🚢 \u2028'
      await api().create(GADGETS, gadget(namespace, 'text', { text, count: 9223372036854775807n, small: 7n }))
      const { spec } = await api().get(GADGETS, { namespace, name: 'text' })
      assert.deepEqual(spec, { text, count: 9223372036854775807n, small: 7 })
    },
  ],
]

const UPDATE_CASES: readonly ContractCase[] = [
  [
    'an update moves the version on, and one of the spec the generation of a custom resource',
    async ({ api, namespace }) => {
      const first = await api().create(GADGETS, gadget(namespace, 'moves', { a: 1 }))
      const labelled = await api().update(GADGETS, { ...first, metadata: { ...first.metadata, labels: { x: 'y' } } })
      const changed = await api().update(GADGETS, { ...labelled, spec: { a: 2 } })
      assert.deepEqual(
        [first, labelled, changed].map(({ metadata }) => metadata.generation),
        [1, 1, 2],
      )
      const versions = [first, labelled, changed].map(({ metadata }) => Number(metadata.resourceVersion))
      assert.ok(
        versions.every((version, index) => index === 0 || version > (versions[index - 1] ?? 0)),
        versions.join(),
      )
    },
  ],
  [
    'an update of an outdated version is a Conflict, and changes nothing',
    async ({ api, namespace }) => {
      const first = await api().create(CONFIG_MAPS, configMap(namespace, 'raced'))
      await api().update(CONFIG_MAPS, { ...first, data: { by: 'the faster' } })
      await assert.rejects(
        api().update(CONFIG_MAPS, { ...first, data: { by: 'the slower' } }),
        refusal(409, 'Conflict'),
      )
      assert.deepEqual((await api().get(CONFIG_MAPS, first.metadata)).data, { by: 'the faster' })
    },
  ],
  [
    'an update that changes nothing keeps the version',
    async ({ api, namespace }) => {
      const first = await api().create(CONFIG_MAPS, configMap(namespace, 'same'))
      const again = await api().update(CONFIG_MAPS, first)
      assert.equal(again.metadata.resourceVersion, first.metadata.resourceVersion)
    },
  ],
  [
    'an update of what is gone is NotFound',
    async ({ api, namespace }) => {
      const first = await api().create(CONFIG_MAPS, configMap(namespace, 'gone'))
      await api().delete(CONFIG_MAPS, first.metadata)
      await assert.rejects(api().update(CONFIG_MAPS, first), refusal(404, 'NotFound'))
    },
  ],
]

const STATUS_CASES: readonly ContractCase[] = [
  [
    'a plain write leaves the status alone, a status write all else of a custom resource',
    async ({ api, namespace }) => {
      const status = { count: 1 }
      const created = await api().create(GADGETS, { ...gadget(namespace, 'halves', { a: 1 }), status })
      assert.equal(created.status, undefined)
      const labels = { x: 'y' }
      const withStatus = await api().updateStatus(GADGETS, {
        ...created,
        metadata: { ...created.metadata, labels },
        spec: { a: 2 },
        status,
      })
      assert.deepEqual([withStatus.status, withStatus.spec, withStatus.metadata.labels], [status, { a: 1 }, undefined])
      assert.equal(withStatus.metadata.generation, 1)
      const changed = await api().update(GADGETS, { ...withStatus, spec: { a: 3 }, status: { count: 2 } })
      assert.deepEqual([changed.status, changed.spec], [status, { a: 3 }])
    },
  ],
  [
    'a status write of a Service carries its annotations along, and leaves the spec',
    async ({ api, namespace }) => {
      const created = await api().create(SERVICES, service(namespace, 'balanced'))
      const status = { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } }
      const annotations = { 'metallb.io/ip-allocated-from-pool': 'first' }
      const written = await api().updateStatus(SERVICES, {
        ...created,
        metadata: { ...created.metadata, annotations },
        spec: { ...created.spec, externalTrafficPolicy: 'Local' },
        status,
      })
      assert.equal(written.status?.loadBalancer?.ingress?.[0]?.ip, '192.0.2.1')
      assert.deepEqual(written.metadata.annotations, annotations)
      assert.equal(written.spec?.externalTrafficPolicy, created.spec?.externalTrafficPolicy)
      const outdated = api().updateStatus(SERVICES, { ...created, status: {} })
      await assert.rejects(outdated, refusal(409, 'Conflict'))
    },
  ],
]

function service(namespace: string, name: string): Draft<Service> {
  const spec = { type: 'LoadBalancer', ports: [{ port: 80 }], externalTrafficPolicy: 'Cluster' }
  return { apiVersion: 'v1', kind: 'Service', metadata: { namespace, name }, spec }
}

const DELETE_CASES: readonly ContractCase[] = [
  [
    'delete takes away, and only once',
    async ({ api, namespace }) => {
      const { metadata } = await api().create(CONFIG_MAPS, configMap(namespace, 'short-lived'))
      await api().delete(CONFIG_MAPS, metadata)
      await assert.rejects(api().get(CONFIG_MAPS, metadata), refusal(404, 'NotFound'))
      await assert.rejects(api().delete(CONFIG_MAPS, metadata), refusal(404, 'NotFound'))
    },
  ],
  [
    'delete spares an object that is not the one meant',
    async ({ api, namespace }) => {
      const first = await api().create(CONFIG_MAPS, configMap(namespace, 'spared'))
      const uid = '11111111-1111-4111-8111-111111111111'
      await assert.rejects(api().delete(CONFIG_MAPS, first.metadata, { uid }), refusal(409, 'Conflict'))
      const { resourceVersion = '' } = first.metadata
      await api().update(CONFIG_MAPS, { ...first, data: {} })
      await assert.rejects(api().delete(CONFIG_MAPS, first.metadata, { resourceVersion }), refusal(409, 'Conflict'))
      await api().delete(CONFIG_MAPS, first.metadata, { uid: first.metadata.uid ?? '' })
    },
  ],
]

export const WRITE_CONTRACT: readonly ContractCase[] = [
  ...CREATE_CASES,
  ...UPDATE_CASES,
  ...STATUS_CASES,
  ...DELETE_CASES,
]
