import type { Rule, Schema } from './schema.ts'

/** A line of the reference: a field, and all that the schema says of it. */
export type FieldRow = {
  readonly path: string
  readonly type: string
  readonly required: boolean
  readonly fallback: string
  readonly accepted: string
  readonly description: string
}

type Place = { readonly path: string; readonly required: boolean; readonly rules: readonly Rule[] }

const SELECTOR_LINK = '[selector](#selectors)'

/** The selector of Kubernetes: it stands in many places, and is told once. */
export function isSelector({ properties = {} }: Schema): boolean {
  return Object.keys(properties).toSorted().join() === 'matchExpressions,matchLabels'
}

/** A list or map of plain values is one line; of objects, a line and one for each of their fields. */
export function fieldRows(schema: Schema, path = ''): readonly FieldRow[] {
  const rules = schema['x-kubernetes-validations'] ?? []
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const place = {
      path: path === '' ? name : `${path}.${name}`,
      required: schema.required?.includes(name) ?? false,
      rules: [...rulesAt(rules, `.${name}`), ...rulesAt(field['x-kubernetes-validations'] ?? [], '')],
    }
    return [rowOf(field, place), ...fieldRows(inner(field), pathOfInner(field, place.path))]
  })
}

function rulesAt(rules: readonly Rule[], fieldPath: string): readonly Rule[] {
  return rules.filter((rule) => (rule.fieldPath ?? '') === fieldPath)
}

/** What has fields of its own: the object itself, or what a list or map is made of. */
function inner(field: Schema): Schema {
  const content = field.items ?? field.additionalProperties ?? field
  return isSelector(content) ? {} : content
}

function pathOfInner(field: Schema, path: string): string {
  if (field.items !== undefined) return `${path}[]`
  return field.additionalProperties === undefined ? path : `${path}.*`
}

/** Of a message that names what was found only what is accepted, unless that speaks of what was found. */
function acceptedBy(rules: readonly Rule[]): readonly string[] {
  const told = rules.map(({ message }) => {
    const accepted = message.replace(/^.*accepted: /s, '')
    return /\b(them|its)\b/.test(accepted) ? message.replace('found', 'not').replace('accepted: ', '') : accepted
  })
  return [...new Set(told)]
}

/** A text as it is, anything else as JSON. */
function shown(value: unknown): string {
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``
}

function rowOf(field: Schema, { path, required, rules }: Place): FieldRow {
  return {
    path,
    type: typeOf(field),
    required,
    fallback: field.default === undefined ? '' : shown(field.default),
    accepted: [...bounds(field), ...acceptedBy(rules)].join('; '),
    description: field.description ?? '',
  }
}

function typeOf(field: Schema): string {
  if (isSelector(field)) return SELECTOR_LINK
  if (field.items !== undefined) return `list of ${typeOf(field.items)}`
  if (field.additionalProperties !== undefined) return `map to ${typeOf(field.additionalProperties)}`
  return field.format === 'date-time' ? 'time' : (field.type ?? 'any')
}

/** What the schema bounds; what a list is made of is bounded in the line of the list, unless it has lines of its own. */
function bounds(field: Schema): readonly string[] {
  const content = field.items ?? field.additionalProperties
  return [
    ...choice(field),
    ...range(field),
    ...sizes(field),
    ...(field.pattern === undefined ? [] : [`matches \`${field.pattern}\``]),
    ...uniqueness(field),
    ...(content === undefined || content.properties !== undefined ? [] : each(content)),
  ]
}

function each(content: Schema): readonly string[] {
  const told = [...bounds(content), ...acceptedBy(rulesAt(content['x-kubernetes-validations'] ?? [], ''))]
  return told.length === 0 ? [] : [`each: ${told.join(', ')}`]
}

function choice({ enum: values = [] }: Schema): readonly string[] {
  return values.length === 0 ? [] : [values.map(shown).join(' or ')]
}

function range({ minimum, maximum }: Schema): readonly string[] {
  if (minimum !== undefined && maximum !== undefined) return [`${minimum} to ${maximum}`]
  if (minimum !== undefined) return [`at least ${minimum}`]
  return maximum === undefined ? [] : [`at most ${maximum}`]
}

function sizes({ minLength, maxLength, minItems, maxItems, maxProperties }: Schema): readonly string[] {
  const told = [
    [minLength, 'at least', 'character', 'characters'],
    [maxLength, 'at most', 'character', 'characters'],
    [minItems, 'at least', 'entry', 'entries'],
    [maxItems, 'at most', 'entry', 'entries'],
    [maxProperties, 'at most', 'key', 'keys'],
  ] as const
  return told
    .filter(([size]) => size !== undefined)
    .map(([size, how, one, many]) => (size === 1 ? `${how} one ${one}` : `${how} ${size} ${many}`))
}

function uniqueness(field: Schema): readonly string[] {
  if (field['x-kubernetes-list-type'] === 'set') return ['each once']
  const keys = field['x-kubernetes-list-map-keys'] ?? []
  return keys.length === 0 ? [] : [`one for each ${keys.map((key) => `\`${key}\``).join(' and ')}`]
}
