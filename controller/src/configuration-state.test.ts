import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { CONFIGURATION_STATES, type ConfigurationState, PODS } from '@steelyard/kube'
import {
  controllerFixture,
  end,
  NAMESPACE,
  pass,
  putPool,
  readState,
  type Replica,
  until,
} from './testing/controller-fixture.ts'

const REF = { namespace: NAMESPACE, name: 'controller' }

function stateWrites({ api }: Replica): number {
  return api.writes().filter(({ resource }) => resource.plural === 'configurationstates').length
}

describe("the controller's ConfigurationState", () => {
  it("is made, marked as the controller's, owned by its Pod, and says Valid", async () => {
    const { cluster, clock, start } = controllerFixture()
    putPool(cluster, 'web', ['10.0.0.0/24'])
    const replica = start('controller-7d9')
    await until(clock, () => readState(cluster)?.status !== undefined)
    const state = readState(cluster)
    assert.deepEqual(state?.metadata.labels, { 'metallb.io/component-type': 'controller' })
    assert.deepEqual(state?.metadata.ownerReferences, [
      { apiVersion: 'v1', kind: 'Pod', name: 'controller-7d9', uid: 'pod-controller-7d9' },
    ])
    assert.deepEqual(state?.status, {
      result: 'Valid',
      errorSummary: '',
      conditions: [
        {
          type: 'poolReconcilerValid',
          status: 'True',
          reason: 'Reconciled',
          message: '',
          lastTransitionTime: '1970-01-01T00:00:00Z',
        },
      ],
    })
    await end(clock, replica)
  })

  it('has no owner when the Pod cannot be read', async () => {
    const { cluster, clock, start } = controllerFixture()
    const replica = start()
    cluster.remove(PODS, { namespace: NAMESPACE, name: 'one' })
    await until(clock, () => readState(cluster)?.status !== undefined)
    assert.deepEqual(readState(cluster)?.metadata.ownerReferences ?? [], [])
    assert.ok(replica.log.some(({ message, level }) => level === 'warn' && message.includes('own Pod')))
    await end(clock, replica)
  })

  it('is written once and then left alone: its own write starts no pass', async () => {
    const { clock, cluster, start } = controllerFixture()
    const replica = start()
    await until(clock, () => readState(cluster)?.status !== undefined)
    const before = stateWrites(replica)
    await pass(clock, 30_000)
    assert.equal(stateWrites(replica), before)
    await end(clock, replica)
  })

  it('is made anew when it is deleted', async () => {
    const { cluster, clock, start } = controllerFixture()
    const replica = start()
    await until(clock, () => readState(cluster)?.status !== undefined)
    for (let time = 0; time < 3; time++) {
      cluster.remove(CONFIGURATION_STATES, REF)
      await until(clock, () => readState(cluster)?.status?.result === 'Valid')
      await pass(clock, 1000)
    }
    await end(clock, replica)
  })

  const edits: [name: string, edit: (state: ConfigurationState) => ConfigurationState][] = [
    ['its result', (state) => ({ ...state, status: { ...state.status, result: 'Invalid' } })],
    ['its summary', (state) => ({ ...state, status: { ...state.status, errorSummary: 'all is lost' } })],
    ['its condition', (state) => ({ ...state, status: { ...state.status, conditions: [] } })],
    ['its labels', (state) => ({ ...state, metadata: { ...state.metadata, labels: {} } })],
    ['its owner', (state) => ({ ...state, metadata: { ...state.metadata, ownerReferences: [] } })],
  ]
  for (const [name, edit] of edits) {
    it(`is put back when somebody edits ${name}`, async () => {
      const { cluster, clock, start } = controllerFixture()
      const replica = start()
      await until(clock, () => readState(cluster)?.status !== undefined)
      await pass(clock, 500)
      const { metadata, status } = readState(cluster) ?? {}
      const right = [metadata?.labels, metadata?.ownerReferences, status]
      const state = readState(cluster)
      if (state !== undefined) cluster.put(CONFIGURATION_STATES, edit(state))
      await pass(clock, 1000)
      const after = readState(cluster)
      assert.deepEqual([after?.metadata.labels, after?.metadata.ownerReferences, after?.status], right)
      await end(clock, replica)
    })
  }

  it('leaves the conditions of others in place', async () => {
    const { cluster, clock, start } = controllerFixture()
    const replica = start()
    await until(clock, () => readState(cluster)?.status !== undefined)
    const other = {
      type: 'somebodyElse',
      status: 'False',
      reason: 'ConfigurationError',
      message: 'theirs',
      lastTransitionTime: '2026-01-01T00:00:00Z',
    }
    const state = readState(cluster)
    if (state !== undefined) {
      const conditions = [...(state.status?.conditions ?? []), other]
      cluster.put(CONFIGURATION_STATES, { ...state, status: { ...state.status, conditions } })
    }
    await until(clock, () => readState(cluster)?.status?.result === 'Invalid')
    assert.equal(readState(cluster)?.status?.errorSummary, 'theirs')
    assert.equal(readState(cluster)?.status?.conditions?.length, 2)
    await end(clock, replica)
  })

  it('belongs to the Pod of the replica that took over', async () => {
    const { cluster, clock, start } = controllerFixture()
    const first = start('one')
    await until(clock, () => readState(cluster)?.status !== undefined)
    const second = start('two')
    await pass(clock, 1000)
    await end(clock, first)
    await until(clock, () => readState(cluster)?.metadata.ownerReferences?.[0]?.name === 'two')
    await end(clock, second)
  })

  it('is written in the end, whatever fails, and allocation does not wait for it', async () => {
    const { cluster, clock, start } = controllerFixture()
    const replica = start()
    const isState = ({ resource, verb }: { resource: { plural: string }; verb: string }): boolean =>
      verb !== 'list' && verb !== 'watch' && resource.plural === 'configurationstates'
    for (const [status, reason] of [
      [500, 'InternalError'],
      [403, 'Forbidden'],
      [0, 'Unreachable'],
      [409, 'Conflict'],
    ] as const) {
      replica.api.faults.failNext(1, { status, reason }, isState)
    }
    await until(clock, replica.controller.isActive)
    await until(clock, () => readState(cluster)?.status?.result === 'Valid')
    await end(clock, replica)
  })
})
