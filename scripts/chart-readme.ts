import { readFileSync } from 'node:fs'
import { isMap, isScalar, type Pair, parseDocument, type YAMLMap } from 'yaml'

const CHART = new URL('../charts/steelyard', import.meta.url).pathname
export const DOCUMENT = `${CHART}/README.md`
const BEGIN = '<!-- values: made by `npm run docs` from values.yaml -->\n'
const END = '<!-- /values -->'

/** One line of the table: a value, its default, and what `# --` says above it. */
export type ChartValue = { readonly path: string; readonly fallback: unknown; readonly text: string }

/** Every value that is described. What has no text of its own is described by what it stands in. */
export function chartValues(): readonly ChartValue[] {
  const { contents } = parseDocument(readFileSync(`${CHART}/values.yaml`, 'utf8'))
  if (!isMap(contents)) throw new Error('values.yaml is no map')
  return valuesOf(contents, '')
}

function valuesOf(map: YAMLMap, parent: string): readonly ChartValue[] {
  return map.items.flatMap((pair, at) => {
    const path = `${parent}${String(isScalar(pair.key) ? pair.key.value : pair.key)}`
    const text = textAbove(map, pair, at)
    if (text !== undefined) return [{ path, fallback: plain(pair.value), text }]
    if (isMap(pair.value)) return valuesOf(pair.value, `${path}.`)
    throw new Error(`values.yaml: nothing says what ${path} is for`)
  })
}

/** The comment before the first key of a map belongs to the map itself. */
function textAbove(map: YAMLMap, { key }: Pair, at: number): string | undefined {
  const own = isScalar(key) ? key.commentBefore : undefined
  const comment = own ?? (at === 0 ? map.commentBefore : undefined) ?? ''
  const [, text] = /^ -- ([\s\S]*)$/m.exec(comment) ?? []
  return text?.replaceAll(/\n */g, ' ').trim()
}

function plain(node: unknown): unknown {
  return typeof node === 'object' && node !== null && 'toJSON' in node && typeof node.toJSON === 'function'
    ? (node.toJSON() as unknown)
    : undefined
}

/** README.md of the chart with the table as values.yaml has it now. */
export function renderDocument(): string {
  const text = readFileSync(DOCUMENT, 'utf8')
  const [before, rest] = text.split(BEGIN)
  const after = rest?.split(END)[1]
  if (before === undefined || after === undefined) throw new Error(`${DOCUMENT} has no place for the values`)
  const rows = chartValues().map(({ path, fallback, text }) => `| \`${path}\` | ${inCell(fallback)} | ${text} |`)
  return `${before}${BEGIN}\n| value | default | what for |\n|---|---|---|\n${rows.join('\n')}\n\n${END}${after}`
}

function inCell(value: unknown): string {
  const text = JSON.stringify(value)
  const readable = text.replaceAll(/([,:])(?=["[{\d])/g, '$1 ').replaceAll('"', '')
  return text === '""' ? '' : `\`${readable.replaceAll('|', String.raw`\|`)}\``
}
