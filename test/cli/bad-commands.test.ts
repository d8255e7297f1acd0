import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { BAD_CLUSTERS } from './bad-clusters.ts'
import { BAD_COMMAND_LINES } from './bad-command-lines.ts'
import { command } from './command.ts'
import { servedScene } from './scene.ts'
import { memoryApi } from '@steelyard/kube'

describe('one line and an exit status for', () => {
  for (const { what, argv, world = () => ({}), exitCode, says } of [...BAD_COMMAND_LINES, ...BAD_CLUSTERS]) {
    it(what, async () => {
      const result = await command(world(), ...argv)
      assert.deepEqual(result, { exitCode, out: '', err: `steelyard: ${says}\n` })
    })
  }
})

describe('what can be done without is named, and the rest is told', () => {
  it('Secrets', async () => {
    const api = memoryApi({ cluster: servedScene().cluster })
    api.faults.failNext(
      9,
      { status: 403, reason: 'Forbidden', message: 'no' },
      ({ resource }) => resource.plural === 'secrets',
    )
    const { out, exitCode } = await command({ api }, 'explain', 'service', 'shop/web')
    assert.equal(exitCode, 0)
    assert.match(out, /\nNot looked at: list secrets metallb-system: 403 Forbidden: no\n$/)
  })

  it('and a password that a peer refers to is taken to be good then', async () => {
    const scene = servedScene()
    scene.peer('router', { passwordSecret: { name: 'md5' } })
    const api = memoryApi({ cluster: scene.cluster })
    const refused = await command({ api }, 'explain', 'service', 'shop/web')
    assert.match(refused.out, /ConfigurationError: .*passwordSecret/)
    api.faults.failNext(
      9,
      { status: 403, reason: 'Forbidden', message: 'no' },
      ({ resource }) => resource.plural === 'secrets',
    )
    const { exitCode } = await command({ api }, 'explain', 'service', 'shop/web')
    assert.equal(exitCode, 0)
  })
})
