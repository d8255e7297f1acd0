import assert from 'node:assert/strict'
import type { Patch } from '../api.ts'
import { CONFIG_MAPS } from '../resources.ts'
import { configMap, type ContractCase, gadget, type Gadget, GADGETS, refusal } from './subject.ts'

const MERGE_CASES: readonly ContractCase[] = [
  [
    'a merge patch sets fields, null removes them, the rest stays',
    async ({ api, namespace }) => {
      const { metadata } = await api().create(CONFIG_MAPS, configMap(namespace, 'merged', { keep: 'me' }))
      const body = { metadata: { annotations: { a: 'b' } }, data: { name: null, other: '1' } }
      const patched = await api().patch(CONFIG_MAPS, metadata, { kind: 'merge', body })
      assert.deepEqual(patched.data, { other: '1' })
      assert.deepEqual([patched.metadata.labels, patched.metadata.annotations], [{ keep: 'me' }, { a: 'b' }])
    },
  ],
  [
    'a merge patch with an outdated version is a Conflict',
    async ({ api, namespace }) => {
      const first = await api().create(CONFIG_MAPS, configMap(namespace, 'merge-raced'))
      await api().update(CONFIG_MAPS, { ...first, data: { by: 'the faster' } })
      const { resourceVersion } = first.metadata
      const body = { metadata: { resourceVersion }, data: { by: 'the slower' } }
      await assert.rejects(api().patch(CONFIG_MAPS, first.metadata, { kind: 'merge', body }), refusal(409, 'Conflict'))
    },
  ],
  [
    'a merge patch of the status leaves the spec alone',
    async ({ api, namespace }) => {
      const { metadata } = await api().create(GADGETS, gadget(namespace, 'merge-status', { a: 1 }))
      const body = { spec: { a: 2 }, status: { count: 5 } }
      const patched = await api().patch(GADGETS, metadata, { kind: 'merge', body, subresource: 'status' })
      assert.deepEqual([patched.spec, patched.status], [{ a: 1 }, { count: 5 }])
    },
  ],
  [
    'a merge patch of what is not there is NotFound',
    async ({ api, namespace }) => {
      const patch: Patch = { kind: 'merge', body: { data: {} } }
      await assert.rejects(api().patch(CONFIG_MAPS, { namespace, name: 'nobody' }, patch), refusal(404, 'NotFound'))
    },
  ],
]

function conditionsPatch(fieldManager: string, conditions: readonly Readonly<Record<string, string>>[]): Patch {
  return { kind: 'apply', body: { status: { conditions } }, subresource: 'status', fieldManager, force: true }
}

function typesOf({ status }: Gadget): readonly string[] {
  return (status?.conditions ?? []).map(({ type, status: value }) => `${type}=${value}`).toSorted()
}

const APPLY_CASES: readonly ContractCase[] = [
  [
    'apply lets each manager own its conditions, by type',
    async ({ api, namespace }) => {
      const { metadata } = await api().create(GADGETS, gadget(namespace, 'applied'))
      const apply = (patch: Patch): Promise<Gadget> => api().patch(GADGETS, metadata, patch)
      await apply(conditionsPatch('one', [{ type: 'A', status: 'True' }]))
      const both = await apply(
        conditionsPatch('two', [
          { type: 'B', status: 'True' },
          { type: 'C', status: 'True' },
        ]),
      )
      assert.deepEqual(typesOf(both), ['A=True', 'B=True', 'C=True'])
      const fewer = await apply(conditionsPatch('two', [{ type: 'B', status: 'False' }]))
      assert.deepEqual(typesOf(fewer), ['A=True', 'B=False'])
    },
  ],
  [
    'apply of the same again keeps the version',
    async ({ api, namespace }) => {
      const { metadata } = await api().create(GADGETS, gadget(namespace, 'applied-twice'))
      const patch = conditionsPatch('one', [{ type: 'A', status: 'True', reason: 'Fine', message: '' }])
      const first = await api().patch(GADGETS, metadata, patch)
      const second = await api().patch(GADGETS, metadata, patch)
      assert.equal(second.metadata.resourceVersion, first.metadata.resourceVersion)
    },
  ],
  [
    'apply to the status of what is not there is NotFound; apply of an object makes it',
    async ({ api, namespace }) => {
      const ref = { namespace, name: 'made-by-apply' }
      await assert.rejects(api().patch(GADGETS, ref, conditionsPatch('one', [])), refusal(404, 'NotFound'))
      const body = { spec: { a: 1 } }
      const made = await api().patch(GADGETS, ref, { kind: 'apply', body, fieldManager: 'one', force: true })
      assert.deepEqual([made.metadata.name, made.spec], ['made-by-apply', { a: 1 }])
    },
  ],
]

export const PATCH_CONTRACT: readonly ContractCase[] = [...MERGE_CASES, ...APPLY_CASES]
