import type { Node, Pod } from '@steelyard/model'
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { NO_OBJECTS, type SpeakerReport } from './cluster-objects.ts'
import { livingSpeakers } from './living-speakers.ts'

const NODES: readonly Node[] = ['a', 'b', 'c'].map((name) => ({ apiVersion: 'v1', kind: 'Node', metadata: { name } }))

function pod(node: string, ready: boolean, labels: Readonly<Record<string, string>> = { component: 'speaker' }): Pod {
  const conditions = [{ type: 'Ready', status: ready ? 'True' : 'False' }]
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `speaker-${node}`, labels },
    spec: { nodeName: node },
    status: { conditions },
  }
}

/** @param said `b:dead@2`: the node, its state, since when */
function report(node: string, ...said: readonly string[]): SpeakerReport {
  const members = said.map((text) => {
    const [, name = '', status = '', since = ''] = /^(\w+):(\w+)@(\d)$/.exec(text) ?? []
    return { node: name, status, since: `2026-01-01T00:00:0${since}Z` }
  })
  const type = { apiVersion: 'steelyard.dev/v1alpha1', kind: 'SpeakerStatus' }
  return { ...type, metadata: { name: node }, status: { node, members } }
}

describe('a speaker counts as alive', () => {
  const rows: readonly (readonly [
    name: string,
    pods: readonly Pod[],
    reports: readonly SpeakerReport[],
    alive: string,
  ])[] = [
    ['by its Pod, where nobody reports', [pod('a', true), pod('b', false)], [], 'a'],
    ['by its Pod of the chart', [pod('a', true, { 'app.kubernetes.io/component': 'speaker' })], [], 'a'],
    ['by what the others say, before its Pod', [pod('a', true), pod('b', true)], [report('a', 'b:dead@1')], 'a'],
    ['while it is only suspected', [pod('a', true), pod('b', false)], [report('a', 'b:suspect@1')], 'a b'],
    [
      'by the last word',
      [pod('a', true), pod('b', true), pod('c', true)],
      [report('a', 'b:dead@1'), report('c', 'b:alive@2')],
      'a b c',
    ],
    [
      'not by the word of a speaker that is gone',
      [pod('a', true), pod('b', false)],
      [report('a'), report('b', 'a:dead@3')],
      'a',
    ],
    ['by its own report, where there are no Pods of speakers', [], [report('a', 'b:dead@1'), report('b')], 'a'],
    ['not by its own word on itself', [pod('a', false)], [report('a', 'a:alive@1')], ''],
  ]
  for (const [name, pods, speakerStatuses, alive] of rows) {
    it(name, () => {
      const living = livingSpeakers({ ...NO_OBJECTS, nodes: NODES, pods, speakerStatuses })
      assert.equal([...living.alive].join(' '), alive)
    })
  }
})

it('speakers are known by node name, in whatever order their Pods come', () => {
  const pods = [pod('b', false), pod('a', false)]
  const living = livingSpeakers({ ...NO_OBJECTS, nodes: NODES, pods, speakerStatuses: [report('c')] })
  assert.deepEqual([...living.known], ['a', 'b', 'c'])
})
