import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { parse } from 'yaml'
import { renderDocument } from '../scripts/chart-readme.ts'

/** What can be said of the chart without Helm; test/e2e/chart-template.test.ts asks Helm, chart.test.ts there an API server. */
const CHART = new URL('../charts/steelyard', import.meta.url).pathname
const read = (file: string): string => readFileSync(`${CHART}/${file}`, 'utf8')

type Tree = { readonly [name: string]: unknown }
const VALUES = parse(read('values.yaml')) as Tree
const SCHEMA = JSON.parse(read('values.schema.json')) as Schema & { readonly $defs: Readonly<Record<string, Schema>> }

type Schema = { readonly $ref?: string; readonly properties?: Readonly<Record<string, Schema>> }

describe('the chart', () => {
  it('has the table of its values in README.md as values.yaml has them', () => {
    assert.equal(read('README.md'), renderDocument(), 'npm run docs')
  })

  it('has the version of the product', () => {
    const product = JSON.parse(readFileSync(`${CHART}/../../package.json`, 'utf8')) as { version: string }
    const { version, appVersion } = parse(read('Chart.yaml')) as { version: string; appVersion: string }
    assert.deepEqual([version, appVersion], [product.version, product.version])
  })

  it('has every kind, from where they stand', () => {
    const files = (folder: string): readonly string[] => globSync('*.yaml', { cwd: folder }).toSorted()
    assert.ok(files(`${CHART}/files/crds`).length > 5)
    assert.deepEqual(files(`${CHART}/files/crds`), files(`${CHART}/../../crds`))
  })

  it('has a schema of every value, and of nothing else', () => {
    assert.deepEqual(pathsOfSchema(SCHEMA, '').toSorted(), pathsOfValues(VALUES, '').toSorted())
  })

  it('knows its own values where it tells which have no effect', () => {
    const [, block = ''] =
      /define "steelyard.knownValues" -}}\n([\s\S]*?)\n{{- end/.exec(read('templates/_ignored.tpl')) ?? []
    const { top, ...known } = parse(block) as Readonly<Record<string, readonly string[]>>
    // `global` is Helm's own.
    assert.deepEqual(top?.toSorted(), [...Object.keys(VALUES), 'global'].toSorted())
    for (const [parent, names] of Object.entries(known)) {
      assert.deepEqual(names.toSorted(), Object.keys(VALUES[parent] as Tree).toSorted(), parent)
    }
  })

  const RIGHTS = {
    'templates/rbac.yaml': ['config/rbac/controller.yaml', 'config/rbac/speaker.yaml'],
    'templates/webhook.yaml': ['config/webhook/rbac.yaml'],
  } as const
  for (const [template, files] of Object.entries(RIGHTS)) {
    it(`asks in ${template} for the rights of ${files.join(' and ')}, rule by rule in the same words`, () => {
      const ours = files.flatMap((file) => rulesIn(readFileSync(`${CHART}/../../${file}`, 'utf8')))
      assert.ok(ours.length > 10)
      const theirs = rulesIn(read(template).replaceAll('{{ $fullname }}-', ''))
      assert.deepEqual(theirs, ours)
    })
  }
})

/** The lines of all rules, as they stand. */
function rulesIn(text: string): readonly string[] {
  return text.split('\n').filter((line) => /^ {2}(- apiGroups|  (resources|resourceNames|verbs)):/.test(line))
}

function resolved(schema: Schema): Schema {
  const [, name] = /^#\/\$defs\/(.+)$/.exec(schema.$ref ?? '') ?? []
  return name === undefined ? schema : (SCHEMA.$defs[name] ?? schema)
}

/** Maps that anybody may fill (labels, resources) are leaves. */
function pathsOfSchema(schema: Schema, path: string): readonly string[] {
  const { properties } = resolved(schema)
  if (properties === undefined) return [path]
  return Object.entries(properties).flatMap(([name, inner]) =>
    pathsOfSchema(inner, path === '' ? name : `${path}.${name}`),
  )
}

/** As deep as the schema goes: what stands deeper is a default of the map above it. */
function pathsOfValues(values: Tree, path: string): readonly string[] {
  return Object.entries(values).flatMap(([name, value]) => {
    const place = path === '' ? name : `${path}.${name}`
    const goesOn = typeof value === 'object' && value !== null && !Array.isArray(value) && hasProperties(place)
    return goesOn ? pathsOfValues(value as Tree, place) : [place]
  })
}

function hasProperties(path: string): boolean {
  let schema: Schema | undefined = SCHEMA
  for (const name of path.split('.')) schema = resolved(schema ?? {}).properties?.[name]
  return schema !== undefined && resolved(schema).properties !== undefined
}
