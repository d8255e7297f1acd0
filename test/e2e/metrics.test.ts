import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { panelQueries } from '../metrics/queries.ts'
import { type Program, REGISTRIES } from '../metrics/document.ts'
import { l2Advertisement, PATHS, pool, service } from './suites/objects.ts'
import { type Prometheus, startPrometheus } from './suites/prometheus.ts'
import { BGP_PATHS, bfdProfile } from './suites/routed-objects.ts'
import { BFD, type Routed, withRouters } from './suites/routed.ts'
import { createService } from './suites/scene.ts'

/** From alert to firing each waits for a minute. */
const ALERT_MS = 120_000

describe('a real Prometheus', () => {
  const routed = withRouters('mt')
  let prometheus: Prometheus
  before(async () => {
    prometheus = await startPrometheus(routed().lab)
  })
  after(() => prometheus.stop())

  const up = async (): Promise<boolean> => (await prometheus.query('up == 1')).length === 4

  it('reads the controller and every speaker with its own token', async () => {
    await routed().lab.waitFor('four targets', up)
  })

  it('is the only one that does: others are told 401 or 403, and why', async () => {
    const { programs } = routed().lab
    for (const program of ['controller', 'speaker'] as const) {
      const [address = ''] = programs.of(program)[0]?.ips ?? []
      const { ask, tokens } = prometheus
      const { status, text } = await ask(address, tokens.guest)
      const guest = 'system:serviceaccount:monitoring:guest has no right to get /metrics'
      assert.deepEqual([status, text.trim()], ['403', guest])
      assert.equal((await ask(address, 'nobody-has-this')).status, '401')
      assert.equal((await ask(address, '')).status, '401')
    }
  })

  it('finds data for every panel of the dashboard once there is traffic', async () => {
    await makeTraffic(routed())
    await routed().lab.waitFor(
      'every panel to have data',
      async () => {
        const empty: string[] = []
        for (const { where, expr } of panelQueries()) {
          // What shows only what is wrong has nothing to show.
          if (expr.endsWith(' > 0')) continue
          if ((await prometheus.query(expr)).length === 0) empty.push(`${where}: ${expr}`)
        }
        if (empty.length > 0) throw new Error(empty.join('\n'))
        return true
      },
      { timeoutMs: 60_000 },
    )
  })

  it('is told of nothing that docs/metrics.md does not know, and of each with the labels that stand there', async () => {
    for (const program of Object.keys(REGISTRIES) as Program[]) {
      const families = new Map(REGISTRIES[program].families.map((family) => [family.name, family]))
      const samples = await prometheus.query(`{job="${program}", __name__!~"up|scrape_.*|ALERTS.*"}`)
      const wrong = samples.filter(({ metric: { __name__: name = '', ...labels } }) => {
        const family = families.get(name) ?? families.get(name.replace(/_(bucket|sum|count)$/, ''))
        const own = Object.keys(labels).filter((label) => !['job', 'instance', 'pod', 'le'].includes(label))
        return family === undefined || own.toSorted().join() !== family.labels.toSorted().join()
      })
      assert.deepEqual(wrong, [])
    }
  })

  it('sees what the cluster shows: sessions, prefixes, addresses', async () => {
    const { query } = prometheus
    const value = async (expr: string): Promise<number> => Number((await query(expr))[0]?.value[1])
    await routed().lab.waitFor('all nine sessions', async () => (await value('sum(metallb_bgp_session_up)')) === 9)
    assert.equal(await value('sum(metallb_bfd_session_up)'), 3)
    assert.equal(await value('sum(metallb_allocator_services_allocated_total{pool="routed"})'), 1)
    assert.equal(await value('count(metallb_speaker_announced{protocol="layer2",service="default/seen"})'), 1)
    assert.equal(await value('count(metallb_speaker_announced{protocol="bgp",service="default/told"})'), 3)
    assert.equal(await value('sum(steelyard_members{status="alive"})'), 6)
  })

  it('fires when a pool is exhausted, a configuration refused and a session down, and no more when they are mended', async () => {
    const { lab } = routed()
    const peer = `${BGP_PATHS.peers}/rt2`
    await lab.api.create(PATHS.pools, pool('tiny', ['203.0.113.1/32']))
    await createService(lab, service('last', {}, { annotations: { 'metallb.io/address-pool': 'tiny' } }))
    await lab.api.patch(peer, { spec: { peerPort: 1790 } })
    await lab.api.create(PATHS.pools, pool('twice', ['203.0.113.0/31']))
    const names = async (): Promise<readonly string[]> => [
      ...new Set((await prometheus.firing()).map(({ labels }) => labels['alertname'] ?? '')),
    ]
    const wanted = ['MetalLBAddressPoolExhausted', 'MetalLBBGPSessionDown', 'MetalLBStaleConfig']
    await lab.waitFor(
      'the alerts to fire',
      async () => {
        const now = await names()
        if (wanted.every((name) => now.includes(name))) return true
        throw new Error(`firing: ${now.join(', ')}`)
      },
      { timeoutMs: ALERT_MS },
    )
    await lab.api.remove(`${PATHS.pools}/twice`)
    await lab.api.remove(`${PATHS.pools}/tiny`)
    await lab.api.patch(peer, { spec: { peerPort: 179 } })
    await lab.waitFor('the alerts to end', async () => (await names()).length === 0, { timeoutMs: 60_000 })
  })

  it('loses the series of what is gone', async () => {
    const { query } = prometheus
    const { lab } = routed()
    await lab.api.remove(`${BGP_PATHS.peers}/six`)
    await lab.api.remove(`${PATHS.services}/told`)
    await lab.waitFor('the peer and the Service to be gone', async () => {
      const left = await query(
        'count(metallb_bgp_session_up{peer=~".*fc00.*"}) or count(metallb_speaker_announced{service="default/told"}) or count(metallb_allocator_addresses_total{pool="tiny"})',
      )
      return left.length === 0
    })
  })

  it('sees programs that are as small as they were', async () => {
    for (const { metric, value } of await prometheus.query('process_resident_memory_bytes / 1024 / 1024')) {
      console.log(`${metric['pod']}: ${Number(value[1]).toFixed(1)} MiB`)
      assert.ok(Number(value[1]) < 110, `${metric['pod']} takes ${value[1]} MiB`)
    }
  })
})

/** One Service on the LAN that is asked for, one that routers are told of, and BFD with a router. */
async function makeTraffic({ lab }: Routed): Promise<void> {
  await lab.api.create(BGP_PATHS.profiles, bfdProfile('fast', { ...BFD }))
  await lab.api.patch(`${BGP_PATHS.peers}/rt`, { spec: { bfdProfile: 'fast' } })
  await lab.api.create(PATHS.pools, pool('lan', ['192.168.67.120-192.168.67.130'], { autoAssign: false }))
  await lab.api.create(PATHS.l2Advertisements, l2Advertisement('lan', { ipAddressPools: ['lan'] }))
  const seen = service('seen', {}, { annotations: { 'metallb.io/address-pool': 'lan' } })
  const [address = ''] = await createService(lab, seen)
  await createService(lab, service('told'))
  await lab.waitFor('an answer on the LAN', () => lab.client.curl(`http://${address}/`))
}
