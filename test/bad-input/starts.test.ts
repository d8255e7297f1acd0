import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { BAD_STARTS, FILES } from './bad-flags.ts'

const ROOT = new URL('../..', import.meta.url).pathname

describe('a program that cannot start ends at once and says why in one line', () => {
  const folder = mkdtempSync(join(tmpdir(), 'steelyard-flags-'))
  for (const [name, text] of Object.entries(FILES)) writeFileSync(join(folder, name), text)
  after(() => rmSync(folder, { recursive: true }))

  for (const { what, program, args, says } of BAD_STARTS) {
    it(`${program}: ${what}`, () => {
      const given = args.map((arg) => arg.replace('FOLDER', folder))
      const { status, stdout, stderr } = spawnSync(process.execPath, [`${program}/src/main.ts`, ...given], {
        cwd: ROOT,
        env: { PATH: process.env['PATH'] },
        encoding: 'utf8',
        timeout: 20_000,
      })
      const told = `${stderr}${stdout}`
      assert.equal(status, 1, told)
      assert.ok(told.includes(says.replace('FOLDER', folder)), told)
      assert.doesNotMatch(told, /^\s+at /m, 'a stack trace is for our own bugs')
    })
  }
})
