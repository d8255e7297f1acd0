import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { beyondIdeal, needlessChanges } from './owners.ts'

const outage = (node: string, from: number, to: number): { node: string; from: number; to: number } => ({
  node,
  from,
  to,
})

describe('a change of owner that nothing called for', () => {
  const ROWS: readonly (readonly [string, number, readonly ReturnType<typeof outage>[], number])[] = [
    ['away from a node that was never out', 100, [], 1],
    ['away from a node while it is out', 100, [outage('a', 50, 200)], 0],
    ['away from a node shortly after it came back', 900, [outage('a', 50, 200)], 0],
    ['away from a node long after it came back', 1300, [outage('a', 50, 200)], 1],
    ['away from a node before it goes', 40, [outage('a', 50, 200)], 1],
    ['away from one node while another is out: a flip back', 100, [outage('b', 50, 200)], 1],
  ]
  for (const [what, at, outages, expected] of ROWS) {
    it(`${what}: ${expected === 0 ? 'no' : 'yes'}`, () =>
      assert.equal(needlessChanges([{ at, from: 'a', to: 'b' }], outages, (mac) => mac).length, expected))
  }
})

describe('the load of the most loaded node, beyond an even share', () => {
  const ROWS: readonly (readonly [string, string, number, number])[] = [
    ['even', 'a b c', 3, 0],
    ['all on one of three', 'a a a', 3, 2],
    ['an even share is rounded up', 'a a b', 2, 0],
    ['nothing at all', '', 3, 0],
  ]
  for (const [what, nodes, count, expected] of ROWS) {
    it(`${what}: ${expected}`, () => {
      const list = nodes.split(' ').filter((node) => node !== '')
      assert.equal(beyondIdeal(new Map(list.map((node, index) => [`${index}`, node])), count), expected)
    })
  }
})
