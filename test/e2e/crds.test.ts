import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import { parse } from 'yaml'
import { applyCrds, causes, said } from './crd-server.ts'
import { COLUMNS } from './crd-examples/columns.ts'
import { ruleTexts } from './crd-examples/rule-texts.ts'
import { groupOf, type Kind, KINDS, nameOf, objectOf, pathOf, type RuleExample } from './crd-examples/example.ts'
import { RULES } from './crd-examples/rules.ts'
import { BOUNDS, MISFITS } from './crd-examples/schema.ts'
import { type Answer, type RealApi, startRealApi } from './real-api.ts'

const ROOT = new URL('../..', import.meta.url).pathname

const CRD_NAMES = [...new Set(Object.values(KINDS).map((kind) => `${kind.plural}.${groupOf(kind)}`))]

let api: RealApi

/** Asks whether an object would be taken, with nothing in it that the schema does not know. */
function tryCreate(kind: Kind, rest: object, name = nameOf(kind, 'example')): Promise<Answer> {
  return api.call('POST', `${pathOf(kind)}?dryRun=All&fieldValidation=Strict`, { body: objectOf(kind, name, rest) })
}

before(async () => {
  api = await startRealApi()
  await applyCrds(api)
})
after(() => api.stop())

describe('a CRD', () => {
  for (const name of CRD_NAMES) {
    it(`${name} is established, sound, and converts nothing`, async () => {
      const path = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${name}`
      type Crd = { spec: { conversion: object }; status: { conditions: { type: string; status: string }[] } }
      const { body } = await api.call<Crd>('GET', path)
      const conditions = Object.fromEntries(body.status.conditions.map(({ type, status }) => [type, status]))
      assert.deepEqual(conditions, { NamesAccepted: 'True', Established: 'True' })
      assert.deepEqual(body.spec.conversion, { strategy: 'None' })
    })
  }

  it('stands in a file of its own, and there are no others', () => {
    const kinds = globSync('crds/*.yaml', { cwd: ROOT }).map((file) => parse(readFileSync(`${ROOT}${file}`, 'utf8')))
    const names = kinds.map((crd: { metadata: { name: string } }) => crd.metadata.name).toSorted()
    assert.deepEqual(names, CRD_NAMES.toSorted())
  })
})

describe('each rule refuses its example, names what it found, and takes the nearest neighbour', () => {
  for (const { kind, rules } of RULES) {
    describe(`${kind.kind} ${kind.version}`, () => {
      for (const example of rules) it(example.rule, () => judge(kind, example))
    })
  }
})

async function judge(kind: Kind, { refused, refusedName, at, says, accepted }: RuleExample): Promise<void> {
  const no = await tryCreate(kind, { spec: refused }, refusedName)
  assert.equal(no.status, 422, said(no))
  assert.deepEqual(causes(no), [`${at}: Invalid value: ${says}`])
  const yes = await tryCreate(kind, { spec: accepted })
  assert.equal(yes.status, 201, said(yes))
}

describe('no rule is without an example', () => {
  for (const { kind, rules } of RULES) {
    const shown = rules.map(({ at, says }) => ({ path: at.replaceAll(/\[\d+\]/g, '[]'), says }))
    for (const { path, texts } of ruleTexts(kind)) {
      it(`${kind.kind} ${kind.version} ${path}: ${texts[0]}`, () => {
        const found = shown.some((row) => row.path === path && texts.some((text) => matches(row.says, text)))
        assert.ok(found, `none of the refusals at ${path} says one of ${texts.join(' | ')}`)
      })
    }
  }
})

/** `%s` and `%d` of a message stand for anything, and a scalar stands before it. */
function matches(says: string, text: string): boolean {
  const pattern = text
    .split(/%[sd]/)
    .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('.*')
  return new RegExp(`(^|: )${pattern}$`).test(says)
}

describe('a number is taken up to its bounds, and not beyond', () => {
  for (const { kind, field, least, most, put } of BOUNDS) {
    it(`${kind.kind} ${kind.version} ${field} from ${least} to ${most}`, async () => {
      for (const value of [least, most]) {
        const yes = await tryCreate(kind, { spec: put(value) })
        assert.equal(yes.status, 201, `${value}: ${said(yes)}`)
      }
      for (const value of [least - 1, most + 1]) {
        const no = await tryCreate(kind, { spec: put(value) })
        assert.equal(no.status, 422, `${value}: ${said(no)}`)
        assert.ok(
          causes(no).some((cause) => cause.startsWith(`${field}: `)),
          said(no),
        )
      }
    })
  }
})

describe('the schema refuses', () => {
  for (const { what, kind, refused, at, says } of MISFITS) {
    it(what, async () => {
      const no = await tryCreate(kind, refused)
      assert.equal(no.status, 422, said(no))
      assert.ok(
        causes(no).some((cause) => cause.startsWith(`${at}: `) && cause.includes(says)),
        said(no),
      )
    })
  }
})

describe('kubectl get shows', () => {
  for (const { kind, columns, object, cells } of COLUMNS) {
    it(`${kind.kind} ${kind.version} with ${columns.join(', ') || 'no column of its own'}`, async () => {
      type Table = { columnDefinitions: { name: string; priority: number }[]; rows: { cells: unknown[] }[] }
      const name = nameOf(kind, `shown-${kind.plural}-${kind.version}`)
      await api.call('POST', pathOf(kind), { body: objectOf(kind, name, object) })
      await api.call('PUT', pathOf(kind, name, 'status'), { body: await withStatus(kind, name, object) })
      const { body } = await api.call<Table>('GET', pathOf(kind, name), {
        accept: 'application/json;as=Table;v=v1;g=meta.k8s.io',
      })
      const shown = body.columnDefinitions.map(
        (column) => `${column.name}${column.priority > 0 ? ` (${column.priority})` : ''}`,
      )
      assert.deepEqual(shown, ['Name', ...columns])
      const ages = shown.indexOf('Age')
      assert.deepEqual(
        body.rows[0]?.cells.filter((_, at) => at !== ages),
        [name, ...cells],
      )
    })
  }
})

async function withStatus(kind: Kind, name: string, rest: object): Promise<object> {
  const { body } = await api.call<object>('GET', pathOf(kind, name))
  return { ...body, ...rest }
}
