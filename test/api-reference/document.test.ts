import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { DOCUMENT, renderDocument, selectorsIn } from './document.ts'
import { fieldRows } from './field-rows.ts'
import { servedKinds } from './schema.ts'

const TEXT = readFileSync(DOCUMENT, 'utf8')

describe('docs/api.md', () => {
  it('is what the schemas say: npm run docs makes it', () => assert.equal(TEXT, renderDocument()))

  it('has every kind in every version', () => {
    assert.equal(TEXT.match(/^## .*\/v\d/gm)?.length, servedKinds().length)
    assert.ok(servedKinds().length >= 13)
  })

  for (const { kind, version, schema } of servedKinds()) {
    it(`says of every field of ${kind} ${version} what it is for`, () => {
      const { metadata: _, ...properties } = schema.properties ?? {}
      const rows = fieldRows({ ...schema, properties })
      assert.ok(rows.length > 1)
      const mute = rows.filter(({ description, type }) => description === '' || type === 'any')
      assert.deepEqual(mute, [])
    })
  }

  it('tells selectors once because they are the same everywhere', () => {
    const tables = servedKinds().flatMap(({ schema }) =>
      selectorsIn(schema).map((one) => JSON.stringify(fieldRows(one))),
    )
    assert.ok(tables.length > 5)
    assert.equal(new Set(tables).size, 1)
  })
})

describe('a line of the reference', () => {
  const cases = [
    { name: 'a range', field: { type: 'integer', minimum: 1, maximum: 9 }, accepted: '1 to 9', type: 'integer' },
    { name: 'one bound', field: { type: 'integer', minimum: 1 }, accepted: 'at least 1', type: 'integer' },
    { name: 'words', field: { type: 'string', enum: ['a', 'b'] }, accepted: '`a` or `b`', type: 'string' },
    {
      name: 'a set of texts',
      field: {
        type: 'array',
        maxItems: 3,
        'x-kubernetes-list-type': 'set',
        items: { type: 'string', maxLength: 5 },
      },
      accepted: 'at most 3 entries; each once; each: at most 5 characters',
      type: 'list of string',
    },
    {
      name: 'a rule of its own',
      field: { type: 'string', 'x-kubernetes-validations': [{ rule: 'r', message: 'accepted: an address' }] },
      accepted: 'an address',
      type: 'string',
    },
  ]
  for (const { name, field, accepted, type } of cases) {
    it(`has ${name}`, () => {
      const [row] = fieldRows({ type: 'object', properties: { one: field } })
      assert.equal(row?.accepted, accepted)
      assert.equal(row?.type, type)
    })
  }

  it('has the rule of the object around it that names the field', () => {
    const rule = { rule: 'r', message: 'accepted: one of both', fieldPath: '.one' }
    const schema = { properties: { one: { type: 'string' } }, required: ['one'], 'x-kubernetes-validations': [rule] }
    const [row] = fieldRows(schema)
    assert.deepEqual([row?.accepted, row?.required], ['one of both', true])
  })
})
