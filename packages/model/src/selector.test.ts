import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import type { Labels } from './kubernetes.ts'
import { anySelectorMatches, type LabelSelector, selectorMatches, type SelectorRequirement } from './selector.ts'

const RED: SelectorRequirement = { key: 'color', operator: 'In', values: ['red', 'pink'] }

describe('selectorMatches', () => {
  const CASES: readonly (readonly [name: string, selector: LabelSelector, labels: Labels, matches: boolean])[] = [
    ['the empty selector matches all', [], {}, true],
    ['In takes one of the values', [RED], { color: 'pink' }, true],
    ['In refuses another value', [RED], { color: 'blue' }, false],
    ['In refuses an absent label', [RED], {}, false],
    ['NotIn refuses one of the values', [{ ...RED, operator: 'NotIn' }], { color: 'red' }, false],
    ['NotIn takes an absent label', [{ ...RED, operator: 'NotIn' }], {}, true],
    ['Exists takes an empty value', [{ key: 'color', operator: 'Exists', values: [] }], { color: '' }, true],
    [
      'DoesNotExist refuses an empty value',
      [{ key: 'color', operator: 'DoesNotExist', values: [] }],
      { color: '' },
      false,
    ],
    ['all requirements must hold', [RED, { key: 'size', operator: 'Exists', values: [] }], { color: 'red' }, false],
    [
      'a label named like a method is absent until it is there',
      [{ key: 'constructor', operator: 'Exists', values: [] }],
      {},
      false,
    ],
  ]
  for (const [name, selector, labels, matches] of CASES) {
    it(name, () => assert.equal(selectorMatches(selector, labels), matches))
  }
})

const KEYS = ['a', 'b', 'c']
const VALUES = ['', 'x', 'y']
const labelsOf = fc.dictionary(fc.constantFrom(...KEYS), fc.constantFrom(...VALUES))
const requirementOf: fc.Arbitrary<SelectorRequirement> = fc.record({
  key: fc.constantFrom(...KEYS),
  operator: fc.constantFrom('In', 'NotIn', 'Exists', 'DoesNotExist'),
  values: fc.subarray(VALUES),
})
const selectorOf = fc.array(requirementOf, { maxLength: 4 })

/** Written from the documentation of labels, as sets. */
function holds({ key, operator, values }: SelectorRequirement, labels: Labels): boolean {
  const present = Object.keys(labels).includes(key)
  const isIn = present && new Set(values).has(labels[key] ?? '')
  if (operator === 'In') return isIn
  if (operator === 'NotIn') return !isIn
  return operator === 'Exists' ? present : !present
}

describe('selectors, whatever they are', () => {
  it('hold iff each requirement does', () =>
    fc.assert(
      fc.property(selectorOf, labelsOf, (selector, labels) =>
        assert.equal(selectorMatches(selector, labels), selector.filter((one) => !holds(one, labels)).length === 0),
      ),
    ))

  it('NotIn is the opposite of In, DoesNotExist that of Exists', () =>
    fc.assert(
      fc.property(requirementOf, labelsOf, (requirement, labels) => {
        const opposite = ({ In: 'NotIn', NotIn: 'In', Exists: 'DoesNotExist', DoesNotExist: 'Exists' } as const)[
          requirement.operator
        ]
        assert.equal(
          selectorMatches([requirement], labels),
          !selectorMatches([{ ...requirement, operator: opposite }], labels),
        )
      }),
    ))

  it('in a list are ORed, and no list is all', () =>
    fc.assert(
      fc.property(fc.array(selectorOf, { maxLength: 3 }), labelsOf, (selectors, labels) => {
        const one = selectors.map((selector) => selectorMatches(selector, labels)).includes(true)
        assert.equal(anySelectorMatches(selectors, labels), one || selectors.length === 0)
      }),
    ))
})
