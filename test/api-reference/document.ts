import { anchorOf } from '../docs/markdown.ts'
import { type FieldRow, fieldRows, isSelector } from './field-rows.ts'
import { type Schema, type Served, servedKinds } from './schema.ts'

export const DOCUMENT = new URL('../../docs/api.md', import.meta.url).pathname

const INTRO = `# API reference

<!-- Made by \`npm run docs\` from the schemas in crds/; a test holds it against them. -->

Every kind, and every field with what the API server accepts. What is refused later, and where it is told: [crds.md](crds.md). What the
fields do: [concepts.md](concepts.md) and the pages named there.

A path with \`[]\` goes through a list, one with \`*\` through a map. **Bold** fields must be given. A default is filled in by the API server; what is in
force where nothing is filled in says the meaning. Kinds whose fields are all under \`status\` are written by the programs, for you to read.`

const SELECTORS = `## Selectors

The label selector of Kubernetes. All of \`matchLabels\` and \`matchExpressions\` must hold; an empty one selects everything.`

const HEAD = ['| field | type | default | accepted | meaning |', '| --- | --- | --- | --- | --- |']

/** docs/api.md. */
export function renderDocument(): string {
  const kinds = servedKinds()
  const contents = kinds.map((served) => `- [${title(served)}](#${anchorOf(title(served))})`).join('\n')
  return `${[INTRO, contents, ...kinds.map(section), selectorSection(kinds)].join('\n\n')}\n`
}

const title = ({ kind, group, version }: Served): string => `${kind} ${group}/${version}`

function section(served: Served): string {
  const { metadata: _, ...properties } = served.schema.properties ?? {}
  const rows = fieldRows({ ...served.schema, properties })
  const facts = [
    `\`kubectl get ${served.plural}\``,
    served.clusterWide ? 'cluster-wide' : 'in the namespace of the product',
    ...(served.stored ? [] : ['converted when it is stored']),
    ...(served.deprecated ? ['deprecated'] : []),
  ]
  return [`## ${title(served)}`, served.schema.description ?? '', `${facts.join('; ')}.`, table(rows)].join('\n\n')
}

function table(rows: readonly FieldRow[]): string {
  return [...HEAD, ...rows.map(line)].join('\n')
}

function line({ path, type, required, fallback, accepted, description }: FieldRow): string {
  const name = required ? `**\`${path}\`**` : `\`${path}\``
  const cells = [name, type, fallback, accepted, description]
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll(/\s+/g, ' ').trim()).join(' | ')} |`
}

/** Told once, with the bounds of the first; a test holds all others against it. */
function selectorSection(kinds: readonly Served[]): string {
  const [first] = kinds.flatMap(({ schema }) => selectorsIn(schema))
  if (first === undefined) throw new Error('no kind has a selector')
  return [SELECTORS, table(fieldRows(first))].join('\n\n')
}

/** Every selector within a schema. */
export function selectorsIn(schema: Schema): readonly Schema[] {
  if (isSelector(schema)) return [schema]
  const inner = [...Object.values(schema.properties ?? {}), schema.items, schema.additionalProperties]
  return inner.flatMap((one) => (one === undefined ? [] : selectorsIn(one)))
}
