import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'

const FIXTURES = new URL('../fixtures/', import.meta.url).pathname

export function goldenPath(name: string): string {
  return `${FIXTURES}${name}.txt`
}

export function readGolden(name: string): string {
  return readFileSync(goldenPath(name), 'utf8')
}

/** Compares with the file; GOLDEN=write writes it, to be looked at before it is committed. */
export function assertGolden(name: string, text: string): void {
  const path = goldenPath(name)
  if (process.env['GOLDEN'] === 'write') writeFileSync(path, text)
  assert.ok(existsSync(path), `${path} is not there: GOLDEN=write makes it`)
  assert.equal(text, readFileSync(path, 'utf8'))
}
