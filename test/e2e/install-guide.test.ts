import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { spawnSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { findBinaries } from '../lab/binaries.ts'
import { findHelm } from '../lab/helm.ts'
import { type RealApi, startRealApi } from './real-api.ts'

const ROOT = new URL('../..', import.meta.url).pathname
const GUIDE = readFileSync(`${ROOT}docs/install.md`, 'utf8')

/** A block of commands: what stands behind its fence, and what is in it. */
type Block = { readonly info: string; readonly commands: string }

const BLOCKS: readonly Block[] = [...GUIDE.matchAll(/^```([^\n]*)\n([\s\S]*?)^```$/gm)].map(
  ([, info = '', commands = '']) => ({ info, commands }),
)
const RUN = BLOCKS.filter(({ info }) => info === 'sh')

/** docs/install.md, from its first command to its last, on one API server. */
describe('the guide to installing', () => {
  const folder = mkdtempSync(join(tmpdir(), 'steelyard-guide-'))
  let api: RealApi
  before(async () => {
    api = await startRealApi()
    const programs = { kubectl: (await findBinaries(() => {})).kubectl, helm: await findHelm(() => {}) }
    for (const [name, program] of Object.entries(programs)) {
      writeFileSync(join(folder, name), `#!/bin/sh\nexec ${program} "$@"\n`)
      chmodSync(join(folder, name), 0o755)
    }
  })
  after(async () => {
    await api?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  it('says of every command that no test runs why not', () => {
    const others = BLOCKS.filter(({ info }) => info !== 'sh').map(({ info }) => info)
    assert.deepEqual(
      others.filter((info) => !/^sh \(not run by this test: .{20,}\)$/.test(info)),
      [],
    )
    assert.ok(RUN.length > 5)
  })

  for (const { commands } of RUN) {
    for (const command of commands.trim().split('\n')) {
      it(command, () => {
        const env = { ...process.env, PATH: `${folder}:${process.env['PATH']}`, KUBECONFIG: api.server.kubeconfigPath }
        const { status, stdout, stderr } = spawnSync('sh', ['-c', command], { cwd: ROOT, env, encoding: 'utf8' })
        assert.equal(status, 0, `${stdout}${stderr}`)
      })
    }
  }

  it('leaves no kind and no program behind', async () => {
    const { stdout } = await api.kubectl(['get', 'deployments,daemonsets', '-A', '-o', 'name'])
    assert.equal(stdout, '')
  })
})
