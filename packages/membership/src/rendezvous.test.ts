import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { hashText, rankOf } from './rendezvous.ts'

const nodes = ['worker-1', 'worker-2', 'worker-3', 'worker-4', 'worker-5'].map(hashText)
const firstChoice = (key: string, among: readonly number[]): number => {
  const ranks = among.map((node) => rankOf(hashText(key), node))
  return ranks.indexOf(Math.max(...ranks))
}
const keys = Array.from({ length: 5000 }, (_, index) => `192.168.${index >> 8}.${index & 255}`)

describe('rendezvous hashing', () => {
  it('is the same on every machine', () => {
    assert.equal(hashText('192.168.67.120'), 0x95b34f45)
    assert.equal(rankOf(hashText('192.168.67.120'), hashText('n1')), 0x7b87d5fb)
  })
  it('spreads neighbouring addresses over similar names evenly', () => {
    const counts = nodes.map(() => 0)
    for (const key of keys) counts[firstChoice(key, nodes)]! += 1
    for (const count of counts) assert.ok(Math.abs(count - 1000) < 120, counts.join(' '))
  })
  it('lets neighbouring addresses choose independently', () => {
    let same = 0
    for (let at = 1; at < keys.length; at++)
      same += firstChoice(keys[at]!, nodes) === firstChoice(keys[at - 1]!, nodes) ? 1 : 0
    assert.ok(Math.abs(same / keys.length - 1 / nodes.length) < 0.03, `${same} of ${keys.length}`)
  })
  it('changes the choice only for keys whose first choice went', () => {
    for (const key of keys) {
      const before = firstChoice(key, nodes)
      if (before < 4) assert.equal(firstChoice(key, nodes.slice(0, 4)), before)
    }
  })
})
