import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  BGP_PEERS,
  CONFIGURATION_STATES,
  IP_ADDRESS_POOLS,
  L2_ADVERTISEMENTS,
  NAMESPACES,
  NODES,
  SERVICE_L2_STATUSES,
} from '@steelyard/kube'
import { assertShared, ipOf, serveMany, withdrawals } from './testing/expectations.ts'
import { config, l2Advertisement, NAMESPACE, node, pool } from './testing/objects.ts'
import { type SpeakerCluster, speakerCluster } from './testing/speaker-cluster.ts'

const BAD_POOL = pool('bad', ['192.0.2.1-192.0.2.0'])
const stateOf = (scene: SpeakerCluster, name = 'n1') => scene.stateOf(name)?.status
const errors = (scene: SpeakerCluster, name = 'n1') =>
  scene.speakers[name]!.lines.filter(({ level, op }) => level === 'error' && op === 'configure')
const stateRef = { namespace: NAMESPACE, name: 'speaker-n1' }

describe('the configuration of a speaker', () => {
  it('is shown as valid, labelled, and owned by the own Pod', async () => {
    const scene = speakerCluster()
    await scene.rest()
    const state = scene.stateOf('n2')
    assert.deepEqual(state?.metadata.labels, {
      'metallb.io/component-type': 'speaker',
      'metallb.io/node-name': 'n2',
    })
    assert.deepEqual(state?.metadata.ownerReferences, [
      { apiVersion: 'v1', kind: 'Pod', name: 'speaker-n2', uid: 'pod-n2' },
    ])
    assert.deepEqual(state?.status, {
      result: 'Valid',
      errorSummary: '',
      conditions: [
        {
          type: 'configReconcilerValid',
          status: 'True',
          reason: 'Reconciled',
          message: '',
          lastTransitionTime: '2026-01-01T00:00:00Z',
        },
      ],
    })
    await scene.stop()
  })

  it('that is refused leaves the last good one in force, and says so once', async () => {
    const scene = speakerCluster()
    serveMany(scene, 4)
    await scene.rest()
    scene.cluster.put(IP_ADDRESS_POOLS, BAD_POOL)
    await scene.rest()
    assertShared(scene, 4)
    assert.equal(stateOf(scene)?.result, 'Invalid')
    assert.match(stateOf(scene)?.errorSummary ?? '', /^IPAddressPool bad: spec\.addresses\[0\]/)
    assert.partialDeepStrictEqual(stateOf(scene)?.conditions?.[0], { status: 'False', reason: 'ConfigurationError' })
    scene.cluster.put(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'more', labels: {} } })
    await scene.rest()
    assert.equal(errors(scene).length, 1)
    scene.cluster.remove(IP_ADDRESS_POOLS, { namespace: NAMESPACE, name: 'bad' })
    await scene.rest()
    assert.deepEqual([stateOf(scene)?.result, stateOf(scene)?.errorSummary], ['Valid', ''])
    assertShared(scene, 4)
    await scene.stop()
  })

  it('that was never good announces nothing, and leaves the Services to other nodes', async () => {
    const scene = speakerCluster({ running: ['n1', 'n2'] })
    serveMany(scene, 6)
    await scene.rest()
    const bad = config('BGPPeer', 'bad', {
      myASN: 0,
      peerASN: 1,
      peerAddress: '192.0.2.9',
      nodeSelectors: [{ matchLabels: { 'kubernetes.io/hostname': 'n3' } }],
    })
    scene.cluster.put(BGP_PEERS, bad)
    scene.start('n3')
    await scene.rest()
    assert.equal(stateOf(scene, 'n3')?.result, 'Invalid')
    assert.equal(stateOf(scene, 'n1')?.result, 'Valid', 'objects for other nodes are nothing to it')
    assertShared(scene, 6)
    assert.equal(scene.speakers['n3']!.link.announced().size, 0)
    scene.cluster.remove(BGP_PEERS, { namespace: NAMESPACE, name: 'bad' })
    await scene.rest()
    assert.equal(stateOf(scene, 'n3')?.result, 'Valid')
    assertShared(scene, 6)
    await scene.stop()
  })

  it('withdraws at once what left every pool', async () => {
    const scene = speakerCluster({ nodes: ['n1'] })
    serveMany(scene, 2)
    await scene.rest()
    scene.cluster.put(IP_ADDRESS_POOLS, pool('lan', ['192.0.2.2/32']))
    await scene.rest()
    assert.deepEqual([scene.answering(ipOf(1)), scene.answering(ipOf(2))], [[], ['n1']])
    assert.deepEqual(withdrawals(scene, 'n1'), ['ipNotAllowed'])
    await scene.stop()
  })

  it('withdraws everything with the last advertisement', async () => {
    const scene = speakerCluster({ nodes: ['n1'] })
    serveMany(scene, 2)
    await scene.rest()
    scene.cluster.remove(L2_ADVERTISEMENTS, { namespace: NAMESPACE, name: 'lan' })
    await scene.rest()
    assert.equal(scene.speakers['n1']!.link.announced().size, 0)
    assert.deepEqual(withdrawals(scene, 'n1'), ['noMatchingAdvertisement', 'noMatchingAdvertisement'])
    assert.deepEqual(scene.shown(), [])
    await scene.stop()
  })

  it('takes new terms from an advertisement of the same name', async () => {
    const scene = speakerCluster({ nodes: ['n1'] })
    serveMany(scene, 1)
    await scene.rest()
    scene.cluster.put(L2_ADVERTISEMENTS, l2Advertisement('lan', { interfaces: ['eth0'] }))
    await scene.rest()
    assert.equal(scene.speakers['n1']!.link.announced().get(ipOf(1)), 'eth0')
    const [status] = scene.cluster.readAll(SERVICE_L2_STATUSES)
    assert.deepEqual(status?.status?.interfaces, [{ name: 'eth0' }])
    assert.deepEqual(withdrawals(scene, 'n1'), [])
    await scene.stop()
  })

  it('follows the labels of the own Node', async () => {
    const scene = speakerCluster({
      advertisements: [l2Advertisement('lan', { nodeSelectors: [{ matchLabels: { rack: 'a' } }] })],
    })
    serveMany(scene, 1)
    await scene.rest()
    assert.deepEqual(scene.answering(ipOf(1)), [])
    scene.cluster.put(NODES, node('n3', { rack: 'a' }))
    await scene.rest()
    assert.deepEqual(scene.answering(ipOf(1)), ['n3'])
    await scene.stop()
  })

  it('is looked at again when its objects change, not when the status of a pool does', async () => {
    const scene = speakerCluster()
    await scene.rest()
    const writes = scene.countWrites()
    const stored = scene.cluster.read(IP_ADDRESS_POOLS, { namespace: NAMESPACE, name: 'lan' })!
    const counted = { ...stored, metadata: { ...stored.metadata, generation: 1 } }
    scene.cluster.put(IP_ADDRESS_POOLS, counted)
    await scene.rest()
    const first = writes()
    for (let assigned = 0; assigned < 20; assigned++) {
      scene.cluster.put(IP_ADDRESS_POOLS, { ...counted, status: { assignedIPv4: assigned } })
      await scene.rest(100)
    }
    assert.equal(writes(), first)
    await scene.rest(5000)
    const before = stateOf(scene)?.conditions?.[0]?.lastTransitionTime
    scene.cluster.put(IP_ADDRESS_POOLS, { ...counted, metadata: { ...counted.metadata, generation: 2 } })
    await scene.rest()
    assert.notEqual(stateOf(scene)?.conditions?.[0]?.lastTransitionTime, before)
    assert.equal(writes(), first + 3)
    await scene.stop()
  })

  it('is not written anew for Namespaces and Nodes that change nothing', async () => {
    const scene = speakerCluster()
    await scene.rest()
    const writes = scene.countWrites()
    for (let at = 0; at < 10; at++) {
      const metadata = { name: `tenant-${at}`, labels: { team: String(at) } }
      scene.cluster.put(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata })
      scene.cluster.put(NODES, node('n1', { heat: String(at) }))
      await scene.rest(100)
    }
    assert.equal(writes(), 0)
    await scene.stop()
  })

  const edits: [name: string, edit: (scene: SpeakerCluster) => void][] = [
    [
      'whose status was edited',
      (scene) =>
        scene.cluster.put(CONFIGURATION_STATES, {
          ...scene.stateOf('n1')!,
          status: { result: 'Invalid', errorSummary: 'x' },
        }),
    ],
    [
      'whose labels were taken',
      (scene) => scene.cluster.put(CONFIGURATION_STATES, { ...scene.stateOf('n1')!, metadata: { ...stateRef } }),
    ],
    ['that was deleted', (scene) => scene.cluster.remove(CONFIGURATION_STATES, stateRef)],
  ]
  for (const [name, edit] of edits) {
    it(`has its state mended ${name}`, async () => {
      const scene = speakerCluster({ nodes: ['n1'] })
      await scene.rest()
      const { labels, ownerReferences } = scene.stateOf('n1')!.metadata
      const { status } = scene.stateOf('n1')!
      edit(scene)
      await scene.rest()
      assert.deepEqual(scene.stateOf('n1')?.status, status)
      assert.partialDeepStrictEqual(scene.stateOf('n1')?.metadata, { labels, ownerReferences })
      await scene.stop()
    })
  }

  it('leaves a condition that somebody else added alone, and counts it', async () => {
    const scene = speakerCluster({ nodes: ['n1'] })
    await scene.rest()
    const state = scene.stateOf('n1')!
    const other = {
      type: 'other',
      status: 'False',
      reason: 'ConfigurationError',
      message: 'odd',
      lastTransitionTime: '2026-01-01T00:00:00Z',
    }
    scene.cluster.put(CONFIGURATION_STATES, {
      ...state,
      status: { ...state.status, conditions: [...state.status!.conditions!, other] },
    })
    await scene.rest()
    assert.deepEqual(
      stateOf(scene)
        ?.conditions?.map(({ type }) => type)
        .sort(),
      ['configReconcilerValid', 'other'],
    )
    assert.deepEqual([stateOf(scene)?.result, stateOf(scene)?.errorSummary], ['Invalid', 'odd'])
    const writes = scene.countWrites()
    await scene.rest(60_000)
    assert.equal(writes(), 0)
    await scene.stop()
  })
})
