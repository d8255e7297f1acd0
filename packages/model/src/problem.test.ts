import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { describeProblem, describeProblems } from './problem.ts'

const problem = (at: number): { object: string; path: string; message: string } => ({
  object: 'IPAddressPool lan',
  path: `spec.addresses[${at}]`,
  message: 'found "x"; accepted: y',
})

describe('problems in words', () => {
  it('name object and path first', () =>
    assert.equal(describeProblem(problem(2)), 'IPAddressPool lan: spec.addresses[2]: found "x"; accepted: y'))
  it('leave out a path that there is not', () =>
    assert.equal(describeProblem({ ...problem(0), path: '' }), 'IPAddressPool lan: found "x"; accepted: y'))
  it('stand in one line', () =>
    assert.equal(
      describeProblems([problem(0), problem(1)]),
      `${describeProblem(problem(0))}; ${describeProblem(problem(1))}`,
    ))
  it('are counted from the eleventh on', () => {
    const text = describeProblems(Array.from({ length: 25 }, (_, at) => problem(at)))
    assert.match(text, /addresses\[9\].*; and 15 more$/)
    assert.doesNotMatch(text, /addresses\[10\]/)
  })
  it('of none are nothing', () => assert.equal(describeProblems([]), ''))
})
