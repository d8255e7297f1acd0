import type { Labels } from './kubernetes.ts'

export type SelectorOperator = 'In' | 'NotIn' | 'Exists' | 'DoesNotExist'
export type SelectorRequirement = {
  readonly key: string
  readonly operator: SelectorOperator
  readonly values: readonly string[]
}

/** A LabelSelector in one shape: `matchLabels` are requirements with `In` and one value. Empty matches all. */
export type LabelSelector = readonly SelectorRequirement[]

const HOLDS: Readonly<Record<SelectorOperator, (value: string | undefined, values: readonly string[]) => boolean>> = {
  In: (value, values) => value !== undefined && values.includes(value),
  NotIn: (value, values) => value === undefined || !values.includes(value),
  Exists: (value) => value !== undefined,
  DoesNotExist: (value) => value === undefined,
}

export function selectorMatches(selector: LabelSelector, labels: Labels): boolean {
  return selector.every(({ key, operator, values }) => HOLDS[operator](labelOf(labels, key), values))
}

/** Only own properties: `constructor` is a label key like any other. */
function labelOf(labels: Labels, key: string): string | undefined {
  return Object.hasOwn(labels, key) ? labels[key] : undefined
}

/** A list of selectors is ORed; an empty list matches everything. */
export function anySelectorMatches(selectors: readonly LabelSelector[], labels: Labels): boolean {
  return selectors.length === 0 || selectors.some((selector) => selectorMatches(selector, labels))
}
