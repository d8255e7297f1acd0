import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { CONFIGURATION_STATES, PODS, SECRETS, SERVICES, ENDPOINT_SLICES } from '@steelyard/kube'
import { assertShared, ipOf, ownersOf, serveMany } from './testing/expectations.ts'
import { memoryStateFiles, type MemoryStateFiles } from './testing/memory-state-files.ts'
import { NAMESPACE, speakerPod } from './testing/objects.ts'
import { type SpeakerCluster, speakerCluster, type TestSpeaker } from './testing/speaker-cluster.ts'

/** The only speaker of a cluster has kept its state and is gone: there was nobody to hand over to. */
async function afterALife(files: MemoryStateFiles): Promise<{ scene: SpeakerCluster; owned: string[] }> {
  const scene = speakerCluster({ nodes: ['n1'], running: [] })
  serveMany(scene, 6)
  const { speaker, link } = scene.start('n1', { stateFiles: files })
  await scene.rest(20_000)
  const owned = [...link.announced().keys()].sort()
  assert.ok(owned.length > 0)
  const stopping = speaker.stop()
  await scene.rest(1000)
  await stopping
  return { scene, owned }
}

const told = ({ lines }: TestSpeaker): unknown[] =>
  lines.flatMap(({ caller, level, msg }) => (caller === 'state' && level === 'warn' ? [msg] : []))

describe('a speaker that starts while the API server is away', () => {
  it('takes nothing back of what others took over while it was gone', async () => {
    const files = memoryStateFiles()
    const scene = speakerCluster({ running: ['n2', 'n3'] })
    serveMany(scene, 6)
    const { speaker, link } = scene.start('n1', { stateFiles: files })
    await scene.rest(20_000)
    const owned = [...link.announced().keys()]
    assert.ok(owned.length > 0)
    scene.peers.cut('n1')
    await scene.rest(20_000)
    assert.ok(files.texts.has('claims.jsonl'))
    await Promise.all([speaker.stop(), scene.rest()])
    const taken = ownersOf(scene, 6)
    const again = scene.start('n1', { stateFiles: files, isCutOff: true })
    await scene.rest(10_000)
    assert.equal(again.link.announced().size, 0)
    assert.deepEqual(ownersOf(scene, 6), taken)
    await heal(scene, again)
    assertShared(scene, 6)
    await scene.stop()
  })

  it('announces what it owned before, and says from what it works', async () => {
    const files = memoryStateFiles()
    const { scene, owned } = await afterALife(files)
    const again = scene.start('n1', { stateFiles: files, isCutOff: true })
    await scene.rest(2900)
    assert.equal(again.link.announced().size, 0, 'it gives the API server 3 seconds')
    await scene.rest(600)
    assert.deepEqual([...again.link.announced().keys()].sort(), owned)
    assert.match(
      again.speaker.unready() ?? '',
      /^works from the stored state of 2026-01-01T00:00:\d\d\.\d{3}Z; not listed yet: .*services/,
    )
    assert.deepEqual(again.api.writes(), [])
    await heal(scene, again)
    assertShared(scene, 6)
    assert.equal(again.speaker.unready(), undefined)
    await scene.stop()
  })

  it('is right after the API is back: what went, came or moved meanwhile', async () => {
    const files = memoryStateFiles()
    const { scene, owned } = await afterALife(files)
    const again = scene.start('n1', { stateFiles: files, isCutOff: true })
    await scene.rest(5000)
    const gone = `web-${owned[0]?.split('.').at(-1)}`
    scene.cluster.remove(SERVICES, { namespace: 'shop', name: gone })
    scene.cluster.remove(ENDPOINT_SLICES, { namespace: 'shop', name: `${gone}-1` })
    await scene.rest()
    scene.serve('web-7', [ipOf(7)])
    await scene.rest(5000)
    assert.ok(again.link.announced().has(owned[0]!), 'it cannot know')
    await heal(scene, again)
    assert.deepEqual(scene.answering(owned[0]!), [])
    assert.equal(scene.answering(ipOf(7)).length, 1)
    assert.deepEqual(scene.shown().length, 6)
    await scene.stop()
  })

  it('takes itself for alive, though its last Pod was on its way out', async () => {
    const files = memoryStateFiles()
    const scene = speakerCluster({ nodes: ['n1'], running: [] })
    serveMany(scene, 2)
    const { speaker } = scene.start('n1', { stateFiles: files })
    await scene.rest(20_000)
    scene.cluster.put(PODS, speakerPod('n1', 'False'))
    await scene.rest(20_000)
    await Promise.all([speaker.stop(), scene.rest(1000)])
    const again = scene.start('n1', { stateFiles: files, isCutOff: true })
    await scene.rest(4000)
    assert.equal(again.link.announced().size, 2)
    await heal(scene, again)
    await scene.stop()
  })

  it('writes and deletes nothing while one list is still missing', async () => {
    const files = memoryStateFiles()
    const { scene, owned } = await afterALife(files)
    const again = scene.start('n1', { stateFiles: files })
    again.api.faults.failNext(
      1_000_000,
      { status: 503, reason: 'ServiceUnavailable' },
      ({ verb, resource }) => verb === 'list' && resource.plural === 'nodes',
    )
    await scene.rest(60_000)
    assert.deepEqual([...again.link.announced().keys()].sort(), owned)
    assert.deepEqual(again.api.writes(), [])
    const kept = files.written.length
    scene.cluster.remove(CONFIGURATION_STATES, { namespace: NAMESPACE, name: 'speaker-n1' })
    await scene.rest(30_000)
    assert.equal(files.written.length, kept, 'what is stored is not replaced by a mixture')
    again.api.faults.heal()
    await scene.rest(30_000)
    assertShared(scene, 6)
    assert.ok(scene.stateOf('n1') !== undefined)
    await scene.stop()
  })

  it('with a broken file announces nothing, says so once, and waits for the API', async () => {
    const files = memoryStateFiles()
    const { scene } = await afterALife(files)
    const whole = files.texts.get('services.jsonl') ?? ''
    files.texts.set('services.jsonl', whole.slice(0, whole.length / 2))
    const again = scene.start('n1', { stateFiles: files, isCutOff: true })
    await scene.rest(30_000)
    assert.equal(again.link.announced().size, 0)
    assert.deepEqual(told(again), ['the stored state is not used: the file services.jsonl is cut off or damaged'])
    await heal(scene, again)
    assertShared(scene, 6)
    assert.ok((files.texts.get('services.jsonl')?.length ?? 0) > whole.length / 2, 'and is written anew')
    await scene.stop()
  })
})

async function heal(scene: SpeakerCluster, { api }: TestSpeaker): Promise<void> {
  api.faults.partition(false)
  await scene.rest(60_000)
}

describe('the stored state', () => {
  it('costs one warning on a full disk, however long, and the speaker goes on', async () => {
    const files = memoryStateFiles()
    files.fail({ write: new Error('ENOSPC: no space left on device') })
    const scene = speakerCluster({ nodes: ['n1'], running: [] })
    const one = scene.start('n1', { stateFiles: files })
    await scene.rest(60_000)
    serveMany(scene, 3)
    await scene.rest(60_000)
    assert.deepEqual(ownersOf(scene, 3), [['n1'], ['n1'], ['n1']])
    assert.deepEqual(told(one), ['could not write the state for the next start: trying again'])
    files.fail({})
    await scene.rest(20_000)
    assert.match(files.texts.get('services.jsonl') ?? '', /web-3/)
    await scene.stop()
  })

  it('is written every 10 seconds at most, only when something changed, and never holds a Secret', async () => {
    const files = memoryStateFiles()
    const scene = speakerCluster({ nodes: ['n1'], running: [] })
    scene.cluster.put(SECRETS, {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { namespace: NAMESPACE, name: 'bgp' },
      type: 'kubernetes.io/basic-auth',
      data: { password: 'aHVzaA==' },
    })
    const { speaker } = scene.start('n1', { stateFiles: files })
    await scene.rest(20_000)
    assert.ok(files.written.includes('services.jsonl') && !files.written.includes('secrets.jsonl'))
    assert.doesNotMatch([...files.texts.values()].join(''), /aHVzaA/)
    files.written.length = 0
    for (let second = 0; second < 60; second++) {
      scene.serve('web-1', [ipOf(second + 1)])
      await scene.rest(1000)
    }
    const writes = files.written.filter((name) => name === 'services.jsonl').length
    assert.ok(writes >= 5 && writes <= 7, `${writes} in a minute`)
    await scene.rest(20_000)
    files.written.length = 0
    await scene.rest(600_000)
    assert.deepEqual(files.written, [])
    scene.serve('web-2', [ipOf(100)])
    await scene.rest(100)
    await Promise.all([speaker.stop(), scene.rest(1000)])
    assert.match(files.texts.get('services.jsonl') ?? '', /web-2/, 'an orderly stop writes what is left')
  })
})
