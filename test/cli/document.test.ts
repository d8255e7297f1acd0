import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { it } from 'node:test'
import * as cli from './document.ts'
import * as troubleshooting from './troubleshooting.ts'

for (const { DOCUMENT, renderDocument } of [cli, troubleshooting]) {
  it(`${DOCUMENT.split('/').slice(-2).join('/')} is what commands and golden files say: npm run docs makes it`, () => {
    assert.equal(readFileSync(DOCUMENT, 'utf8'), renderDocument())
  })
}

it('troubleshooting has fourteen cases, each shown by a tested output', () => {
  assert.equal(troubleshooting.CASE_COUNT, 14)
  for (const golden of troubleshooting.GOLDENS_OF_CASES) {
    assert.ok(golden.startsWith('cli/') || troubleshooting.EXPLAINED.has(golden), golden)
  }
})
