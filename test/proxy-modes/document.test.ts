import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { DOCUMENT, renderDocument } from './document.ts'
import { FAMILIES, MODES, POLICIES, readResults, rowName } from './results.ts'

describe('docs/kube-proxy.md', () => {
  it('is what the last kept run came to: npm run docs makes it', () => {
    assert.equal(readFileSync(DOCUMENT, 'utf8'), renderDocument())
  })

  for (const mode of MODES) {
    it(`has every row of ${mode}, and UDP as TCP, as its text says`, () => {
      const results = readResults(mode)
      const rows = FAMILIES.flatMap((family) => POLICIES.map((policy) => rowName({ family, policy })))
      assert.deepEqual(Object.keys(results).toSorted(), rows.toSorted())
      for (const { udp, seenAs } of Object.values(results)) assert.equal(udp, seenAs)
    })
  }

  it('says of what was not run that it was not', () => {
    assert.match(
      renderDocument(() => ({})),
      /\| IPv6, Local \| not run \| not run \| not run \|/,
    )
  })
})
