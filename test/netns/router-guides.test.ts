import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { spawnSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { blocks, pages } from '../docs/markdown.ts'

/** What the guides show of a router's configuration, read by the router's own parser; no router is started. */
const PARSERS = {
  frr: { command: (file: string) => ['vtysh', '-C', '-f', file], before: '', wrong: 'router bgp 1\n nonsense\n' },
  // What every file of BIRD has and the guides leave out.
  bird: {
    command: (file: string) => ['bird', '-p', '-c', file],
    before: 'router id 192.0.2.1;\nprotocol device { }\n',
    wrong: 'protocol bgp nonsense { nonsense; }\n',
  },
} as const

describe('a configuration of a router in the guides', () => {
  const folder = mkdtempSync(join(tmpdir(), 'steelyard-router-guides-'))
  after(() => rmSync(folder, { recursive: true, force: true }))

  for (const [router, { command, before, wrong }] of Object.entries(PARSERS)) {
    const read = (text: string): string => {
      const file = join(folder, `${router}.conf`)
      writeFileSync(file, `${before}${text}`)
      const [program = '', ...rest] = command(file)
      const { status, stdout, stderr, error } = spawnSync(program, rest, { encoding: 'utf8' })
      if (error !== undefined) throw error
      return status === 0 ? '' : `${stdout}${stderr}`
    }
    const shown = pages().flatMap((page) =>
      blocks(page)
        .filter(({ info }) => info === router)
        .map(({ text, line }) => ({ text, at: `${page.path}:${line}` })),
    )

    it(`is there for ${router}, whose parser refuses nonsense`, () => {
      assert.ok(shown.length > 0)
      assert.notEqual(read(wrong), '')
    })
    for (const { text, at } of shown) it(`is read by ${router}: ${at}`, () => assert.equal(read(text), ''))
  }
})
