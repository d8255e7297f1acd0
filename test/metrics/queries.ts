import type { Family } from '@steelyard/metrics'
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { REGISTRIES } from './document.ts'

const ROOT = new URL('../..', import.meta.url).pathname
export const RULES = `${ROOT}config/prometheus/prometheus-rule.yaml`
export const DASHBOARD = `${ROOT}config/grafana/steelyard.json`

export type Alert = { readonly alert: string; readonly expr: string; readonly for?: string }
export type RuleGroups = { readonly groups: readonly { readonly name: string; readonly rules: readonly Alert[] }[] }

/** What Prometheus itself reads: the operator wraps it. */
export function ruleGroups(): RuleGroups {
  return (parse(readFileSync(RULES, 'utf8')) as { readonly spec: RuleGroups }).spec
}

export function alerts(): readonly Alert[] {
  return ruleGroups().groups.flatMap(({ rules }) => rules)
}

export type Panel = {
  readonly id: number
  readonly type: string
  readonly title: string
  readonly description?: string
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[]
}

export function panels(): readonly Panel[] {
  return (JSON.parse(readFileSync(DASHBOARD, 'utf8')) as { readonly panels: readonly Panel[] }).panels
}

export type Query = { readonly where: string; readonly expr: string; readonly legend: string }

export function panelQueries(): readonly Query[] {
  return panels().flatMap(({ title, targets = [] }) =>
    targets.map(({ expr, legendFormat }) => ({ where: title, expr, legend: legendFormat })),
  )
}

/** Words that a query takes its labels from, after the names of metrics. */
const METRIC = /\b(?:metallb|steelyard|process)_[a-z0-9_]+/g
const FAMILIES: readonly Family[] = Object.values(REGISTRIES).flatMap(({ families }) => families)

/** Names in a query that no program has. */
export function unknownMetrics(expr: string): readonly string[] {
  return [...expr.matchAll(METRIC)].flatMap(([name]) => (familyOf(name) === undefined ? [name] : []))
}

function familyOf(name: string): Family | undefined {
  const parts = ['_bucket', '_sum', '_count'].map((suffix) =>
    name.endsWith(suffix) ? name.slice(0, -suffix.length) : '',
  )
  return FAMILIES.find((family) => family.name === name || (family.type === 'histogram' && parts.includes(family.name)))
}

/** What Prometheus itself adds. */
const ADDED = ['instance', 'job', 'pod', 'le']

/** Labels that a query or its legend names and its metrics do not have. */
export function unknownLabels({ expr, legend }: Pick<Query, 'expr' | 'legend'>): readonly string[] {
  const families = [...expr.matchAll(METRIC)].flatMap(([name]) => familyOf(name) ?? [])
  const known = new Set([...ADDED, ...families.flatMap(({ labels }) => labels)])
  const matched = [...expr.matchAll(/[{,]\s*([a-z_]+)\s*(?:=|!)/g)].map(([, label = '']) => label)
  const grouped = [...expr.matchAll(/\b(?:by|on) \(([^)]*)\)/g)].flatMap(([, list = '']) => list.split(/,\s*/))
  const shown = [...legend.matchAll(/\{\{(?:\s*\$labels\.)?([a-z_]+)\s*\}\}/g)].map(([, label = '']) => label)
  return [...matched, ...grouped, ...shown].filter((label) => !known.has(label))
}
