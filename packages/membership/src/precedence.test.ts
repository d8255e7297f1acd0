import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { beats, type Contender } from './precedence.ts'

const claim = (node: string, epoch: number, minority = false): Contender => ({ node, epoch, minority })

describe('of two claims on one address', () => {
  const rows: [name: string, better: Contender, worse: Contender][] = [
    ['the higher epoch wins', claim('a', 3), claim('b', 2)],
    ['what a majority took beats what a minority took, whatever the epochs', claim('a', 1), claim('b', 9, true)],
    ['between two of minorities the higher epoch wins', claim('a', 5, true), claim('b', 4, true)],
  ]
  for (const [name, better, worse] of rows) {
    it(name, () => {
      assert.equal(beats('192.0.2.1', better, worse), true)
      assert.equal(beats('192.0.2.1', worse, better), false)
    })
  }

  it('with equal epochs exactly one wins, and not the same node for every address', () => {
    const winners = new Set<string>()
    for (let host = 1; host <= 50; host++) {
      const ip = `192.0.2.${host}`
      const [a, b] = [claim('a', 7), claim('b', 7)]
      assert.notEqual(beats(ip, a, b), beats(ip, b, a))
      winners.add(beats(ip, a, b) ? 'a' : 'b')
    }
    assert.deepEqual([...winners].sort(), ['a', 'b'])
  })
})
