import {
  compileSpeaker,
  judgeChange,
  type KubeObject,
  describeProblems,
  type Problem,
  readSpeakerPolicy,
  type SpeakerObjects,
} from '@steelyard/model'
import { parseAllDocuments } from 'yaml'
import { type Schema, servedKinds } from '../api-reference/schema.ts'
import { blocks, type Page } from './markdown.ts'

const NAMESPACE = 'metallb-system'
const SERVED = servedKinds()
const NOTHING = {
  pools: [],
  communities: [],
  bgpAdvertisements: [],
  bgpPeers: [],
  bgpPeerPolicies: [],
  bfdProfiles: [],
  nodes: [],
}

/** An object that a guide shows, and where. */
export type Shown = { readonly at: string; readonly object: KubeObject & { readonly apiVersion?: string } }

/** Every object in the `yaml` blocks of a page. @throws Error on YAML that cannot be read */
export function objectsIn(page: Page): readonly Shown[] {
  return blocks(page)
    .filter(({ info }) => info === 'yaml')
    .flatMap(({ text, line }) =>
      parseAllDocuments(text).flatMap((document) => {
        const at = `${page.path}:${line}`
        if (document.errors.length > 0) throw new Error(`${at}: ${document.errors.join(', ')}`)
        const object = document.toJS() as Shown['object'] | null
        return object === null || object.kind === undefined ? [] : [{ at, object }]
      }),
    )
}

/** Whether it is of a kind of the product. */
export function isOurs({ object }: Shown): boolean {
  return /^(metallb\.io|steelyard\.dev)\//.test(object.apiVersion ?? '')
}

/** What the schema of its kind has against an object: fields that are missing, unknown, or of another type. */
export function schemaProblems({ object }: Shown): readonly string[] {
  const served = SERVED.find(
    ({ kind, group, version }) => kind === object.kind && `${group}/${version}` === object.apiVersion,
  )
  if (served === undefined) return [`${object.apiVersion} has no kind ${object.kind}`]
  const { apiVersion: _, kind: __, metadata: ___, ...rest } = object as Readonly<Record<string, unknown>>
  return problemsIn(served.schema, rest, '')
}

const TYPES: Readonly<Record<string, (value: unknown) => boolean>> = {
  object: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  array: Array.isArray,
  string: (value) => typeof value === 'string',
  boolean: (value) => typeof value === 'boolean',
  integer: Number.isInteger,
}

function problemsIn(schema: Schema, value: unknown, path: string): readonly string[] {
  if (TYPES[schema.type ?? '']?.(value) !== true) return [`${path}: ${JSON.stringify(value)} is no ${schema.type}`]
  if (schema.items !== undefined) {
    const { items } = schema
    return (value as readonly unknown[]).flatMap((one, at) => problemsIn(items, one, `${path}[${at}]`))
  }
  if (schema.type !== 'object') return valueProblems(schema, value, path)
  const fields = value as Readonly<Record<string, unknown>>
  const missing = (schema.required ?? []).filter((name) => fields[name] === undefined)
  return [
    ...missing.map((name) => `${path}.${name} is missing`),
    ...Object.entries(fields).flatMap(([name, one]) => {
      const inner = schema.properties?.[name] ?? schema.additionalProperties
      return inner === undefined ? [`${path}.${name} is no field`] : problemsIn(inner, one, `${path}.${name}`)
    }),
  ]
}

function valueProblems(
  { enum: words, minimum, maximum, pattern }: Schema,
  value: unknown,
  path: string,
): readonly string[] {
  const isWrong =
    (words !== undefined && !words.includes(String(value))) ||
    (minimum !== undefined && Number(value) < minimum) ||
    (maximum !== undefined && Number(value) > maximum) ||
    (pattern !== undefined && !new RegExp(pattern, 'u').test(String(value)))
  return isWrong ? [`${path}: ${JSON.stringify(value)} is not accepted`] : []
}

/** What the programs have against the objects of one page: each by itself, and all together as one configuration. */
export function modelProblems(shown: readonly Shown[]): readonly string[] {
  const objects = shown.map(({ object }) => object)
  const alone = shown.filter(isOurs).flatMap(({ object }) => ownProblems(object))
  const compiled = compileSpeaker(speakerObjects(objects), { name: 'worker-1', labels: {} })
  return [...alone, ...(compiled.ok ? [] : compiled.problems)].map((problem) => describeProblems([problem]))
}

function ownProblems(object: KubeObject): readonly Problem[] {
  const { kind, metadata } = object
  if (kind === 'SpeakerPolicy') {
    const read = readSpeakerPolicy(object)
    return read.ok ? [] : read.problems
  }
  const change = {
    operation: 'CREATE',
    kind,
    namespace: metadata?.namespace ?? '',
    name: metadata?.name ?? '',
    object,
  } as const
  return judgeChange(change, NOTHING, NAMESPACE).problems
}

function speakerObjects(objects: readonly KubeObject[]): SpeakerObjects {
  const of = (kind: string): readonly KubeObject[] => objects.filter((object) => object.kind === kind)
  return {
    pools: of('IPAddressPool'),
    communities: of('Community'),
    namespaces: of('Namespace'),
    l2Advertisements: of('L2Advertisement'),
    bgpAdvertisements: of('BGPAdvertisement'),
    bgpPeers: of('BGPPeer'),
    bfdProfiles: of('BFDProfile'),
    bgpPeerPolicies: of('BGPPeerPolicy'),
    secrets: of('Secret').map(stored),
  }
}

/** As the API server keeps a Secret that is written in plain text. */
function stored(secret: KubeObject & { readonly stringData?: Readonly<Record<string, string>> }): KubeObject {
  const data = Object.entries(secret.stringData ?? {}).map(([key, text]) => [key, Buffer.from(text).toString('base64')])
  return Object.assign({}, secret, { data: Object.fromEntries(data) })
}
