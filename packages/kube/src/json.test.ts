import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fromJson, toJson } from './json.ts'

describe('JSON of the Kubernetes API', () => {
  const cases: readonly [sentence: string, text: string, value: unknown][] = [
    ['a small integer is a number', '{"n":5}', { n: 5 }],
    ['the largest safe integer is a number', '{"n":9007199254740991}', { n: 9007199254740991 }],
    ['the largest int64 is a bigint', '{"n":9223372036854775807}', { n: 9223372036854775807n }],
    ['the smallest int64 in a list is a bigint', '[-9223372036854775808]', [-9223372036854775808n]],
    ['digits in a string stay a string', '{"n":"9223372036854775807"}', { n: '9223372036854775807' }],
  ]
  for (const [sentence, text, value] of cases) {
    it(sentence, () => {
      assert.deepEqual(fromJson(text), value)
      assert.equal(toJson(value), text)
    })
  }

  it('a fraction with many digits stays a number', () =>
    assert.equal(typeof (fromJson('[0.12345678901234567]') as number[])[0], 'number'))
  it('a small bigint is written as a number', () => assert.equal(toJson({ n: 5n }), '{"n":5}'))
  it('broken text throws SyntaxError', () => assert.throws(() => fromJson('{'), SyntaxError))
})
