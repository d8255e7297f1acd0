import type { LabelSelector, SelectorRequirement } from '../selector.ts'
import { type Field, found, inside, mapped, obeying, problemAt, refused, type ValueOf } from './found.ts'
import { oneOf, text } from './scalars.ts'
import { fields, optionalList, quoted, textMap, withDefault, withoutRepeats } from './structures.ts'

/** A selector with the shape it was written in, by which repeats are judged. */
type WrittenSelector = { readonly selector: LabelSelector; readonly identity: string }

const NAME = /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/
const DNS_LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/
const LONGEST_KEY_PREFIX = 253

/** Kubernetes' "qualified name": up to 63 characters, with an optional DNS name before a slash. */
function isLabelKey(key: string): boolean {
  const parts = key.split('/')
  const [prefix, name] = parts.length === 1 ? [undefined, key] : parts
  if (parts.length > 2 || name === undefined || !NAME.test(name)) return false
  return prefix === undefined || (prefix.length <= LONGEST_KEY_PREFIX && prefix.split('.').every(isDnsLabel))
}

function isDnsLabel(label: string): boolean {
  return DNS_LABEL.test(label)
}

function isLabelValue(value: string): boolean {
  return value === '' || NAME.test(value)
}

const labelKey = obeying(text, (key, place) =>
  isLabelKey(key) ? [] : [problemAt(place, `found "${key}"; accepted: a label key`)],
)
const labelValue: Field<string> = obeying(text, (value, place) =>
  isLabelValue(value) ? [] : [problemAt(place, `found "${value}"; accepted: a label value`)],
)

const matchLabels: Field<readonly SelectorRequirement[]> = (value, place) => {
  const read = textMap(value, place)
  if (!read.ok) return read
  for (const [key, wanted] of Object.entries(read.value)) {
    const at = inside(place, key)
    if (!isLabelKey(key)) return refused([problemAt(at, `found the key "${key}"; accepted: a label key`)])
    const checked = labelValue(wanted, at)
    if (!checked.ok) return checked
  }
  return found(Object.entries(read.value).map(([key, wanted]) => ({ key, operator: 'In', values: [wanted] })))
}

const requirement: Field<SelectorRequirement> = obeying(
  fields({
    key: labelKey,
    operator: oneOf('In', 'NotIn', 'Exists', 'DoesNotExist'),
    values: withoutRepeats(optionalList(labelValue), quoted),
  }),
  ({ operator, values }, place) => {
    const takesValues = operator === 'In' || operator === 'NotIn'
    if (takesValues === values.length > 0) return []
    const accepted = takesValues ? 'at least one value' : 'no values'
    return [problemAt(inside(place, 'values'), `found ${values.length} values with ${operator}; accepted: ${accepted}`)]
  },
)

const written = fields({
  matchLabels: withDefault(matchLabels, {}),
  matchExpressions: withoutRepeats(optionalList(requirement), requirementIdentity),
})

const writtenSelector: Field<WrittenSelector> = mapped(written, (selector) => ({
  selector: [...selector.matchLabels, ...selector.matchExpressions],
  identity: selectorIdentity(selector),
}))

/** A requirement with its values in order, since their order says nothing. */
function ordered({ key, operator, values }: SelectorRequirement): Readonly<Record<string, unknown>> {
  return values.length === 0 ? { key, operator } : { key, operator, values: [...values].sort(byText) }
}

function requirementIdentity(requirement: SelectorRequirement): string {
  return JSON.stringify(ordered(requirement))
}

function selectorIdentity({ matchLabels: labels, matchExpressions: expressions }: ValueOf<typeof written>): string {
  const byKey = [...labels].sort((a, b) => byText(a.key, b.key))
  return JSON.stringify({
    ...(labels.length > 0 ? { matchLabels: Object.fromEntries(byKey.map(({ key, values }) => [key, values[0]])) } : {}),
    ...(expressions.length > 0 ? { matchExpressions: expressions.map(ordered) } : {}),
  })
}

function byText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}

export const labelSelector: Field<LabelSelector> = mapped(writtenSelector, ({ selector }) => selector)

/** A list of selectors, ORed, in which none may stand twice. */
export const selectorList: Field<readonly LabelSelector[]> = mapped(
  withoutRepeats(optionalList(writtenSelector), ({ identity }) => identity),
  (selectors) => selectors.map(({ selector }) => selector),
)

/**
 * Only `spec.nodeSelectors`, repeats and all: whether an object concerns this node is asked before
 * whether it is valid.
 */
export const nodeSelectorsOnly = fields({
  spec: withDefault(fields({ nodeSelectors: optionalList(labelSelector) }), {}),
})
