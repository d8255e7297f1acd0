import { seededRandom } from '@steelyard/runtime'
import { build } from 'esbuild'
import assert from 'node:assert/strict'
import { copyFileSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { after, afterEach, before, describe, it } from 'node:test'
import type { DesiredAddress } from '../../speaker/src/link/messages.ts'
import { MAC } from './link/lan.ts'
import { eventually, startSpeakerNode } from './link/speaker-node.ts'
import { BOTH, openStage, type Stage, textsOf, V4 } from './link/stage.ts'

const GROUP_OF_V6 = 'ff0200000000000000000001ff000099'
const FIXTURES = new URL('../fixtures/', import.meta.url).pathname
const CAPTURED: readonly Uint8Array[] = globSync('{arp,ns,na}-*.hex', { cwd: FIXTURES }).map((name) =>
  Uint8Array.from(Buffer.from(readFileSync(FIXTURES + name, 'utf8').replaceAll(/^#.*$|\s/gm, ''), 'hex')),
)

describe('the link worker and its interfaces', () => {
  let stage: Stage
  before(async () => {
    stage = await openStage('ali')
  })
  afterEach(() => stage.calm())
  after(() => stage.close())

  it('answers only on the interfaces that are selected and not excluded', async () => {
    stage.lan.plug(stage.lan.nodeA, 'e1', 'pa1', '02:00:00:00:00:1a')
    stage.lan.plug(stage.lan.nodeA, 'x2', 'pa2', '02:00:00:00:00:2a')
    const answerers = async (): Promise<string> => {
      const from = Date.now()
      stage.arping('-c', '1', '-w', '1', V4)
      await eventually('the request was seen', () => stage.heard(/^0c > .* arp request/, from).length > 0)
      return textsOf(stage.heard(/ > 0c arp reply 192.0.2.99 .* to 192.0.2.12/, from))
        .map((text) => text.slice(0, 2))
        .sort()
        .join(' ')
    }
    const desireOn = async (
      interfaces: DesiredAddress['interfaces'],
      exclude: string[],
      expected: string,
    ): Promise<void> => {
      stage.a.desire([{ ip: V4, interfaces }], exclude)
      await eventually(`the answers come from ${expected}`, async () => (await answerers()) === expected)
    }
    await desireOn('all', [], '0a 1a 2a')
    await desireOn('all', ['^x'], '0a 1a')
    await desireOn(['e1', 'x2'], ['^x'], '1a')
    await desireOn(['x2'], ['^x'], '')
    assert.deepEqual(
      stage.a.interfaces().map((text) => text.split(' ')[0]),
      ['e0', 'e1'],
    )
  })

  it('announces anew when the carrier comes back', async () => {
    await stage.announceOnA()
    stage.lan.spaces.ip(stage.lan.bridge, 'link', 'set', 'pa', 'down')
    await eventually('A has no interface', () => stage.a.interfaces().length === 0)
    const from = Date.now()
    stage.lan.spaces.ip(stage.lan.bridge, 'link', 'set', 'pa', 'up')
    await eventually('the burst has come', () => stage.heard(/^0a > ff.* arp request/, from).length >= 5)
    await eventually('IPv6 too', () => stage.heard(/^0a > 33:33:00:00:00:01 2001:db8::99/, from).length >= 5)
    assert.ok(stage.groups(stage.lan.nodeA, 'e0').includes(GROUP_OF_V6))
  })

  it('picks a new interface up at once, joins its groups, and leaves all when it is gone', async (test) => {
    await stage.announceOnA()
    const from = Date.now()
    const before = Date.now()
    stage.lan.plug(stage.lan.nodeA, 'e3', 'pa3', '02:00:00:00:00:3a')
    const plugged = Date.now()
    await eventually('it announces', () => stage.heard(/^3a > ff.* arp request/, from).length > 0)
    const { atMs } = stage.heard(/^3a > ff.* arp request/, from)[0]!
    test.diagnostic(
      `first frame ${(atMs - plugged).toFixed(1)} ms after it was up, ${(atMs - before).toFixed(1)} ms after it was begun`,
    )
    await eventually('IPv6 too', () => stage.heard(/^3a > 33:33:00:00:00:01 2001:db8::99/, from).length > 0)
    assert.ok(stage.groups(stage.lan.nodeA, 'e3').includes(GROUP_OF_V6))
    stage.a.desire([{ ip: V4, interfaces: 'all' }])
    await eventually('the groups are left', () =>
      ['e0', 'e3'].every((name) => !stage.groups(stage.lan.nodeA, name).includes(GROUP_OF_V6)),
    )
    stage.lan.spaces.ip(stage.lan.nodeA, 'link', 'del', 'e3')
    await eventually('it is forgotten', () => stage.a.interfaces().join() === 'e0 arp ndp')
  })

  it('follows an interface that is enslaved, renamed, or given another MAC', async () => {
    stage.lan.plug(stage.lan.nodeA, 'e4', 'pa4', '02:00:00:00:00:4a')
    await eventually('it is usable', () => stage.a.interfaces().includes('e4 arp ndp'))
    stage.lan.spaces.ip(stage.lan.nodeA, 'link', 'add', 'br9', 'type', 'bridge')
    stage.lan.spaces.ip(stage.lan.nodeA, 'link', 'set', 'e4', 'master', 'br9')
    await eventually('a port of a bridge is not', () => !stage.a.interfaces().some((text) => text.startsWith('e4')))
    stage.lan.spaces.ip(stage.lan.nodeA, 'link', 'set', 'e4', 'nomaster')
    stage.lan.spaces.ip(stage.lan.nodeA, 'link', 'set', 'e4', 'down')
    stage.lan.spaces.ip(stage.lan.nodeA, 'link', 'set', 'e4', 'name', 'wan4')
    stage.lan.spaces.ip(stage.lan.nodeA, 'link', 'set', 'wan4', 'up')
    await eventually('the new name is known', () => stage.a.interfaces().includes('wan4 arp ndp'))
    await stage.announceOnA([{ ip: V4, interfaces: ['e0', 'wan4'] }])
    const from = Date.now()
    stage.lan.spaces.ip(stage.lan.nodeA, 'link', 'set', 'wan4', 'address', '02:00:00:00:00:5a')
    await eventually(
      'the new MAC is announced',
      () => stage.heard(/^5a > ff.* arp request 192.0.2.99 at 5a/, from).length >= 5,
    )
  })

  it('answers no frame of a VLAN on the parent interface, but one that only has a priority', async () => {
    await stage.announceOnA([{ ip: V4, interfaces: 'all' }])
    const request = (sender: string, tag: string): string =>
      `ffffffffffff02000000000c${tag}0806000108000604000102000000000c${sender}000000000000c0000263`
    const from = Date.now()
    stage.inject(request('c000020d', '81000005'), request('c000020e', '8100e000'), request('c000020f', ''))
    await eventually(
      'the last is answered',
      () => stage.heard(/^0a > 0c arp reply .* to 192.0.2.15/, from).length === 1,
    )
    assert.equal(stage.heard(/^0a > 0c arp reply .* to 192.0.2.14/, from).length, 1)
    assert.equal(stage.heard(/^0a > 0c arp reply .* to 192.0.2.13/, from).length, 0)
  })

  it('notices another machine that uses its address', async () => {
    await stage.announceOnA([{ ip: V4, interfaces: 'all' }])
    stage.arping('-U', '-c', '1', '-w', '1', '-S', V4, V4)
    await eventually('A has noticed', () =>
      stage.a.facts.some(
        (fact) => fact.kind === 'counters' && fact.addresses.some(({ claimedBy }) => claimedBy === MAC.client),
      ),
    )
  })

  it('outlives a flood of broken frames, and answers right after it', async () => {
    await stage.announceOnA()
    const random = seededRandom(7)
    const broken = Array.from({ length: 5000 }, () => {
      const frame = Uint8Array.from(CAPTURED[Math.floor(random() * CAPTURED.length)]!)
      for (let left = 5; left > 0; left--) frame[12 + Math.floor(random() * (frame.length - 12))] = random() * 256
      return Buffer.from(frame.subarray(0, 14 + Math.floor(random() * (frame.length - 13)))).toString('hex')
    })
    stage.inject(...broken)
    assert.match(stage.arping('-c', '1', '-w', '5', V4), /from 02:00:00:00:00:0a/)
    await eventually('they were counted', () =>
      stage.a.facts.some((fact) => fact.kind === 'counters' && (fact.ignored.Malformed ?? 0) > 500),
    )
  })

  it('runs from bundles as well, as the image ships it', async () => {
    const folder = mkdtempSync(`${tmpdir()}/steelyard-link-`)
    const entry = (path: string): string => new URL(path, import.meta.url).pathname
    await build({
      entryPoints: {
        speaker: entry('./link/speaker-program.ts'),
        'speaker-link': entry('../../speaker/src/link/worker.ts'),
      },
      outdir: folder,
      outExtension: { '.js': '.mjs' },
      bundle: true,
      platform: 'node',
      format: 'esm',
    })
    copyFileSync(entry('../../packages/raw-socket/build/raw_socket.node'), `${folder}/raw_socket.node`)
    const bundled = await startSpeakerNode(stage.lan.nodeB, `${folder}/speaker.mjs`)
    bundled.desire(BOTH)
    await eventually('it answers', () => stage.arping('-c', '1', '-w', '1', V4).includes(`from ${MAC.b}`))
    assert.equal(await bundled.stop(), 0)
    rmSync(folder, { recursive: true })
  })
})
