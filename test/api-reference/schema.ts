import { globSync, readFileSync } from 'node:fs'
import { parse } from 'yaml'

const ROOT = new URL('../..', import.meta.url).pathname

export type Rule = { readonly message: string; readonly rule: string; readonly fieldPath?: string }

/** What OpenAPI says of a field, as far as CRDs use it. */
export type Schema = {
  readonly type?: string
  readonly format?: string
  readonly description?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly items?: Schema
  readonly additionalProperties?: Schema
  readonly required?: readonly string[]
  readonly enum?: readonly string[]
  readonly default?: unknown
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly minItems?: number
  readonly maxItems?: number
  readonly maxProperties?: number
  readonly pattern?: string
  readonly 'x-kubernetes-list-type'?: string
  readonly 'x-kubernetes-list-map-keys'?: readonly string[]
  readonly 'x-kubernetes-map-type'?: string
  readonly 'x-kubernetes-validations'?: readonly Rule[]
}

/** One version of a kind, as the API server serves it. */
export type Served = {
  readonly group: string
  readonly version: string
  readonly kind: string
  readonly plural: string
  readonly clusterWide: boolean
  readonly stored: boolean
  readonly deprecated: boolean
  readonly schema: Schema
}

type Crd = {
  readonly spec: {
    readonly group: string
    readonly scope: string
    readonly names: { readonly kind: string; readonly plural: string }
    readonly versions: readonly {
      readonly name: string
      readonly storage: boolean
      readonly deprecated?: boolean
      readonly schema: { readonly openAPIV3Schema: Schema }
    }[]
  }
}

/** Every version of every kind in `crds/`, by group and name, the newest version first. */
export function servedKinds(): readonly Served[] {
  return globSync('crds/*.yaml', { cwd: ROOT })
    .toSorted()
    .map((file) => parse(readFileSync(`${ROOT}${file}`, 'utf8'), { maxAliasCount: 1000 }) as Crd)
    .flatMap(({ spec: { group, scope, names, versions } }) =>
      versions.map(({ name, storage, deprecated = false, schema }) => ({
        group,
        version: name,
        kind: names.kind,
        plural: names.plural,
        clusterWide: scope === 'Cluster',
        stored: storage,
        deprecated,
        schema: schema.openAPIV3Schema,
      })),
    )
    .toSorted((a, b) => a.group.localeCompare(b.group))
}
