import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createLogger } from '@steelyard/program'
import { fakeClock } from '@steelyard/runtime'
import { type StateDir, stateDir } from './state-dir.ts'
import { memoryStateFiles } from './testing/memory-state-files.ts'
import { service } from './testing/objects.ts'

const SERVICES = [{ what: 'services', kind: 'Service' }]
const CLAIMS = [{ ip: '192.0.2.1', epoch: 3 }]

function fixture(files = memoryStateFiles()) {
  const clock = fakeClock()
  const lines: string[] = []
  const to = { write: (line: string) => void lines.push((JSON.parse(line) as { msg: string }).msg) }
  const log = createLogger({ level: 'info', caller: 'test', to })
  const timeOfDay = (): Date => new Date(Date.UTC(2026, 0, 1) + clock.now())
  const open = (node = 'n1'): StateDir => stateDir({ files, node, namespace: 'lb', clock, timeOfDay, log })
  return { clock, files, lines, open }
}

describe('claims in the state folder', () => {
  it('come back in the next life, and are written only when they differ', async () => {
    const { clock, files, open } = fixture()
    const first = open()
    assert.deepEqual(await first.claims(), [])
    first.wantClaims(CLAIMS)
    await clock.advanceAsync(60_000)
    first.wantClaims([...CLAIMS])
    await clock.advanceAsync(60_000)
    assert.deepEqual(files.written, ['claims.jsonl'])
    assert.deepEqual(await open().claims(), CLAIMS)
  })

  it('are written by an orderly stop, and not after it', async () => {
    const { clock, files, open } = fixture()
    const one = open()
    one.wantClaims(CLAIMS)
    await one.stop()
    assert.deepEqual(await open().claims(), CLAIMS)
    one.wantClaims([])
    await clock.advanceAsync(60_000)
    await one.stop()
    assert.equal(files.written.length, 1)
  })

  it('of another node, or unreadable, are none, with one line', async () => {
    const { files, lines, open } = fixture()
    const one = open()
    one.wantClaims(CLAIMS)
    await one.stop()
    assert.deepEqual(await open('n2').claims(), [])
    files.fail({ read: new Error('EACCES: permission denied') })
    assert.deepEqual(await open().claims(), [])
    assert.deepEqual(lines, [
      'the stored state is not used: the file claims.jsonl is of node "n1"; this one is "n2"',
      'the stored state is not used: the file claims.jsonl cannot be read: EACCES: permission denied',
    ])
  })
})

describe('the cluster in the state folder', () => {
  it('is nothing when one file is missing among the others', async () => {
    const { lines, open } = fixture()
    const one = open()
    one.wantObjects('services', () => [service('web')])
    await one.stop()
    assert.deepEqual((await open().cluster(SERVICES))?.objects.get('services'), [service('web')])
    assert.equal(await open().cluster([...SERVICES, { what: 'nodes', kind: 'Node' }]), undefined)
    assert.deepEqual(lines, ['the stored state is not used: the file nodes.jsonl is missing among the others'])
  })

  it('is silently nothing at the first start of all', async () => {
    const { lines, open } = fixture()
    assert.equal(await open().cluster(SERVICES), undefined)
    assert.deepEqual(lines, [])
  })
})

it('without a folder nothing is kept', async () => {
  const clock = fakeClock()
  const log = createLogger({ level: 'none', caller: 'test' })
  const none = stateDir({ files: undefined, node: 'n1', namespace: 'lb', clock, timeOfDay: () => new Date(0), log })
  none.wantClaims(CLAIMS)
  none.wantObjects('services', () => [service('web')])
  assert.equal(clock.nextWakeAt(), undefined)
  assert.deepEqual([await none.claims(), await none.cluster(SERVICES)], [[], undefined])
  await none.stop()
})
