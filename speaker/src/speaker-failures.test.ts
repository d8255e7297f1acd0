import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { CONFIG_MAPS, SERVICES } from '@steelyard/kube'
import { assertShared, ipOf, ownersOf, serveMany } from './testing/expectations.ts'
import { NAMESPACE } from './testing/objects.ts'
import { speakerCluster } from './testing/speaker-cluster.ts'

const EXCLUDE_FILE = '/etc/metallb/excludel2.yaml'
const excluding = (...patterns: string[]): string => `announcedInterfacesToExclude: ${JSON.stringify(patterns)}\n`

describe('a speaker whose API server is away', () => {
  it('goes on announcing, and is right again afterwards', async () => {
    const scene = speakerCluster()
    serveMany(scene, 6)
    await scene.rest()
    const before = ownersOf(scene, 6)
    for (const { api } of Object.values(scene.speakers)) api.faults.partition(true)
    scene.cluster.remove(SERVICES, { namespace: 'shop', name: 'web-1' })
    scene.serve('web-7', [ipOf(7)])
    await scene.rest(600_000)
    assert.deepEqual(ownersOf(scene, 6), before)
    for (const { api } of Object.values(scene.speakers)) api.faults.partition(false)
    await scene.rest(60_000)
    assert.deepEqual(scene.answering(ipOf(1)), [])
    assert.equal(scene.answering(ipOf(7)).length, 1)
    assert.deepEqual(scene.shown().length, 6)
    await scene.stop()
  })

  it('announces nothing, and is not ready, before everything has been listed', async () => {
    const scene = speakerCluster({ nodes: ['n1'], running: [] })
    serveMany(scene, 3)
    const { api, speaker, link } = scene.start('n1')
    api.faults.failNext(
      6,
      { status: 503, reason: 'ServiceUnavailable' },
      ({ verb, resource }) => verb === 'list' && resource.plural === 'servicel2statuses',
    )
    await scene.rest(500)
    assert.equal(link.announced().size, 0)
    assert.equal(speaker.unready(), 'not listed yet: servicel2statuses')
    assert.deepEqual(api.writes(), [])
    await scene.rest(60_000)
    assert.equal(speaker.unready(), undefined)
    assert.ok(link.announced().size > 0)
    await scene.stop()
  })

  it('does not wait for the API with an announcement', async () => {
    const scene = speakerCluster({ nodes: ['n1'] })
    await scene.rest()
    const { api, link } = scene.speakers['n1']!
    api.faults.failNext(1_000_000, { status: 500, reason: 'InternalError' }, ({ verb }) => verb === 'create')
    scene.serve('web-1', [ipOf(1)])
    await scene.rest(100)
    assert.ok(link.announced().has(ipOf(1)))
    await scene.rest(120_000)
    const warnings = scene.speakers['n1']!.lines.filter(({ level, caller }) => level === 'warn' && caller === 'status')
    assert.equal(warnings.length, 1, 'one line, however often it fails')
    await scene.stop()
  })
})

describe('a speaker', () => {
  it('falls silent when it is stopped, within its grace even when the API hangs', async () => {
    const scene = speakerCluster({ nodes: ['n1'] })
    serveMany(scene, 3)
    await scene.rest()
    const { api, link, speaker } = scene.speakers['n1']!
    api.faults.partition(true)
    scene.serve('web-9', [ipOf(9)])
    const stopping = speaker.stop()
    await scene.rest(50)
    assert.ok(link.isStopped(), 'there is nobody to hand over to')
    await scene.rest(500)
    await stopping
    const sets = link.sets()
    api.faults.partition(false)
    await scene.rest(60_000)
    assert.equal(link.sets(), sets)
    assert.equal(scene.shown().length, 3, 'its claims stay, for its next life')
  })

  it('tells of faults on its links', async () => {
    const scene = speakerCluster({ nodes: ['n1'] })
    await scene.rest()
    const { link, lines } = scene.speakers['n1']!
    link.tell({
      kind: 'fault',
      interface: 'eth0',
      call: 'bind',
      errno: 'ENODEV',
      message: 'eth0: bind failed',
      times: 3,
    })
    assert.partialDeepStrictEqual(lines.at(-1), {
      level: 'warn',
      op: 'bind',
      reason: 'ENODEV',
      interface: 'eth0',
      times: 3,
    })
    await scene.stop()
  })

  it('warns of settings that mean nothing here', async () => {
    const scene = speakerCluster({ nodes: ['n1'], running: [] })
    scene.cluster.put(CONFIG_MAPS, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { namespace: NAMESPACE, name: 'bgpextras' },
      data: { extras: '' },
    })
    const { lines } = scene.start('n1')
    await scene.rest()
    assert.deepEqual(
      lines.flatMap(({ level, msg }) => (level === 'warn' ? [msg] : [])),
      ['ConfigMap metallb-system/bgpextras has no effect: membership and BGP have no such settings here'],
    )
    await scene.stop()
  })
})

describe('the list of excluded interfaces', () => {
  it('is in force before anything is announced, and again whenever the file changes', async () => {
    const scene = speakerCluster({ running: [] })
    serveMany(scene, 1)
    const { files, link } = scene.start('n1', { files: { [EXCLUDE_FILE]: excluding('^docker.*', '^veth') } })
    await scene.rest()
    assert.deepEqual(link.excluded(), ['^docker.*', '^veth'])
    files.set(EXCLUDE_FILE, excluding('^cni.*'))
    await scene.rest(10_000)
    assert.deepEqual(link.excluded(), ['^cni.*'])
    await scene.stop()
  })

  const broken: [name: string, text: string, problem: RegExp][] = [
    [
      'a regular expression that is none',
      excluding('^ok$', '('),
      /announcedInterfacesToExclude\[1\]: "\(" is not a regular expression/,
    ],
    ['an empty pattern', excluding(''), /announcedInterfacesToExclude\[0\]: "" is empty/],
    ['a number among the patterns', 'announcedInterfacesToExclude: [7]', /\[0\]: 7 is not text/],
    ['a text instead of a list', 'announcedInterfacesToExclude: lo', /is not a list of regular expressions/],
    ['a list instead of a mapping', '- lo', /is not a mapping with announcedInterfacesToExclude/],
    ['what is no YAML', 'a: [', /is not YAML/],
  ]
  for (const [name, text, problem] of broken) {
    it(`stays as it was when the file holds ${name}, which is said once`, async () => {
      const scene = speakerCluster({ running: [] })
      const { files, link, lines } = scene.start('n1', { files: { [EXCLUDE_FILE]: excluding('^lo$') } })
      await scene.rest()
      files.set(EXCLUDE_FILE, text)
      await scene.rest(60_000)
      assert.deepEqual(link.excluded(), ['^lo$'])
      const told = lines.filter(({ caller, level }) => caller === 'exclude-list' && level === 'error')
      assert.equal(told.length, 1)
      assert.match(String(told[0]?.['error']), problem)
      await scene.stop()
    })
  }
  it('is empty when the file is, or says nothing of it', async () => {
    for (const text of ['', '# nothing\n', 'other: 1\n']) {
      const scene = speakerCluster({ running: [] })
      const { link, lines } = scene.start('n1', { files: { [EXCLUDE_FILE]: text } })
      await scene.rest()
      assert.deepEqual(link.excluded(), [])
      assert.equal(lines.filter(({ level }) => level === 'error').length, 0)
      await scene.stop()
    }
  })
})

describe('a node whose claims come late', () => {
  it('gives way without a struggle when two have begun to announce', async () => {
    const scene = speakerCluster({ nodes: ['n1', 'n2'] })
    await scene.rest()
    const { api } = scene.speakers['n2']!
    api.faults.stallWatches(true)
    serveMany(scene, 6)
    await scene.rest()
    const early = ownersOf(scene, 6).flat()
    assert.ok(early.length > 0 && early.every((owner) => owner === 'n1'))
    api.faults.stallWatches(false)
    await scene.rest(5000)
    assertShared(scene, 6)
    await scene.stop()
  })
})
