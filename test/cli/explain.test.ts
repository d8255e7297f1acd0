import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { describe, it } from 'node:test'
import { command } from './command.ts'
import { EXPLAIN_SCENARIOS } from './explain-scenarios.ts'
import { assertGolden } from './golden.ts'
import { routedScene, servedScene, WEB } from './scene.ts'

describe('explain names the cause when', () => {
  for (const { name, what, reason, says, answers, scene } of EXPLAIN_SCENARIOS) {
    it(what, async () => {
      const { cluster } = scene()
      const { out, err, exitCode } = await command({ cluster }, 'explain', 'service', WEB)
      assert.equal(err, '')
      const cause = out.split('\n').find((line) => line.startsWith('  Cause')) ?? ''
      assert.ok(cause.includes(` ${reason}: `), `${cause}\nshould say ${reason}`)
      assert.match(cause, says)
      assert.equal(exitCode, answers === true ? 0 : 2)
      assertGolden(`explain/${name}`, out)
    })
  }

  it('and there are no files of causes that are no more', () => {
    const folder = new URL('../fixtures/explain/', import.meta.url)
    const known = [...EXPLAIN_SCENARIOS.map(({ name }) => name), 'answers-on-the-lan', 'answers-by-bgp']
    assert.deepEqual(readdirSync(folder).toSorted(), known.map((name) => `${name}.txt`).toSorted())
  })
})

describe('explain finds nothing wrong', () => {
  it('with a Service that answers on the LAN', async () => {
    const { out, exitCode } = await command(servedScene(), 'explain', 'service', WEB)
    assert.equal(exitCode, 0)
    assertGolden('explain/answers-on-the-lan', out)
  })

  it('with one that routers have a way to', async () => {
    const { out, exitCode } = await command(routedScene(), 'explain', 'service', WEB)
    assert.equal(exitCode, 0)
    assertGolden('explain/answers-by-bgp', out)
  })
})
