import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { parse } from 'yaml'
import { groupOf, type Kind, KINDS } from './e2e/crd-examples/example.ts'
import { FIELDS } from './e2e/crd-examples/fields.ts'
import { type Schema, schemaOf, schemasOf } from './e2e/crd-examples/rule-texts.ts'

/** What can be said of the schemas without an API server; test/e2e/crds.test.ts asks a real one. */

const ROOT = new URL('..', import.meta.url).pathname
const ALL: readonly Kind[] = Object.values(KINDS)

type Version = {
  readonly name: string
  readonly served: boolean
  readonly storage: boolean
  readonly deprecated?: boolean
  readonly deprecationWarning?: string
  readonly subresources?: object
  readonly additionalPrinterColumns?: readonly object[]
}
type Crd = {
  readonly metadata: { readonly name: string }
  readonly spec: {
    readonly group: string
    readonly scope: string
    readonly conversion?: object
    readonly names: Readonly<Record<string, string>>
    readonly versions: readonly Version[]
  }
}

const CRDS = globSync('crds/*.yaml', { cwd: ROOT })
  .toSorted()
  .map((file) => ({ file, crd: parse(readFileSync(`${ROOT}${file}`, 'utf8'), { maxAliasCount: 1000 }) as Crd }))

describe('the head of a CRD', () => {
  it('is found for all twelve kinds', () => assert.equal(CRDS.length, 12))
  for (const { file, crd } of CRDS) {
    it(`${file} names its kind, group and scope, converts nothing and has a status of its own`, () => {
      const { group, scope, conversion, names, versions } = crd.spec
      // Only BGPPeer ever had a webhook to take away.
      const webhook = versions.length > 1 ? { webhook: null } : {}
      assert.deepEqual(conversion, { strategy: 'None', ...webhook })
      const { kind = '', plural = '' } = names
      assert.deepEqual(names, { kind, plural, listKind: `${kind}List`, singular: kind.toLowerCase() })
      assert.equal(file, `crds/${plural}.yaml`)
      const known = ALL.filter((candidate) => candidate.plural === plural)
      const [first] = known
      assert.ok(first !== undefined)
      assert.deepEqual({ group, scope }, { group: groupOf(first), scope: scopeOf(first) })
      assert.equal(crd.metadata.name, `${plural}.${group}`)
      const served = known.map(({ version }) => version)
      assert.deepEqual(
        versions.map(({ name }) => name),
        served,
      )
      assert.deepEqual(
        versions.map(({ storage }) => storage),
        served.map((_, at) => at === 0),
      )
      assert.ok(versions.every((version) => version.served && version.subresources !== undefined))
    })
  }
})

function scopeOf({ clusterWide }: Kind): string {
  return clusterWide === true ? 'Cluster' : 'Namespaced'
}

describe('a kind has the fields of the contract, and no others', () => {
  for (const kind of ALL) {
    it(`${kind.kind} ${kind.version}`, () =>
      assert.deepEqual(fieldsOf(schemaOf(kind)), FIELDS[`${kind.kind} ${kind.version}`]))
  }
})

/** Every field but those inside a selector, with its type, its default and whether it must be there. */
function fieldsOf(schema: Schema, path = ''): Record<string, string> {
  const required = new Set(schema.required ?? [])
  const rows = Object.entries(schema.properties ?? {}).flatMap(([name, property]): [string, string][] => {
    const at = path === '' ? name : `${path}.${name}`
    const leaf = property.items ?? property
    const inner = isSelector(leaf) ? {} : fieldsOf(leaf, property.items === undefined ? at : `${at}[]`)
    const words = [
      property.items === undefined ? typeOf(leaf) : `list of ${typeOf(leaf)}`,
      ...(property.default === undefined ? [] : [`= ${JSON.stringify(property.default)}`]),
      ...(required.has(name) ? ['required'] : []),
    ]
    return [[at, words.join(' ')], ...Object.entries(inner)]
  })
  return Object.fromEntries(rows)
}

function isSelector({ properties = {} }: Schema): boolean {
  return Object.keys(properties).join() === 'matchLabels,matchExpressions'
}

function typeOf(schema: Schema): string {
  return isSelector(schema) ? 'selector' : (schema.enum?.join('|') ?? schema.type)
}

/** What a schema lacks of what every schema has: a description, and a bound on all that can grow. */
function shortcomings(path: string, schema: Schema): readonly string[] {
  const { type, enum: words, additionalProperties } = schema
  const missing = [
    ...(isDescribed(path, schema) ? [] : ['a description']),
    ...(type === 'string' && words === undefined ? below(100, schema, 'maxLength') : []),
    ...(type === 'array' ? below(path === 'spec.addresses' ? 1000 : 100, schema, 'maxItems') : []),
    ...(additionalProperties === undefined ? [] : below(100, schema, 'maxProperties')),
    ...(type === 'array' && schema['x-kubernetes-list-type'] !== listTypeOf(path) ? ['its list type'] : []),
  ]
  return missing.map((what) => `${path} lacks ${what}`)
}

/** The API server lets nobody describe the metadata. */
function isDescribed(path: string, { description = '' }: Schema): boolean {
  return description.length > 8 || path === 'metadata'
}

function below(least: number, schema: Schema, bound: 'maxLength' | 'maxItems' | 'maxProperties'): readonly string[] {
  return (schema[bound] ?? 0) < least ? [`a ${bound} of ${least} or more`] : []
}

function listTypeOf(path: string): string {
  return path === 'status.conditions' ? 'map' : 'atomic'
}

describe('everything in a schema is bounded and described', () => {
  for (const kind of ALL) {
    const schemas = [...schemasOf(schemaOf(kind))]
    it(`${kind.kind} ${kind.version}`, () => {
      assert.deepEqual(
        schemas.flatMap(({ path, schema }) => shortcomings(path, schema)),
        [],
      )
    })
    it(`${kind.kind} ${kind.version}: only literal text is formatted, as the API server of Kubernetes 1.31 panics on other`, () => {
      for (const { path, schema } of schemas) {
        for (const { messageExpression = '' } of schema['x-kubernetes-validations'] ?? []) {
          assert.doesNotMatch(messageExpression, /[^']\s*\.format\(/, path)
        }
      }
    })
    it(`${kind.kind} ${kind.version}: each rule says what was found or what is accepted`, () => {
      for (const { path, schema } of schemas) {
        for (const { message } of schema['x-kubernetes-validations'] ?? []) {
          assert.match(message, /accepted: /, path)
        }
      }
    })
  }
})

describe('what stands in several places is the same in all of them', () => {
  const lists = ALL.flatMap((kind) =>
    [...schemasOf(schemaOf(kind))]
      .filter(({ schema }) => schema.items !== undefined && isSelector(schema.items))
      .map(({ path, schema }) => ({ where: `${kind.kind} ${kind.version} ${path}`, schema })),
  )
  const [first, ...others] = lists
  it('finds the lists of selectors', () => assert.equal(lists.length, 10))
  for (const { where, schema } of others) {
    it(`a list of selectors, at ${where}`, () => {
      assert.deepEqual({ ...schema, description: '' }, { ...first?.schema, description: '' })
    })
  }
})

describe('BGPPeer v1beta1', () => {
  const { spec: old, ...oldRest } = schemaOf(KINDS.oldPeer).properties ?? {}
  const { spec, ...rest } = schemaOf(KINDS.peer).properties ?? {}

  it('is v1beta2 but for two required fields and a port of 0', () => {
    assert.deepEqual(oldRest, rest)
    assert.deepEqual(old?.required, ['myASN', 'peerASN', 'peerAddress'])
    assert.deepEqual(spec?.required, ['myASN'])
    const { description: _, ...oldPort } = old?.properties?.['peerPort'] ?? { type: '' }
    const { description: __, ...port } = spec?.properties?.['peerPort'] ?? { type: '' }
    assert.deepEqual(oldPort, { ...port, minimum: 0 })
    const same = (schema: Schema | undefined): object => ({
      ...schema,
      required: [],
      properties: { ...schema?.properties, peerPort: undefined },
    })
    assert.deepEqual(same(old), same(spec))
  })

  it('is deprecated in favour of v1beta2, and has its columns', () => {
    const [now, before] = CRDS.find(({ file }) => file === 'crds/bgppeers.yaml')?.crd.spec.versions ?? []
    assert.equal(now?.deprecated, undefined)
    assert.equal(before?.deprecated, true)
    assert.match(before?.deprecationWarning ?? '', /metallb\.io\/v1beta2/)
    assert.deepEqual(before?.additionalPrinterColumns, now?.additionalPrinterColumns)
  })
})
