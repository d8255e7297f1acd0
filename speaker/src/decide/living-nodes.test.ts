import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { drainOf, MAINTENANCE_ANNOTATION } from './drain.ts'
import { livingNodes } from './living-nodes.ts'

type Status = Parameters<typeof livingNodes>[0]['members'][number]['status']
const living = (members: Record<string, Status>, ready: string[] = [], isOn = true) => {
  const found = livingNodes({
    self: 'n1',
    isOn,
    members: Object.entries(members).map(([node, status]) => ({
      node,
      status,
      since: 0,
      incarnation: 0,
      recordVersion: 0,
      indirect: false,
    })),
    knownNodes: ['n1', 'n2', 'n3'],
    readySpeakers: new Set(ready),
  })
  return { living: [...found.living].sort(), isDeaf: found.isDeaf }
}

describe('who counts as alive', () => {
  it('this node and those that are heard, suspects too', () => {
    assert.deepEqual(living({ n2: 'alive', n3: 'suspect' }).living, ['n1', 'n2', 'n3'])
  })
  it('not the dead, nor those that left', () => {
    assert.deepEqual(living({ n2: 'dead', n3: 'left' }, ['n2', 'n3']), { living: ['n1'], isDeaf: false })
  })
  it('not who was never heard while others are, whatever the API says', () => {
    assert.deepEqual(living({ n2: 'alive', n3: 'unknown' }, ['n2', 'n3']).living, ['n1', 'n2'])
  })
  it('while nobody was ever heard, those whose Pods are Ready: a firewall must not have every node take everything', () => {
    assert.deepEqual(living({ n2: 'unknown', n3: 'unknown' }, ['n1', 'n2']), { living: ['n1', 'n2'], isDeaf: true })
  })
  it('nobody else where there is no other speaker', () => {
    assert.deepEqual(living({ n2: 'unknown' }, ['n1']), { living: ['n1'], isDeaf: false })
  })
  it('without membership, every known node', () => {
    assert.deepEqual(living({}, [], false).living, ['n1', 'n2', 'n3'])
  })
})

describe('drainOf', () => {
  const node = (annotations: Record<string, string>, unschedulable = false) => ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'n1', annotations },
    ...(unschedulable ? { spec: { unschedulable } } : {}),
  })
  const cases: [name: string, node: ReturnType<typeof node> | undefined, drainUnschedulable: boolean, drain: string][] =
    [
      ['nothing at rest', node({}), true, 'none'],
      ['maintenance by the annotation', node({ [MAINTENANCE_ANNOTATION]: 'true' }), false, 'paced'],
      ['also by an empty one', node({ [MAINTENANCE_ANNOTATION]: '' }), false, 'paced'],
      ['not by one that says false', node({ [MAINTENANCE_ANNOTATION]: 'false' }), false, 'none'],
      ['not for a cordoned node, as with MetalLB', node({}, true), false, 'none'],
      ['for a cordoned node where the policy says so', node({}, true), true, 'paced'],
      ['nothing while the Node is not known', undefined, true, 'none'],
    ]
  for (const [name, one, drainUnschedulable, drain] of cases) {
    it(name, () => assert.equal(drainOf(one, { drainUnschedulable }), drain))
  }
})
