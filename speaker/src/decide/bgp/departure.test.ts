import assert from 'node:assert/strict'
import { it } from 'node:test'
import { type Departure, type DepartureFacts, depart, HERE } from './departure.ts'

const FACTS: DepartureFacts = { isWanted: true, announces: true, durationMs: 1000, now: 100 }

const ROWS: readonly {
  readonly name: string
  readonly before: Departure
  readonly facts?: Partial<DepartureFacts>
  readonly after: Departure
}[] = [
  { name: 'a node that is to leave says so first', before: HERE, after: { phase: 'leaving', goneAt: 1100 } },
  {
    name: 'it goes at once when it announces nothing',
    before: HERE,
    facts: { announces: false },
    after: { phase: 'gone' },
  },
  { name: 'it goes at once when that takes no time', before: HERE, facts: { durationMs: 0 }, after: { phase: 'gone' } },
  {
    name: 'it stays for as long as it said, whatever is asked meanwhile',
    before: { phase: 'leaving', goneAt: 1100 },
    facts: { now: 1099, durationMs: 5 },
    after: { phase: 'leaving', goneAt: 1100 },
  },
  {
    name: 'then it is gone',
    before: { phase: 'leaving', goneAt: 1100 },
    facts: { now: 1100 },
    after: { phase: 'gone' },
  },
  { name: 'and stays so', before: { phase: 'gone' }, after: { phase: 'gone' } },
  {
    name: 'one that may stay after all is back at once',
    before: { phase: 'leaving', goneAt: 1100 },
    facts: { isWanted: false },
    after: HERE,
  },
  { name: 'one that is gone comes back at once', before: { phase: 'gone' }, facts: { isWanted: false }, after: HERE },
]
for (const { name, before, facts = {}, after } of ROWS) {
  it(name, () => assert.deepEqual(depart(before, { ...FACTS, ...facts }), after))
}
