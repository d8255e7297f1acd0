import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Node } from '@steelyard/model'
import { portsOf } from './container.ts'
import { chooseNode, fieldOf, type Pod, programOf, statusOf } from './pod.ts'

const NODES: readonly Node[] = ['n1', 'n2', 'n10'].map((name) => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, labels: { 'kubernetes.io/os': 'linux', zone: name === 'n2' ? 'b' : 'a' } },
}))

function pod(spec: Partial<Pod['spec']> = {}, labels: Readonly<Record<string, string>> = {}): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web-1', namespace: 'default', uid: 'u1', labels },
    spec: { containers: [{ name: 'web', image: 'any' }], ...spec },
  }
}

describe('the node for a Pod', () => {
  const pinned = {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', values: ['n10'] }] }],
      },
    },
  }
  const ROWS: readonly (readonly [string, Pod, readonly string[], string | undefined])[] = [
    ['is the first by name in number order when all are empty', pod(), [], 'n1'],
    ['is the one with the fewest Pods', pod(), ['n1', 'n2', 'n1'], 'n10'],
    ['is the one that the DaemonSet controller pins', pod({ affinity: pinned }), ['n10', 'n10'], 'n10'],
    ['has the labels that the Pod selects', pod({ nodeSelector: { zone: 'b' } }), ['n2'], 'n2'],
    ['is none when no node has them', pod({ nodeSelector: { zone: 'c' } }), [], undefined],
  ]
  for (const [what, subject, taken, expected] of ROWS) {
    it(what, () => assert.equal(chooseNode(subject, NODES, taken), expected))
  }
})

describe('a field that a Pod asks for', () => {
  const facts = { nodeName: 'n1', hostIp: '192.168.67.11', podIps: ['10.244.1.2', 'fd00::2'] }
  const subject = pod({ serviceAccountName: 'speaker' }, { app: 'metallb' })
  const ROWS = [
    ['metadata.name', 'web-1'],
    ['metadata.namespace', 'default'],
    ['spec.nodeName', 'n1'],
    ['spec.serviceAccountName', 'speaker'],
    ['status.hostIP', '192.168.67.11'],
    ['status.podIP', '10.244.1.2'],
    ['status.podIPs', '10.244.1.2,fd00::2'],
    ["metadata.labels['app']", 'metallb'],
    ["metadata.annotations['none']", ''],
  ] as const
  for (const [path, value] of ROWS)
    it(`${path} is ${JSON.stringify(value)}`, () => assert.equal(fieldOf(subject, path, facts), value))

  it('that Kubernetes does not know is an error', () =>
    assert.throws(() => fieldOf(subject, 'spec.mood', facts), /spec\.mood/))
})

describe('what a Pod runs', () => {
  it('is one of ours by the labels of the shipped manifests, else the web server', () => {
    assert.equal(programOf(pod({}, { app: 'metallb', component: 'speaker' })), 'speaker')
    assert.equal(programOf(pod({}, { app: 'metallb', component: 'frr' })), undefined)
    assert.equal(programOf(pod({}, { app: 'web', component: 'speaker' })), undefined)
  })

  it('serves the ports it declares, or TCP port 80', () => {
    const declared = pod({
      containers: [
        { name: 'dns', image: 'any', ports: [{ containerPort: 53, protocol: 'UDP' }, { containerPort: 8080 }] },
      ],
    })
    assert.deepEqual([portsOf(declared, 'TCP'), portsOf(declared, 'UDP')], [[8080], [53]])
    assert.deepEqual([portsOf(pod(), 'TCP'), portsOf(pod(), 'UDP')], [[80], []])
  })
})

describe('the status of a Pod', () => {
  const state = {
    running: true,
    startedAt: 't0',
    restarts: 2,
    hostIp: '192.168.67.11',
    podIps: ['10.244.1.2', 'fd00::2'],
  }
  type Status = { conditions: { type: string; status: string; lastTransitionTime: string }[]; podIPs: { ip: string }[] }

  it('keeps the time of a condition that did not change, and moves that of one that did', () => {
    const before = { ...pod(), status: statusOf(pod(), { ...state, ready: false }, 't1') }
    const { conditions, podIPs } = statusOf(before, { ...state, ready: true }, 't2') as Status
    assert.deepEqual(
      conditions.filter(({ type }) => type === 'Ready' || type === 'Initialized'),
      [
        { type: 'Initialized', status: 'True', lastTransitionTime: 't1' },
        { type: 'Ready', status: 'True', lastTransitionTime: 't2' },
      ],
    )
    assert.deepEqual(podIPs, [{ ip: '10.244.1.2' }, { ip: 'fd00::2' }])
  })
})
