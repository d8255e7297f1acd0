import assert from 'node:assert/strict'
import { CONFIG_MAPS } from '../resources.ts'
import { configMap, type ContractCase, type ContractSubject, gadget, GADGETS, refusal } from './subject.ts'

/** Five objects of a case's own, `e b d a c`, of which `a` and `b` are labelled early; the answer lists some of them. */
async function fiveObjects(
  { api, namespace }: ContractSubject,
  label: string,
): Promise<(scope: object) => Promise<string>> {
  for (const letter of ['e', 'b', 'd', 'a', 'c']) {
    const labels = { list: label, ...(letter < 'c' ? { early: 'true' } : {}) }
    await api().create(CONFIG_MAPS, configMap(namespace, `${label}-${letter}`, labels))
  }
  return async (scope) => {
    const { items } = await api().list(CONFIG_MAPS, { labelSelector: `list=${label}`, ...scope })
    return items.map(({ metadata }) => metadata.name.at(-1)).join('')
  }
}

export const LIST_CONTRACT: readonly ContractCase[] = [
  [
    'a list shows whole objects in order, and the version to watch from',
    async (subject) => {
      await fiveObjects(subject, 'whole')
      const { items, resourceVersion, ...rest } = await subject.api().list(CONFIG_MAPS, { labelSelector: 'list=whole' })
      assert.equal(items.map(({ metadata }) => metadata.name).join(), 'whole-a,whole-b,whole-c,whole-d,whole-e')
      assert.deepEqual([items[0]?.apiVersion, items[0]?.kind, items[0]?.data], ['v1', 'ConfigMap', { name: 'whole-a' }])
      assert.match(resourceVersion, /^\d+$/)
      assert.deepEqual(rest, {})
    },
  ],
  [
    'a list goes by page',
    async (subject) => {
      await fiveObjects(subject, 'paged')
      const page = { labelSelector: 'list=paged', limit: 2 }
      const first = await subject.api().list(CONFIG_MAPS, page)
      const second = await subject.api().list(CONFIG_MAPS, { ...page, continue: first.continue ?? '' })
      const third = await subject.api().list(CONFIG_MAPS, { ...page, continue: second.continue ?? '' })
      const pages = [first, second, third]
      assert.equal(pages.map(({ items }) => items.length).join(), '2,2,1')
      assert.equal(pages.map((one) => one.continue !== undefined).join(), 'true,true,false')
      assert.equal(new Set(pages.map(({ resourceVersion }) => resourceVersion)).size, 1)
    },
  ],
  [
    'a list selects by namespace, label and name',
    async (subject) => {
      const names = await fiveObjects(subject, 'select')
      const { namespace } = subject
      assert.equal(await names({ namespace: 'nowhere' }), '')
      assert.equal(await names({ labelSelector: 'list=select,early=true' }), 'ab')
      assert.equal(await names({ labelSelector: 'list=select,early!=true' }), 'cde')
      assert.equal(await names({ labelSelector: 'list=select,!early' }), 'cde')
      assert.equal(await names({ labelSelector: 'list=select,early' }), 'ab')
      assert.equal(await names({ namespace, fieldSelector: 'metadata.name=select-d' }), 'd')
      assert.equal(await names({ fieldSelector: 'metadata.name!=select-d' }), 'abce')
    },
  ],
  [
    'a page that has become too old is refused as Expired',
    async ({ api, namespace, forget }) => {
      for (const name of ['x', 'y']) await api().create(GADGETS, gadget(namespace, `page-${name}`))
      const first = await api().list(GADGETS, { namespace, limit: 1 })
      await api().create(GADGETS, gadget(namespace, 'page-z'))
      await forget()
      const next = api().list(GADGETS, { namespace, limit: 1, continue: first.continue ?? '' })
      await assert.rejects(next, refusal(410, 'Expired'))
    },
  ],
]
