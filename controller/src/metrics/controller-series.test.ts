import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { IP_ADDRESS_POOLS, observeApi } from '@steelyard/kube'
import {
  type ControllerFixture,
  controllerFixture,
  end,
  pass,
  putPool,
  putService,
  removeService,
  type Replica,
  until,
} from '../testing/controller-fixture.ts'
import type { ServiceExample } from '../testing/examples.ts'
import { controllerRegistry } from './start-controller-metrics.ts'

type Scene = ControllerFixture & { readonly one: Replica; readonly lines: (name: string) => Promise<string[]> }

function linesOf({ clock }: ControllerFixture, { controller, api }: Replica): Scene['lines'] {
  const registry = controllerRegistry({
    observations: observeApi(api, clock).observations,
    observed: () => controller.observed,
    now: clock.now,
  })
  return async (name) => (await registry.render()).split('\n').filter((line) => line.startsWith(name))
}

async function scene(prepare: (fixture: ControllerFixture) => void): Promise<Scene> {
  const fixture = controllerFixture()
  prepare(fixture)
  const one = fixture.start()
  await until(fixture.clock, () => one.controller.isActive())
  await pass(fixture.clock, 1000)
  return { ...fixture, one, lines: linesOf(fixture, one) }
}

function sharing(port: number): ServiceExample {
  return { annotations: { 'metallb.io/allow-shared-ip': 'key' }, spec: { ports: [{ protocol: 'TCP', port }] } }
}

const ALLOCATOR = 'metallb_allocator_'

describe('the metrics of a controller', () => {
  it('show each pool with what it has and what is in use, and take it along when it goes', async () => {
    const { cluster, clock, one, lines } = await scene((fixture) => {
      putPool(fixture.cluster, 'lan', ['192.0.2.0/30', '2001:db8::/127'])
      putPool(fixture.cluster, 'spare', ['198.51.100.0/32'], { autoAssign: false })
      for (const name of ['a', 'b', 'c']) putService(fixture.cluster, `default/${name}`, {})
    })
    assert.deepEqual(await lines(ALLOCATOR), [
      'metallb_allocator_addresses_total{pool="lan"} 6',
      'metallb_allocator_addresses_total{pool="spare"} 1',
      'metallb_allocator_ipv4_addresses_total{pool="lan"} 4',
      'metallb_allocator_ipv4_addresses_total{pool="spare"} 1',
      'metallb_allocator_ipv6_addresses_total{pool="lan"} 2',
      'metallb_allocator_ipv6_addresses_total{pool="spare"} 0',
      'metallb_allocator_addresses_in_use_total{pool="lan"} 3',
      'metallb_allocator_addresses_in_use_total{pool="spare"} 0',
      'metallb_allocator_ipv4_addresses_in_use_total{pool="lan"} 3',
      'metallb_allocator_ipv4_addresses_in_use_total{pool="spare"} 0',
      'metallb_allocator_ipv6_addresses_in_use_total{pool="lan"} 0',
      'metallb_allocator_ipv6_addresses_in_use_total{pool="spare"} 0',
      'metallb_allocator_services_allocated_total{pool="lan"} 3',
      'metallb_allocator_services_allocated_total{pool="spare"} 0',
    ])
    removeService(cluster, 'default/a')
    putPool(cluster, 'lan', ['192.0.2.0/30'])
    cluster.remove(IP_ADDRESS_POOLS, { namespace: 'metallb-system', name: 'spare' })
    await pass(clock, 1000)
    assert.deepEqual(
      (await lines(ALLOCATOR)).filter((line) => /in_use_total|services/.test(line) && !line.includes('ipv')),
      [
        'metallb_allocator_addresses_in_use_total{pool="lan"} 2',
        'metallb_allocator_services_allocated_total{pool="lan"} 2',
      ],
    )
    await end(clock, one)
  })

  it('count an address once however many share it, and each of its Services', async () => {
    const { clock, one, lines } = await scene((fixture) => {
      putPool(fixture.cluster, 'lan', ['192.0.2.0/32'])
      putService(fixture.cluster, 'default/a', sharing(80))
      putService(fixture.cluster, 'default/b', sharing(81))
      putService(fixture.cluster, 'default/c', {})
    })
    assert.deepEqual(await lines(`${ALLOCATOR}addresses_in_use`), [
      'metallb_allocator_addresses_in_use_total{pool="lan"} 1',
    ])
    assert.deepEqual(await lines(`${ALLOCATOR}services`), ['metallb_allocator_services_allocated_total{pool="lan"} 2'])
    assert.deepEqual(await lines('steelyard_services_waiting'), ['steelyard_services_waiting 1'])
    await end(clock, one)
  })

  it('say that the configuration is stale when a newer one is refused, and that it is not when it is mended', async () => {
    const { cluster, clock, one, lines } = await scene((fixture) => putPool(fixture.cluster, 'lan', ['192.0.2.0/30']))
    const config = (): Promise<string[]> => lines('metallb_k8s_client_config')
    const [loaded, fresh] = ['metallb_k8s_client_config_loaded_bool 1', 'metallb_k8s_client_config_stale_bool 0']
    assert.deepEqual(await config(), [loaded, fresh])
    putPool(cluster, 'other', ['192.0.2.0/31'])
    await pass(clock, 1000)
    assert.deepEqual(await config(), [loaded, 'metallb_k8s_client_config_stale_bool 1'])
    assert.deepEqual(await lines('steelyard_config_refusals_total'), ['steelyard_config_refusals_total 1'])
    putPool(cluster, 'other', ['192.0.2.64/31'])
    await pass(clock, 1000)
    assert.deepEqual(await config(), [loaded, fresh])
    await end(clock, one)
  })

  it('have nothing of pools and configuration while another replica is active', async () => {
    const { start, clock, one, ...rest } = await scene((fixture) => putPool(fixture.cluster, 'lan', ['192.0.2.0/30']))
    const two = start('two')
    await pass(clock, 5000)
    const lines = linesOf({ ...rest, start, clock }, two)
    assert.deepEqual(await lines('steelyard_controller_active'), ['steelyard_controller_active 0'])
    assert.deepEqual(await lines(ALLOCATOR), [])
    assert.deepEqual(await lines('metallb_k8s_client_config'), [])
    await end(clock, one, two)
  })

  it('tell how long passes took', async () => {
    const { clock, one, lines } = await scene((fixture) => {
      putPool(fixture.cluster, 'lan', ['192.0.2.0/30'])
    })
    putService(one.api.cluster, 'default/a')
    await pass(clock, 1000)
    assert.deepEqual(await lines('steelyard_reconcile_seconds_count{pass="configuration"}'), [
      'steelyard_reconcile_seconds_count{pass="configuration"} 1',
    ])
    const [line = ''] = await lines('steelyard_reconcile_seconds_count{pass="service"}')
    assert.ok(Number(line.split(' ')[1]) >= 2, 'once decided, once written')
    await end(clock, one)
  })
})
