import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Pod } from '@steelyard/model'
import { readySpeakers } from './ready-speakers.ts'

const LABELS = { app: 'metallb', component: 'speaker' }
type Parts = { ready?: string; deleting?: boolean; labels?: Record<string, string> }
const pod = (node: string | undefined, { ready = 'True', deleting = false, labels = LABELS }: Parts = {}): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    namespace: 'metallb-system',
    name: `speaker-${node}`,
    labels,
    ...(deleting ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}),
  },
  spec: node === undefined ? {} : { nodeName: node },
  status: { conditions: [{ type: 'Ready', status: ready }] },
})
const READY = [
  { name: 'n1', ready: true },
  { name: 'n2', ready: true },
  { name: 'n3', ready: false },
]

describe('readySpeakers', () => {
  const cases: [name: string, pods: Pod[], alive: string[]][] = [
    ['counts a Ready speaker on a Ready node', [pod('n1'), pod('n2')], ['n1', 'n2']],
    ['not one whose Pod is not Ready', [pod('n1', { ready: 'False' }), pod('n2')], ['n2']],
    ['not one whose readiness is unknown', [pod('n1', { ready: 'Unknown' }), pod('n2')], ['n2']],
    ['not one whose Pod is being deleted', [pod('n1', { deleting: true }), pod('n2')], ['n2']],
    ['not one on a node that is not Ready', [pod('n1'), pod('n3')], ['n1']],
    ['not one on a node that is not known', [pod('n1'), pod('n9')], ['n1']],
    ['nor one that has no node yet', [pod('n1'), pod(undefined)], ['n1']],
    ['a node with an old and a new speaker is alive by the new', [pod('n1', { deleting: true }), pod('n1')], ['n1']],
    [
      'other Pods are no speakers',
      [pod('n1'), pod('n2', { labels: { app: 'metallb', component: 'controller' } })],
      ['n1'],
    ],
    ['with speaker Pods of which none is Ready, nobody', [pod('n1', { ready: 'False' })], []],
    ['without any speaker Pod, nobody', [pod('n1', { labels: {} })], []],
  ]
  for (const [name, pods, alive] of cases) {
    it(name, () => assert.deepEqual([...readySpeakers(pods, READY, LABELS)], alive))
  }
})
