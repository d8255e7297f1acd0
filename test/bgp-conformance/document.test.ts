import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { it } from 'node:test'
import { DOCUMENT, renderDocument } from './document.ts'

it('docs/bgp-conformance.md is what the tables say: npm run docs makes it', () => {
  assert.equal(readFileSync(DOCUMENT, 'utf8'), renderDocument())
})
