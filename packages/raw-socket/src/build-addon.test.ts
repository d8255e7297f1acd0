import assert from 'node:assert/strict'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { ADDON_VERSION } from './addon-version.ts'
import { loadAddon } from './addon.ts'
import { buildAddon } from './build-addon.ts'

const PACKAGE = fileURLToPath(new URL('..', import.meta.url))

describe('building the addon', () => {
  let folder = ''
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'raw-socket-'))
    cpSync(join(PACKAGE, 'native'), join(folder, 'native'), { recursive: true })
  })
  after(() => rmSync(folder, { recursive: true }))

  const build = (compiler = 'cc', copyTo?: string) =>
    buildAddon({ packageFolder: folder, compiler, ...(copyTo === undefined ? {} : { copyTo }) })

  it('without a compiler names the package to install, and leaves nothing behind', () => {
    assert.throws(() => build('no-such-compiler'), /BuildError: there is no C compiler.*build-essential/)
    assert.ok(!existsSync(join(folder, 'build/raw_socket.node')))
  })

  it('compiles at first, and not again while nothing changes', () => {
    const { file, compiledInMs } = build()
    assert.ok(compiledInMs !== undefined)
    assert.equal(loadAddon([file]).version, ADDON_VERSION)
    assert.equal(build().compiledInMs, undefined)
  })

  it('compiles anew when a source changed, and puts a copy where it is asked to', () => {
    const source = join(folder, 'native/addon.c')
    writeFileSync(source, `${readFileSync(source, 'utf8')}\n/* changed */\n`)
    const copy = join(folder, 'copy.node')
    assert.ok(build('cc', copy).compiledInMs !== undefined)
    assert.deepEqual(readFileSync(copy), readFileSync(join(folder, 'build/raw_socket.node')))
  })

  it('shows what the compiler said when it refuses, and keeps what stood there', () => {
    const source = join(folder, 'native/addon.c')
    const good = readFileSync(source, 'utf8')
    writeFileSync(source, `${good}\nint unused_parameter(int nobody) { return 0; }\n`)
    assert.throws(() => build(), /BuildError: "cc" ended with status 1:\n[^]*unused parameter/)
    assert.ok(existsSync(join(folder, 'build/raw_socket.node')))
    writeFileSync(source, good)
    assert.equal(build().compiledInMs, undefined)
  })

  it('says when the headers of the C library are missing', () => {
    const source = join(folder, 'native/addon.c')
    const good = readFileSync(source, 'utf8')
    writeFileSync(source, `#include "sys/nothing.h"\n${good}`)
    assert.throws(() => build(), /headers of the C library or the kernel are missing: install the package build-ess/)
    writeFileSync(source, good)
  })
})

describe('loading the addon', () => {
  let folder = ''
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'raw-socket-'))
  })
  after(() => rmSync(folder, { recursive: true }))
  const place = (name: string, text: string): string => {
    const file = join(folder, name)
    writeFileSync(file, text)
    return file
  }

  it('takes the first place where there is one', () => {
    const built = join(PACKAGE, 'build/raw_socket.node')
    assert.equal(loadAddon([join(folder, 'nowhere.node'), built]), loadAddon([built]))
  })

  it('that is missing names the places, and the command that builds it', () => {
    const missing = () => loadAddon(['/a/raw_socket.node', '/b/raw_socket.node'])
    assert.throws(missing, /neither \/a\/raw_socket.node nor \/b\/raw_socket.node exists; .*raw-socket\/build.ts/)
  })

  it('that is stale names both versions', () => {
    const stale = place('stale.cjs', 'exports.version = 0')
    assert.throws(
      () => loadAddon([stale]),
      /is version 0 of the addon and this program needs version \d+; build it anew/,
    )
  })

  it('that cannot be loaded says why', () => {
    const broken = place('broken.node', 'not an addon')
    assert.throws(() => loadAddon([broken]), /broken.node cannot be loaded: .*; build it anew/)
  })
})
