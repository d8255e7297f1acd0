import assert from 'node:assert/strict'
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { LARGEST_FILE_BYTES } from './decide/stored-state.ts'
import { stateFiles } from './state-files.ts'

describe('the folder of the state', () => {
  const folder = mkdtempSync(join(tmpdir(), 'steelyard-state-'))
  after(() => rmSync(folder, { recursive: true }))
  const files = stateFiles(folder)

  it('gives back what was written, readable by its owner only, and leaves nothing else behind', async () => {
    await files.write('a.jsonl', ['one\n', 'two\n'])
    assert.equal(await files.read('a.jsonl'), 'one\ntwo\n')
    assert.equal(statSync(join(folder, 'a.jsonl')).mode & 0o777, 0o600)
    assert.deepEqual(readdirSync(folder), ['a.jsonl'])
    assert.equal(await files.read('b.jsonl'), undefined)
  })

  it('keeps the old file whole when writing breaks off', async () => {
    const chunks = function* (): Generator<string> {
      yield 'half'
      throw new Error('ENOSPC')
    }
    await assert.rejects(files.write('a.jsonl', chunks()), /ENOSPC/)
    assert.equal(await files.read('a.jsonl'), 'one\ntwo\n')
    assert.deepEqual(readdirSync(folder), ['a.jsonl'])
  })

  it('replaces a temporary file of a former life, and never writes through a link', async () => {
    const victim = join(folder, 'victim')
    writeFileSync(victim, 'mine')
    symlinkSync(victim, join(folder, 'a.jsonl.tmp'))
    await files.write('a.jsonl', ['new'])
    assert.equal(await files.read('a.jsonl'), 'new')
    assert.equal(readFileSync(victim, 'utf8'), 'mine')
  })

  it('refuses what is not there, cannot be read, or is too large', async () => {
    await assert.rejects(stateFiles(join(folder, 'none')).write('a', ['x']), /ENOENT/)
    await assert.rejects(files.read('.'), /EISDIR/)
    writeFileSync(join(folder, 'large'), '')
    truncateSync(join(folder, 'large'), LARGEST_FILE_BYTES + 1)
    await assert.rejects(files.read('large'), /at most/)
  })
})
