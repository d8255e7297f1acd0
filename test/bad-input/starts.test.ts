import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type AddressInfo, createServer } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { BAD_STARTS, FILES } from './bad-flags.ts'

const ROOT = new URL('../..', import.meta.url).pathname

describe('a program that cannot start ends at once and says why in one line', { concurrency: 4 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'steelyard-flags-'))
  for (const [name, text] of Object.entries(FILES)) writeFileSync(join(folder, name), text)
  const taken = createServer()
  before(() => new Promise<void>((resolve) => taken.listen(0, resolve)))
  after(() => {
    rmSync(folder, { recursive: true })
    taken.close()
  })
  /** Whoever asks for one at the moment gets another: nobody has it then. */
  const filled = async (text: string): Promise<string> => {
    const { port } = taken.address() as AddressInfo
    const free = text.includes('FREE') ? await freePort() : 0
    return text.replaceAll('FOLDER', folder).replace('TAKEN', String(port)).replace('FREE', String(free))
  }

  for (const { what, program, args, says } of BAD_STARTS) {
    it(`${program}: ${what}`, async () => {
      const given = await Promise.all(args.map(filled))
      const expected = await filled(says)
      const { status, told } = await runToEnd([`${program}/src/main.ts`, ...given])
      assert.equal(status, 1, told)
      assert.ok(told.includes(expected), told)
      assert.doesNotMatch(told, /^\s+at /m, 'a stack trace is for our own bugs')
    })
  }
})

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
}

type Ended = { readonly status: number | string | null | undefined; readonly told: string }

/** With nothing of our own environment but the path. */
function runToEnd(args: readonly string[]): Promise<Ended> {
  const options = { cwd: ROOT, env: { PATH: process.env['PATH'] }, timeout: 60_000 }
  return new Promise((resolve) => {
    execFile(process.execPath, args, options, (error, stdout, stderr) =>
      resolve({ status: error === null ? 0 : error.code, told: `${stderr}${stdout}` }),
    )
  })
}
