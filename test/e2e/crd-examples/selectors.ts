import type { RuleExample } from './example.ts'

type Selectors = readonly object[]
type Case = {
  readonly rule: string
  readonly refused: Selectors
  readonly at: string
  readonly says: string
  readonly accepted: Selectors
}

const needs = (...requirements: readonly object[]): object => ({ matchExpressions: requirements })
const zones = (...values: readonly string[]): object => ({ key: 'zone', operator: 'In', values })

const KEY = 'accepted: a label key, such as zone or example.com/zone'
const ONCE = 'accepted: each selector once'

/** Good in one selector as well as in the `preference` of a preferred node. */
const ONE: readonly Case[] = [
  {
    rule: 'a requirement stands once',
    refused: [needs(zones('a'), zones('b'), zones('a'))],
    at: '[0].matchExpressions',
    says: 'found a requirement on "zone" twice; accepted: each requirement once',
    accepted: [needs(zones('a'), zones('b'), zones('a', 'b'))],
  },
  {
    rule: 'a requirement stands once, however its values are ordered',
    refused: [needs(zones('a', 'b'), zones('b', 'a'))],
    at: '',
    says: 'found two requirements that differ only in the order of values; accepted: each requirement once',
    accepted: [needs(zones('a', 'b'), zones('b', 'c'))],
  },
  {
    rule: 'a value stands once',
    refused: [needs({ key: 'disk', operator: 'Exists' }, zones('a', 'b', 'c', 'b'))],
    at: '',
    says: 'found "b" twice in one requirement; accepted: each value once',
    accepted: [needs({ key: 'disk', operator: 'Exists' }, zones('a', 'b', 'c', 'B'))],
  },
  {
    rule: 'In has a value',
    refused: [needs({ key: 'zone', operator: 'In' })],
    at: '[0].matchExpressions[0].values',
    says: 'found 0 values with In on "zone"; accepted: at least one',
    accepted: [needs(zones('a'))],
  },
  {
    rule: 'Exists has no value',
    refused: [needs({ key: 'zone', operator: 'Exists', values: ['a'] })],
    at: '[0].matchExpressions[0].values',
    says: 'found 1 values with Exists on "zone"; accepted: none',
    accepted: [needs({ key: 'zone', operator: 'Exists', values: [] })],
  },
  {
    rule: 'a key is a label key',
    refused: [{ matchLabels: { 'example.com/zone/a': 'b' } }],
    at: '[0].matchLabels',
    says: `found the key "example.com/zone/a"; ${KEY}`,
    accepted: [{ matchLabels: { 'example.com/zone_a': 'b' } }],
  },
]

const SEVERAL: readonly Case[] = [
  {
    rule: 'a selector stands once',
    refused: [{ matchLabels: { a: 'b' } }, needs(zones('a')), {}, needs(zones('a'))],
    at: '',
    says: `found the selector at [1] again at [3]; ${ONCE}`,
    accepted: [{ matchLabels: { a: 'b' } }, needs(zones('a')), {}, needs(zones('b'))],
  },
  {
    rule: 'a selector stands once, however its values are ordered',
    refused: [
      { matchLabels: { a: 'b' }, ...needs(zones('a', 'b')) },
      { matchLabels: { a: 'b' }, ...needs(zones('b', 'a')) },
    ],
    at: '',
    says: `found two selectors that differ only in the order of values; ${ONCE}`,
    accepted: [
      { matchLabels: { a: 'b' }, ...needs(zones('a', 'b')) },
      { matchLabels: { a: 'c' }, ...needs(zones('b', 'a')) },
    ],
  },
]

/**
 * The rules of a list of selectors at `field` of a spec, which `put` makes around the list.
 * @param field for example `serviceAllocation.namespaceSelectors`
 */
export function selectorRules(field: string, put: (selectors: Selectors) => object): readonly RuleExample[] {
  return [...SEVERAL, ...ONE].map(({ rule, refused, at, says, accepted }) => ({
    rule: `${field}: ${rule}`,
    refused: put(refused),
    at: `spec.${field}${at}`,
    says,
    accepted: put(accepted),
  }))
}

/** The same of a list of weighted preferences, where equal ones may stand side by side. */
export function preferenceRules(field: string, put: (preferences: Selectors) => object): readonly RuleExample[] {
  const weighted = (selectors: Selectors): object => put(selectors.map((preference) => ({ weight: 1, preference })))
  return ONE.map(({ rule, refused, at, says, accepted }) => ({
    rule: `${field}: ${rule}`,
    refused: weighted(refused),
    at: `spec.${field}${at.replace('[0]', '[0].preference')}`,
    says,
    accepted: weighted(accepted),
  }))
}
