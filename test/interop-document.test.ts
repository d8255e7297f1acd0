import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { DOCUMENT, renderDocument } from './netns/bgp/document.ts'
import { readResults } from './netns/bgp/results.ts'
import { ROUTER_KINDS } from './routers/features.ts'

describe('docs/bgp-interop.md', () => {
  it('is what the last kept run came to: npm run docs makes it', () => {
    assert.equal(readFileSync(DOCUMENT, 'utf8'), renderDocument())
  })

  it('has all routers, each with the same rows, and every outcome is yes or a reason', () => {
    const results = readResults()
    const [first, ...others] = ROUTER_KINDS.map((kind) => Object.keys(results[kind] ?? {}))
    assert.ok((first?.length ?? 0) > 20)
    for (const rows of others) assert.deepEqual(rows, first)
    for (const outcome of ROUTER_KINDS.flatMap((kind) => Object.values(results[kind] ?? {}))) {
      assert.match(outcome, /^(?:yes|no: .+)$/)
    }
  })

  it('names a reason once, and leads to it from every cell', () => {
    const shown = renderDocument({ frr: { a: 'yes', b: 'no: too old' }, bird: { a: 'no: too new', b: 'no: too new' } })
    assert.match(shown, /\| a \| yes \| no \(1\) \|/)
    assert.match(shown, /\| b \| no \(2\) \| no \(1\) \|/)
    assert.match(shown, /^1\. BIRD 2\.0\.12: too new\n2\. FRR 8\.4: too old$/m)
  })
})
