import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { compileExclusion } from './exclusion.ts'

describe('the exclusion of interfaces', () => {
  const table: [sources: string[], name: string, excluded: boolean][] = [
    [['^docker.*', '^veth.*'], 'veth12ab', true],
    [['^docker.*', '^veth.*'], 'eth0', false],
    [['^lo$'], 'lo', true],
    [['^lo$'], 'lowpan0', false],
    [['eth'], 'veth0', true],
    [[], 'anything', false],
    [[''], 'anything', true],
  ]
  for (const [sources, name, excluded] of table) {
    it(`${JSON.stringify(sources)} ${excluded ? 'excludes' : 'leaves'} ${name}`, () => {
      assert.equal(compileExclusion(sources).excludes(name), excluded)
    })
  }

  it('says which patterns are none, and goes by the others', () => {
    const exclusion = compileExclusion(['(', '^lo$', 'a{2,1}'])
    assert.equal(exclusion.problems.length, 2)
    assert.match(exclusion.problems[0]!, /^"\(" is not a regular expression: /)
    assert.deepEqual([exclusion.excludes('lo'), exclusion.excludes('eth0')], [true, false])
  })
})
