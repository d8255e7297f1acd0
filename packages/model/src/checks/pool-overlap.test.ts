import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { compileController } from '../compile-controller.ts'
import { samplePool } from '../sample-objects.ts'

/** One entry in 10.0.0.0/24, with the numbers of its first and last address. */
type Entry = { readonly text: string; readonly first: number; readonly last: number }
const octet = fc.integer({ min: 0, max: 255 })
const rangeEntry: fc.Arbitrary<Entry> = fc.tuple(octet, octet).map(([a, b]) => {
  const [first, last] = [Math.min(a, b), Math.max(a, b)]
  return { text: `10.0.0.${first}-10.0.0.${last}`, first, last }
})
const blockEntry: fc.Arbitrary<Entry> = fc.tuple(octet, fc.integer({ min: 24, max: 32 })).map(([host, length]) => {
  const size = 2 ** (32 - length)
  const first = host - (host % size)
  return { text: `10.0.0.${host}/${length}`, first, last: first + size - 1 }
})
const small = fc.oneof(
  { weight: 3, arbitrary: octet.map((host): Entry => ({ text: `10.0.0.${host}/32`, first: host, last: host })) },
  { weight: 1, arbitrary: blockEntry },
  { weight: 1, arbitrary: rangeEntry },
)
const poolsOf = fc.array(fc.array(small, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 4 })

const overlap = (a: Entry, b: Entry): boolean => a.first <= b.last && b.first <= a.last

describe('overlap of entries', () => {
  it('is found iff comparing each with each finds one, each entry into an earlier one is told, and what is told is so', () => {
    let refused = 0
    fc.assert(
      fc.property(poolsOf, (pools) => {
        const compiled = compileController({
          pools: pools.map((entries, at) => samplePool(`p${at}`, { addresses: entries.map(({ text }) => text) })),
          communities: [],
          namespaces: [],
        })
        const all = pools.flat()
        const pairs = all.flatMap((a, at) => all.slice(at + 1).filter((b) => overlap(a, b)))
        assert.equal(compiled.ok, pairs.length === 0)
        if (!compiled.ok) refused++
        const ascending = all.toSorted((a, b) => a.first - b.first)
        const late = ascending.filter((entry, at) => ascending.slice(0, at).some((other) => overlap(entry, other)))
        assert.equal(compiled.ok ? 0 : compiled.problems.length, late.length)
        for (const problem of compiled.ok ? [] : compiled.problems) assertTrue(problem, pools)
      }),
      { numRuns: 300 },
    )
    assert.ok(refused > 30 && refused < 290, `${refused} of 300 refused: one side is hardly tested`)
  })
})

/** What is told is so: the two entries named do overlap. */
function assertTrue(
  { object, path, message }: { object: string; path: string; message: string },
  pools: Entry[][],
): void {
  const here = entryAt(pools, /p(\d)$/.exec(object)?.[1], /\[(\d)\]$/.exec(path)?.[1])
  const [, index, pool] = /which is spec\.addresses\[(\d)\] of IPAddressPool p(\d);/.exec(message) ?? []
  const there = entryAt(pools, pool, index)
  assert.ok(here !== there && overlap(here, there), message)
}

function entryAt(pools: Entry[][], pool: string | undefined, index: string | undefined): Entry {
  return pools[Number(pool)]?.[Number(index)] ?? assert.fail(`no entry ${index} in pool ${pool}`)
}
