import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fakeClock, settle } from '@steelyard/runtime'
import { expose, metricsRegistry } from '@steelyard/metrics'
import { memoryApi } from '../memory/memory-api.ts'
import { CONFIG_MAPS, SECRETS } from '../resources.ts'
import { CLIENT_SERIES, type ClientSource } from './api-series.ts'
import { observeApi } from './observe-api.ts'

const MAP = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'default', name: 'one' } }

function scene() {
  const clock = fakeClock()
  const memory = memoryApi({ clock })
  const { api, observations } = observeApi(memory, clock)
  const config = { isLoaded: true, isStale: false, refusals: 2 }
  const source: ClientSource = { observations, now: clock.now, config: () => config }
  const registry = metricsRegistry()
  expose(registry, CLIENT_SERIES, () => source)
  const lines = async (name: string): Promise<string[]> =>
    (await registry.render()).split('\n').filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
  return { clock, memory, api, lines }
}

describe('an observed API', () => {
  it('counts its writes by verb, resource and outcome', async () => {
    const { api, memory, lines } = scene()
    await api.create(CONFIG_MAPS, MAP)
    await assert.rejects(api.create(CONFIG_MAPS, MAP))
    await api.patch(CONFIG_MAPS, MAP.metadata, { kind: 'merge', body: { data: { a: 'b' } } })
    memory.faults.failNext(1, { status: 503 })
    await assert.rejects(api.delete(SECRETS, MAP.metadata))
    await assert.rejects(api.updateStatus(SECRETS, { ...MAP, kind: 'Secret' }))
    assert.deepEqual(await lines('steelyard_api_writes_total'), [
      'steelyard_api_writes_total{verb="create",resource="configmaps",outcome="ok"} 1',
      'steelyard_api_writes_total{verb="create",resource="configmaps",outcome="conflict"} 1',
      'steelyard_api_writes_total{verb="patch",resource="configmaps",outcome="ok"} 1',
      'steelyard_api_writes_total{verb="delete",resource="secrets",outcome="failed"} 1',
      'steelyard_api_writes_total{verb="update",resource="secrets/status",outcome="refused"} 1',
    ])
    assert.deepEqual(await lines('metallb_k8s_client_update_errors_total'), [
      'metallb_k8s_client_update_errors_total 4',
    ])
  })

  it('knows how long the server has said nothing, by the follower that has waited longest', async () => {
    const { api, clock, memory, lines } = scene()
    const stop = new AbortController()
    const events: string[] = []
    const { resourceVersion } = await api.list(CONFIG_MAPS, { namespace: 'default' })
    const watch = api.watch(CONFIG_MAPS, {
      namespace: 'default',
      resourceVersion,
      signal: stop.signal,
      onEvent: ({ kind }) => events.push(kind),
    })
    await api.list(CONFIG_MAPS, { namespace: 'other' })
    clock.advance(2000)
    memory.cluster.put(CONFIG_MAPS, MAP)
    await settle()
    assert.deepEqual(events, ['added'])
    assert.deepEqual(await lines('steelyard_watch_age_seconds'), [
      'steelyard_watch_age_seconds{resource="configmaps"} 2',
    ])
    assert.deepEqual(await lines('steelyard_watch_changes_total'), [
      'steelyard_watch_changes_total{resource="configmaps"} 1',
    ])
    memory.faults.endWatches({ status: 500 })
    await assert.rejects(watch)
    assert.deepEqual(await lines('steelyard_watch_failures_total'), [
      'steelyard_watch_failures_total{resource="configmaps"} 1',
    ])
  })

  it('tells of the configuration in force', async () => {
    const { lines } = scene()
    assert.deepEqual(await lines('metallb_k8s_client_config_loaded_bool'), ['metallb_k8s_client_config_loaded_bool 1'])
    assert.deepEqual(await lines('metallb_k8s_client_config_stale_bool'), ['metallb_k8s_client_config_stale_bool 0'])
    assert.deepEqual(await lines('metallb_k8s_client_updates_total'), ['metallb_k8s_client_updates_total 0'])
  })
})
