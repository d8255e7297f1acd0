import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import type { Kind } from './example.ts'

const ROOT = new URL('../../..', import.meta.url).pathname

type Rule = {
  readonly message: string
  readonly messageExpression?: string
  readonly rule: string
  readonly fieldPath?: string
}
export type Schema = {
  readonly type: string
  readonly description?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly items?: Schema
  readonly additionalProperties?: Schema
  readonly required?: readonly string[]
  readonly enum?: readonly string[]
  readonly default?: unknown
  readonly maxItems?: number
  readonly maxLength?: number
  readonly maxProperties?: number
  readonly 'x-kubernetes-list-type'?: string
  readonly 'x-kubernetes-validations'?: readonly Rule[]
}
type Crd = {
  readonly spec: {
    readonly versions: readonly { readonly name: string; readonly schema: { readonly openAPIV3Schema: Schema } }[]
  }
}

/** The schema of a kind as its file has it. */
export function schemaOf({ plural, version }: Kind): Schema {
  const crd = parse(readFileSync(`${ROOT}crds/${plural}.yaml`, 'utf8'), { maxAliasCount: 1000 }) as Crd
  const found = crd.spec.versions.find(({ name }) => name === version)
  if (found === undefined) throw new Error(`crds/${plural}.yaml has no version ${version}`)
  return found.schema.openAPIV3Schema
}

/** Where a rule speaks (`spec.nodeSelectors[].matchLabels`), and all that it may say. */
export type RuleTexts = { readonly path: string; readonly texts: readonly string[] }

export function ruleTexts(kind: Kind): readonly RuleTexts[] {
  return [...schemasOf(schemaOf(kind))].flatMap(({ path, schema }) =>
    (schema['x-kubernetes-validations'] ?? [])
      .filter(({ rule }) => !rule.includes('oldSelf'))
      .map((rule) => ({ path: `${path}${rule.fieldPath ?? ''}`.replace(/^\./, ''), texts: textsOf(rule) })),
  )
}

/** Without an expression the message itself; else the texts that the expression fills in. */
function textsOf({ message, messageExpression }: Rule): readonly string[] {
  if (messageExpression === undefined) return [message]
  const joined = messageExpression.replaceAll(/'\s*\+\s*self\s*\+\s*'/g, '%s').replaceAll(/'\s*\+\s*'/g, '')
  return [...joined.matchAll(/'(found [^']*)'/g)].map(([, text = '']) => text)
}

/** Each schema within a schema, with its path. */
export function* schemasOf(schema: Schema, path = ''): Generator<{ readonly path: string; readonly schema: Schema }> {
  yield { path, schema }
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    yield* schemasOf(property, path === '' ? name : `${path}.${name}`)
  }
  if (schema.items !== undefined) yield* schemasOf(schema.items, `${path}[]`)
  if (schema.additionalProperties !== undefined) yield* schemasOf(schema.additionalProperties, `${path}.*`)
}
