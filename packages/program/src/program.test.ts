import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import { nearestName } from './nearest-name.ts'
import { ownNamespace } from './own-namespace.ts'

const file = (): string => 'metallb-system\n'
const none = (): string => {
  throw new Error('ENOENT')
}

describe('ownNamespace', () => {
  it('prefers what was given', () => assert.deepEqual(ownNamespace('lb', file), { ok: true, value: 'lb' }))
  it("else takes the service account's", () =>
    assert.deepEqual(ownNamespace('', file), { ok: true, value: 'metallb-system' }))
  it('says where it looked when nobody tells', () => {
    const found = ownNamespace('', none)
    assert.ok(!found.ok)
    assert.match(found.reason, /--namespace is not given, nor METALLB_NAMESPACE, and \/var\/run\/secrets/)
  })
})

describe('nearestName', () => {
  const known = ['node-name', 'namespace', 'port']
  const cases: [typed: string, meant: string | undefined][] = [
    ['nodename', 'node-name'],
    ['node_name', 'node-name'],
    ['namespcae', 'namespace'],
    ['prot', 'port'],
    ['x', undefined],
    ['something-else', undefined],
  ]
  for (const [typed, meant] of cases)
    it(`${typed} means ${meant}`, () => assert.equal(nearestName(typed, known), meant))
})

describe('stopOnSignal', () => {
  const here = new URL('.', import.meta.url).href
  const script = (stop: string, graceMs: number): string => `
    const { stopOnSignal } = await import('${here}stop-on-signal.ts')
    const { createLogger } = await import('${here}logger.ts')
    setInterval(() => {}, 1000)
    stopOnSignal({ log: createLogger({ level: 'info', caller: 'main' }), graceMs: () => ${graceMs}, stop: async () => { ${stop} } })
    process.stdout.write('up\\n')`
  const endOf = async (stop: string, graceMs: number, signals: NodeJS.Signals[]): Promise<[unknown, string]> => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', script(stop, graceMs)])
    let output = ''
    child.stdout.on('data', (chunk: Buffer) => {
      const first = output === ''
      output += chunk.toString()
      const signal = first || output.includes('stopping') ? signals.shift() : undefined
      if (signal !== undefined) child.kill(signal)
    })
    const [code] = (await once(child, 'close')) as [unknown]
    return [code, output]
  }
  it('stops in order and exits with 0', async () => {
    const [code, output] = await endOf('', 1000, ['SIGTERM'])
    assert.equal(code, 0)
    assert.match(output, /SIGTERM: stopping/)
  })
  it('exits with 1 when stopping fails', async () => {
    const [code, output] = await endOf("throw new Error('stuck')", 1000, ['SIGINT'])
    assert.equal(code, 1)
    assert.match(output, /could not stop in order.*stuck|stuck.*could not stop in order/)
  })
  it('exits with 1 when stopping takes too long', async () => {
    const [code, output] = await endOf('await new Promise(() => {})', 20, ['SIGTERM'])
    assert.equal(code, 1)
    assert.match(output, /not stopped after 20 ms/)
  })
  it('exits with 1 at once on a second signal', async () => {
    const [code, output] = await endOf('await new Promise(() => {})', 60_000, ['SIGTERM', 'SIGINT'])
    assert.equal(code, 1)
    assert.doesNotMatch(output, /SIGINT|not stopped/)
  })
})
