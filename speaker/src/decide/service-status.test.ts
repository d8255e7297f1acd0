import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  claimant,
  L2_STATUS,
  BGP_STATUS,
  statusDraft,
  type StatusObject,
  type StatusWish,
  statusWrites,
} from './service-status.ts'

const OWNER = { apiVersion: 'v1', kind: 'Pod', name: 'speaker-n1', uid: 'pod-1' }
const LABELS = {
  'metallb.io/node': 'n1',
  'metallb.io/service-name': 'web',
  'metallb.io/service-namespace': 'shop',
}
const wish = (parts: Partial<StatusWish> = {}): StatusWish => ({
  node: 'n1',
  namespace: 'shop',
  name: 'web',
  detail: { interfaces: [] },
  owner: OWNER,
  ...parts,
})
const on = (...interfaces: string[]): StatusWish => wish({ detail: L2_STATUS.detailOf({ interfaces }) })
const NOT_ANNOUNCED = wish({ detail: undefined })

type Parts = {
  node?: string | undefined
  labels?: Record<string, string>
  interfaces?: string[]
  owner?: string
  createdAt?: string
  deleting?: boolean
}
const object = (name: string, parts: Parts = {}): StatusObject => {
  const {
    node = 'n1',
    labels = { ...LABELS, 'metallb.io/node': node },
    interfaces = [],
    owner = 'pod-1',
    createdAt = '2026-01-01T00:00:00Z',
  } = parts
  const status = {
    node,
    serviceName: 'web',
    serviceNamespace: 'shop',
    interfaces: interfaces.map((one) => ({ name: one })),
  }
  return {
    apiVersion: 'metallb.io/v1beta1',
    kind: 'ServiceL2Status',
    metadata: {
      name,
      namespace: 'metallb-system',
      uid: `uid-${name}`,
      creationTimestamp: createdAt,
      labels,
      ownerReferences: [{ ...OWNER, uid: owner }],
      ...(parts.deleting === true ? { deletionTimestamp: createdAt } : {}),
    },
    ...('node' in parts && parts.node === undefined ? {} : { status }),
  }
}
const shortOf = (writes: ReturnType<typeof statusWrites>): string[] =>
  writes.map((write) => (write.kind === 'create' ? 'create' : `${write.kind} ${write.name}`))

describe('statusWrites', () => {
  const cases: [name: string, wish: StatusWish, objects: StatusObject[], writes: string[]][] = [
    ['makes the first', wish(), [], ['create']],
    ['leaves a right one alone', wish(), [object('a')], []],
    ['writes the interfaces anew', on('eth1'), [object('a')], ['status a']],
    ['leaves the right interfaces alone', on('eth0', 'eth1'), [object('a', { interfaces: ['eth0', 'eth1'] })], []],
    ['writes a status that is missing', wish(), [object('a', { node: undefined, labels: LABELS })], ['status a']],
    ['mends the labels', wish(), [object('a', { labels: {} })], ['metadata a']],
    ['takes over from an own Pod of before', wish(), [object('a', { owner: 'pod-0' })], ['metadata a']],
    ['insists on no owner when it has none', wish({ owner: undefined }), [object('a', { owner: 'pod-0' })], []],
    [
      'keeps the oldest of its own',
      wish(),
      [object('b'), object('a', { createdAt: '2026-01-02T00:00:00Z' }), object('c')],
      ['delete c', 'delete a'],
    ],
    ["removes another node's after its own is there", wish(), [object('a', { node: 'n2' })], ['create', 'delete a']],
    ['removes nothing of others when it does not announce', NOT_ANNOUNCED, [object('a', { node: 'n2' })], []],
    [
      'removes its own when it does not announce',
      NOT_ANNOUNCED,
      [object('a'), object('b', { node: 'n2' }), object('c')],
      ['delete a', 'delete c'],
    ],
    ['counts one on its way out as gone', wish(), [object('a', { deleting: true })], ['create']],
    [
      'knows its own by the status, whatever the labels say',
      NOT_ANNOUNCED,
      [object('a', { labels: { 'metallb.io/node': 'n9' } })],
      ['delete a'],
    ],
  ]
  for (const [name, wanted, objects, writes] of cases) {
    it(name, () => assert.deepEqual(shortOf(statusWrites(wanted, objects, 'one')), writes))
  }

  it("tells its own duplicates from other nodes' objects", () => {
    const writes = statusWrites(wish(), [object('a'), object('b'), object('c', { node: 'n2' })], 'one')
    assert.deepEqual(
      writes.map((write) => write.kind === 'delete' && [write.name, write.claimant, write.uid]),
      [
        ['b', undefined, 'uid-b'],
        ['c', 'n2', 'uid-c'],
      ],
    )
  })

  it('shortens names that no label can hold, and shows them in full in the status', () => {
    const long = 'n'.repeat(200)
    const [write] = statusWrites(wish({ node: long }), [], 'one')
    assert.ok(write?.kind === 'create')
    const label = write.metadata.labels['metallb.io/node'] ?? ''
    assert.ok(label.length === 63 && /^n{54}-[0-9a-f]{8}$/.test(label), label)
    assert.equal(write.status.node, long)
    const bare = object('a', { node: undefined, labels: write.metadata.labels })
    assert.deepEqual(shortOf(statusWrites(wish({ node: long }), [bare], 'one')), ['status a'])
  })

  it('sends what the contract wants: a generated name, labels, an owner, no spec', () => {
    const [write] = statusWrites(wish(), [], 'one')
    assert.ok(write?.kind === 'create')
    assert.deepEqual(statusDraft(L2_STATUS, 'metallb-system', write), {
      apiVersion: 'metallb.io/v1beta1',
      kind: 'ServiceL2Status',
      metadata: { namespace: 'metallb-system', generateName: 'l2-', labels: LABELS, ownerReferences: [OWNER] },
    })
  })
})

describe('the objects of a protocol that every node may announce by', () => {
  const peers = (...names: string[]): StatusWish => wish({ detail: BGP_STATUS.detailOf({ peers: names }) })
  const shown = (name: string, node: string, ...names: string[]): StatusObject => {
    const made = object(name, { node })
    const { interfaces: _, ...status } = made.status ?? {}
    return { ...made, status: { ...status, peers: names } }
  }
  const cases: [name: string, wish: StatusWish, objects: StatusObject[], writes: string[]][] = [
    ['are left alone when they are of other nodes', peers('tor'), [shown('a', 'n2', 'tor')], ['create']],
    ['are right with the same peers', peers('spine', 'tor'), [shown('a', 'n1', 'spine', 'tor')], []],
    ['are written anew with others', peers('tor'), [shown('a', 'n1', 'spine', 'tor')], ['status a']],
    ['are one of each node', peers('tor'), [shown('a', 'n1', 'tor'), shown('b', 'n1', 'tor')], ['delete b']],
    ['go when nothing is announced', NOT_ANNOUNCED, [shown('a', 'n1'), shown('b', 'n2')], ['delete a']],
  ]
  for (const [name, wanted, objects, writes] of cases) {
    it(name, () => assert.deepEqual(shortOf(statusWrites(wanted, objects, BGP_STATUS.owners)), writes))
  }
  it('are named and typed by their protocol', () => {
    const [write] = statusWrites(peers('tor'), [], 'each')
    assert.ok(write?.kind === 'create')
    const { kind, metadata } = statusDraft(BGP_STATUS, 'metallb-system', write)
    assert.deepEqual([kind, metadata.generateName], ['ServiceBGPStatus', 'bgp-'])
    assert.deepEqual(write.status, { node: 'n1', serviceName: 'web', serviceNamespace: 'shop', peers: ['tor'] })
  })
})

describe('claimant', () => {
  const cases: [name: string, object: StatusObject, node: string | undefined][] = [
    ['is the node of the status', object('a', { labels: {} }), 'n1'],
    ['is the label before there is a status', object('a', { node: undefined, labels: LABELS }), 'n1'],
    ['is nobody for an object on its way out', object('a', { deleting: true }), undefined],
  ]
  for (const [name, one, node] of cases) it(name, () => assert.equal(claimant(one), node))
})
