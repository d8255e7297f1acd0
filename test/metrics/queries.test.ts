import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { parseAllDocuments } from 'yaml'
import { METRICS_PORT } from '@steelyard/program'
import { alerts, panelQueries, panels, RULES, unknownLabels, unknownMetrics } from './queries.ts'

const ROOT = new URL('../..', import.meta.url).pathname
const CONFIG = `${ROOT}config/prometheus`

describe('the alerts', () => {
  it('are those of the contract, and two of our own', () => {
    const named = alerts().map((rule) => [rule.alert, rule.for ?? 'at once'])
    assert.deepEqual(named, [
      ['MetalLBStaleConfig', '1m'],
      ['MetalLBConfigNotLoaded', '1m'],
      ['MetalLBAddressPoolExhausted', '1m'],
      ['MetalLBAddressPoolUsage75Percent', 'at once'],
      ['MetalLBAddressPoolUsage85Percent', 'at once'],
      ['MetalLBAddressPoolUsage95Percent', 'at once'],
      ['MetalLBBGPSessionDown', '1m'],
      ['SteelyardAddressConflict', '1m'],
      ['SteelyardKernelAnswers', '1m'],
    ])
  })

  for (const { alert, expr } of alerts()) {
    it(`${alert} asks for what the programs have`, () => {
      assert.deepEqual(unknownMetrics(expr), [])
      assert.deepEqual(unknownLabels({ expr, legend: '' }), [])
    })
  }

  it('say in words only what their query leaves', () => {
    const text = readFileSync(RULES, 'utf8')
    const labels = new Set([...text.matchAll(/\$labels\.([a-z]+)/g)].map(([, label = '']) => label))
    assert.deepEqual(
      [...labels].toSorted((a, b) => a.localeCompare(b)),
      ['peer', 'pod', 'pool', 'vrf'],
    )
  })
})

describe('the dashboard', () => {
  for (const query of panelQueries()) {
    it(`"${query.where}" asks for what the programs have: ${query.expr}`, () => {
      assert.deepEqual(unknownMetrics(query.expr), [])
      assert.deepEqual(unknownLabels(query), [])
    })
  }

  it('has panels that are told apart and do not cover each other', () => {
    const all = panels()
    assert.equal(new Set(all.map(({ id }) => id)).size, all.length)
    assert.equal(new Set(all.map(({ title }) => title)).size, all.length)
    const cells = all.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, at) => `${x + (at % w)},${y + Math.floor(at / w)}`),
    )
    assert.equal(new Set(cells).size, cells.length)
    assert.ok(all.every(({ gridPos: { x, w } }) => x + w <= 24))
  })
})

describe('a query that asks for something else', () => {
  it('is found out', () => {
    assert.deepEqual(unknownMetrics('sum(metallb_bgp_session_upp)'), ['metallb_bgp_session_upp'])
    assert.deepEqual(unknownMetrics('steelyard_owned_addresses_bucket'), ['steelyard_owned_addresses_bucket'])
    const expr = 'sum by (peer, nod) (metallb_bgp_session_up{vfr="x"})'
    assert.deepEqual(unknownLabels({ expr, legend: '{{instance}} {{port}}' }), ['vfr', 'nod', 'port'])
  })
})

describe('the monitors', () => {
  type Monitor = {
    readonly kind: string
    readonly metadata: { readonly name: string }
    readonly spec?: {
      readonly selector: { readonly matchLabels: Readonly<Record<string, string>> }
      readonly endpoints?: readonly Readonly<Record<string, unknown>>[]
      readonly podMetricsEndpoints?: readonly Readonly<Record<string, unknown>>[]
      readonly ports?: readonly { readonly name: string; readonly port: number }[]
    }
  }
  const objectsOf = (file: string): readonly Monitor[] =>
    parseAllDocuments(readFileSync(`${CONFIG}/${file}`, 'utf8')).map((document) => document.toJS() as Monitor)

  for (const [file, kind] of [
    ['service-monitors.yaml', 'ServiceMonitor'],
    ['pod-monitors/pod-monitors.yaml', 'PodMonitor'],
  ] as const) {
    it(`of ${kind} find both programs by their labels, by HTTPS, with a token`, () => {
      const monitors = objectsOf(file).filter((object) => object.kind === kind)
      assert.deepEqual(
        monitors.map(({ spec }) => spec?.selector.matchLabels),
        ['controller', 'speaker'].map((component) => ({ app: 'metallb', component })),
      )
      for (const { spec } of monitors) {
        const [endpoint = {}] = spec?.endpoints ?? spec?.podMetricsEndpoints ?? []
        assert.deepEqual([endpoint['port'], endpoint['scheme']], ['metricshttps', 'https'])
        assert.ok(endpoint['bearerTokenFile'] ?? endpoint['authorization'])
      }
    })
  }

  it('by Services lead to the port of the programs', () => {
    const services = objectsOf('service-monitors.yaml').filter(({ kind }) => kind === 'Service')
    assert.deepEqual(
      services.map(({ spec }) => spec?.ports?.map(({ name, port }) => [name, port])),
      [[['metricshttps', METRICS_PORT]], [['metricshttps', METRICS_PORT]]],
    )
  })
})
