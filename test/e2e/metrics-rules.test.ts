import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { stringify } from 'yaml'
import { run } from '../lab/command.ts'
import { alerts, ruleGroups } from '../metrics/queries.ts'

/** The shipped alerts as promtool judges them: what fires, when, and in which words. */

const folder = mkdtempSync(join(tmpdir(), 'steelyard-rules-'))
after(() => rmSync(folder, { recursive: true }))
const rules = join(folder, 'rules.yaml')
writeFileSync(rules, stringify(ruleGroups()))

type Fired = { readonly labels: Readonly<Record<string, string>>; readonly value: string }
type Row = {
  readonly what: string
  readonly alert: string
  readonly series: Readonly<Record<string, string>>
  readonly at: string
  readonly fired: readonly Fired[]
}

const USE = (pool: string): string => `metallb_allocator_addresses_in_use_total{pool="${pool}"}`
const SIZE = (pool: string): string => `metallb_allocator_addresses_total{pool="${pool}"}`
const STALE = 'metallb_k8s_client_config_stale_bool{pod="speaker-x"}'
const LOADED = 'metallb_k8s_client_config_loaded_bool{pod="controller-x"}'
const SESSION = 'metallb_bgp_session_up{peer="192.0.2.1:179",vrf="default",pod="speaker-x"}'

const usage = (percent: number, used: number, fired: boolean): Row => ({
  what: `${used} of 100 addresses in use`,
  alert: `MetalLBAddressPoolUsage${percent}Percent`,
  series: { [USE('lan')]: `${used}x20`, [SIZE('lan')]: '100x20' },
  at: '1m',
  fired: fired ? [{ labels: { pool: 'lan' }, value: String(used) }] : [],
})

const ROWS: readonly Row[] = [
  {
    what: 'a configuration refused for two minutes',
    alert: 'MetalLBStaleConfig',
    series: { [STALE]: '1x20' },
    at: '2m',
    fired: [{ labels: { pod: 'speaker-x' }, value: '1' }],
  },
  {
    what: 'a configuration that was mended within a minute',
    alert: 'MetalLBStaleConfig',
    series: { [STALE]: '1 1 1 0x20' },
    at: '2m',
    fired: [],
  },
  {
    what: 'no configuration for two minutes',
    alert: 'MetalLBConfigNotLoaded',
    series: { [LOADED]: '0x20' },
    at: '2m',
    fired: [{ labels: { pod: 'controller-x' }, value: '0' }],
  },
  {
    what: 'a controller that stands by, and has no such series',
    alert: 'MetalLBConfigNotLoaded',
    series: { 'steelyard_controller_active{pod="controller-x"}': '0x20' },
    at: '2m',
    fired: [],
  },
  {
    what: 'one of two pools is full',
    alert: 'MetalLBAddressPoolExhausted',
    series: { [USE('lan')]: '4x20', [SIZE('lan')]: '4x20', [USE('dmz')]: '3x20', [SIZE('dmz')]: '4x20' },
    at: '2m',
    fired: [{ labels: { pool: 'lan' }, value: '4' }],
  },
  usage(75, 75, false),
  usage(75, 76, true),
  usage(85, 85, false),
  usage(85, 86, true),
  usage(95, 95, false),
  usage(95, 96, true),
  {
    what: 'a pool without any address',
    alert: 'MetalLBAddressPoolUsage95Percent',
    series: { [USE('lan')]: '0x20', [SIZE('lan')]: '0x20' },
    at: '1m',
    fired: [],
  },
  {
    what: 'a session down for two minutes',
    alert: 'MetalLBBGPSessionDown',
    series: { [SESSION]: '0x20' },
    at: '2m',
    fired: [{ labels: { peer: '192.0.2.1:179', vrf: 'default', pod: 'speaker-x' }, value: '0' }],
  },
  {
    what: 'a session that is up, and one whose peer was removed',
    alert: 'MetalLBBGPSessionDown',
    series: {
      [SESSION]: '1x20',
      'metallb_bgp_session_up{peer="gone",vrf="default",pod="speaker-x"}': '0 0 stale _x20',
    },
    at: '2m',
    fired: [],
  },
  {
    what: 'a second machine for two minutes',
    alert: 'SteelyardAddressConflict',
    series: { 'steelyard_address_conflicts{pod="speaker-x"}': '0 2x20' },
    at: '2m',
    fired: [{ labels: { pod: 'speaker-x' }, value: '2' }],
  },
  {
    what: 'a kernel that answers, on one node of two',
    alert: 'SteelyardKernelAnswers',
    series: {
      'steelyard_kernel_answers{pod="speaker-x"}': '1x20',
      'steelyard_kernel_answers{pod="speaker-y"}': '0x20',
    },
    at: '2m',
    fired: [{ labels: { pod: 'speaker-x' }, value: '1' }],
  },
]

/** Prometheus fills in templates: so does this, as far as ours go. */
function filled(template: string, { labels, value }: Fired): string {
  return template
    .replaceAll(/\{\{ \$labels\.([a-z]+) \}\}/g, (_, label: string) => labels[label] ?? '')
    .replaceAll(/\{\{ \$value(?: \| humanize)? \}\}/g, value)
}

type Rule = ReturnType<typeof alerts>[number] & {
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
}

function ruleNamed(name: string): Rule {
  const found = alerts().find(({ alert }) => alert === name)
  assert.ok(found)
  return found as Rule
}

function testOf({ alert, series, at, fired }: Row): object {
  const { labels, annotations } = ruleNamed(alert)
  const expected = fired.map((one) => ({
    exp_labels: { ...labels, ...one.labels },
    exp_annotations: Object.fromEntries(Object.entries(annotations).map(([name, text]) => [name, filled(text, one)])),
  }))
  return {
    interval: '15s',
    input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
    alert_rule_test: [{ eval_time: at, alertname: alert, exp_alerts: expected }],
  }
}

describe('the alerts, as promtool judges them', () => {
  it('are written as Prometheus reads them', async () => {
    const { status, stdout, stderr } = await run(['promtool', 'check', 'rules', rules])
    assert.equal(status, 0, stderr)
    assert.match(stdout, /9 rules found/)
  })

  for (const [at, row] of ROWS.entries()) {
    it(`${row.alert} ${row.fired.length === 0 ? 'is silent' : 'fires'}: ${row.what}`, async () => {
      const file = join(folder, `test-${at}.yaml`)
      writeFileSync(
        file,
        stringify({ rule_files: [rules], evaluation_interval: '15s', tests: [testOf(row)] }, { lineWidth: 0 }),
      )
      const { status, stdout, stderr } = await run(['promtool', 'test', 'rules', file])
      assert.equal(status, 0, `${stdout}${stderr}`)
    })
  }
})
