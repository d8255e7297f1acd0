import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { after, afterEach, before, describe, it } from 'node:test'
import type { DesiredAddress } from '../../speaker/src/link/messages.ts'
import { type Capture, capture, type Captured } from './link/capture.ts'
import { type Lan, MAC, openLan } from './link/lan.ts'
import { eventually, type SpeakerNode, startSpeakerNode } from './link/speaker-node.ts'

const V4 = '192.0.2.99'
const V6 = '2001:db8::99'
const BOTH: DesiredAddress[] = [V4, V6].map((ip) => ({ ip, interfaces: 'all' as const }))
const GROUP_OF_V6 = 'ff0200000000000000000001ff000099'
/** What tests plug into A beside e0. */
const LATE_PORTS = ['e1', 'x2', 'e3', 'e4', 'wan4']
const BURST_MS = [0, 50, 150, 350, 750, 1750, 2750, 3750, 4750]

/** One file, one LAN: each test leaves both nodes silent, and brings what interfaces it needs. */
describe('the link worker on a real LAN', () => {
  let lan: Lan
  let a: SpeakerNode
  let b: SpeakerNode
  let wire: Capture

  before(async () => {
    lan = await openLan('al')
    wire = await capture(lan.client, 'e0', 'arp or icmp6')
    ;[a, b] = await Promise.all([startSpeakerNode(lan.nodeA), startSpeakerNode(lan.nodeB)])
  })

  after(async () => {
    const codes = await Promise.all([a.stop(), b.stop()])
    wire.close()
    lan.spaces.close()
    assert.deepEqual(codes, [0, 0])
    for (const node of [a, b])
      assert.deepEqual(
        node.facts.filter(({ kind }) => kind === 'fault'),
        [],
      )
  })

  /** What passed since a moment of `Date.now`; the capture lags behind, its times do not. */
  const heard = (pattern: RegExp, since = 0): Captured[] =>
    wire.frames.filter(({ atMs, text }) => atMs >= since && pattern.test(text))
  const textsOf = (frames: readonly Captured[]): string[] => frames.map(({ text }) => text)
  /** Has A announce; gives the moment from which on. */
  const announceOnA = async (addresses = BOTH, exclude: string[] = []): Promise<number> => {
    const from = Date.now()
    a.desire(addresses, exclude)
    await eventually('A announces', () => heard(/^0a > (ff:|33:)/, from).length > 0)
    return from
  }
  /** After each test, so that one that fails leaves nothing to the next. */
  afterEach(async () => {
    for (const node of [a, b]) node.desire([])
    for (const name of [...LATE_PORTS, 'br9']) lan.spaces.run(lan.nodeA, 'ip', 'link', 'del', name)
    lan.spaces.run(lan.client, 'ip', 'addr', 'del', `${V6}/64`, 'dev', 'e0')
    lan.spaces.run(lan.bridge, 'ip', 'link', 'set', 'pa', 'up')
    await eventually('nobody answers', () => arping('-c', '1', '-w', '1', V4).includes('0 packets received'))
    await eventually('A is as it was', () => a.interfaces().join() === 'e0 arp ndp')
    lan.spaces.run(lan.client, 'ip', 'neigh', 'flush', 'all')
  })
  const arping = (...args: string[]): string => lan.spaces.run(lan.client, 'arping', '-i', 'e0', ...args).stdout
  const neighbour = (ip: string): string => lan.spaces.ip(lan.client, 'neigh', 'show', ip, 'dev', 'e0')
  const groups = (namespace: string, name: string): string[] =>
    lan.spaces
      .run(namespace, 'cat', '/proc/net/igmp6')
      .stdout.split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter(([, device]) => device === name)
      .map(([, , group = '']) => group)

  it('answers arping with its MAC, once for each request', async () => {
    const from = await announceOnA()
    assert.match(arping('-c', '3', V4), /from 02:00:00:00:00:0a \(192.0.2.99\): index=2/)
    await eventually('the replies were seen', () => heard(/ > 0c arp reply 192.0.2.99/, from).length >= 3)
    const replies = heard(/ > 0c arp reply/, from).map(({ text }) => text)
    assert.deepEqual(replies, Array(3).fill('0a > 0c arp reply 192.0.2.99 at 0a to 192.0.2.12 at 0c'))
  })

  it('answers a probe from 0.0.0.0: the address is taken', async () => {
    await announceOnA()
    assert.match(arping('-0', '-c', '1', V4), /from 02:00:00:00:00:0a/)
  })

  for (const ip of [V4, V6]) {
    it(`is found by the client's kernel, and passes its check of a stale neighbour, for ${ip}`, async () => {
      const from = await announceOnA()
      lan.spaces.run(lan.client, 'ping', '-c', '1', '-W', '1', ip)
      await eventually('the neighbour is known', () => neighbour(ip).includes(MAC.a))
      // Setting this state makes the kernel send a unicast request or solicitation at once.
      lan.spaces.ip(lan.client, 'neigh', 'replace', ip, 'lladdr', MAC.a, 'dev', 'e0', 'nud', 'probe')
      await eventually('it is reachable again', () => neighbour(ip).includes('REACHABLE'))
      const unicast = ip === V4 ? /^0c > 0a arp request/ : /^0c > 0a .* who has 2001:db8::99$/
      const answer =
        ip === V4 ? /^0a > 0c arp reply 192.0.2.99 at 0a/ : /^0a > 0c 2001:db8::99 > \S+ 2001:db8::99 at 0a SO$/
      await eventually('both were seen', () => heard(unicast, from).length > 0 && heard(answer, from).length > 1)
      assert.match(neighbour(ip), new RegExp(`lladdr ${MAC.a} REACHABLE`))
    })
  }

  it('answers ndisc6, once for each solicitation', async () => {
    const from = await announceOnA()
    const said = lan.spaces.run(lan.client, 'ndisc6', '-1', V6, 'e0')
    assert.match(said.stdout, /Target link-layer address: 02:00:00:00:00:0A\s+from 2001:db8::99/)
    assert.equal(heard(/^0a > 0c .* SO$/, from).length, heard(/^0c > 33:33:ff:00:00:99 .* who has/, from).length)
  })

  it('defends an IPv6 address against a host that configures it: that one gives it up', async () => {
    const from = await announceOnA()
    // An announcement would fail the address as well; what is to be seen is the answer to the probe.
    await eventually('the burst is over', () => heard(/^0a > 33:33:00:00:00:01/, from).length >= BURST_MS.length)
    lan.spaces.ip(lan.client, 'addr', 'add', `${V6}/64`, 'dev', 'e0')
    await eventually('the address has failed', () =>
      lan.spaces.ip(lan.client, 'addr', 'show', 'dev', 'e0').includes('dadfailed'),
    )
    const shown =
      /(:: > ff02::1:ff00:99 who has 2001:db8::99|^0a > 33:33:00:00:00:01 2001:db8::99 > ff02::1 2001:db8::99 at 0a -O)$/
    const answered = (): boolean =>
      heard(shown, from).some(
        ({ text }, at, all) => text.includes('-O') && all[at - 1]?.text.includes('who has') === true,
      )
    await eventually('the defence was seen', answered)
  })

  it('announces by nine rounds that widen to five seconds', async (test) => {
    const from = await announceOnA()
    const kinds = {
      request: /^0a > ff:ff:ff:ff:ff:ff arp request 192.0.2.99 at 0a to 192.0.2.99 at ff:ff:ff:ff:ff:ff$/,
      reply: /^0a > ff:ff:ff:ff:ff:ff arp reply 192.0.2.99 at 0a to 192.0.2.99 at ff:ff:ff:ff:ff:ff$/,
      advertisement: /^0a > 33:33:00:00:00:01 2001:db8::99 > ff02::1 2001:db8::99 at 0a -O$/,
    }
    await eventually('the burst is over', () => heard(kinds.advertisement, from).length >= 9)
    for (const [kind, pattern] of Object.entries(kinds)) {
      const times = heard(pattern, from).map(({ atMs }) => atMs)
      const offsets = times.map((atMs) => Math.round(atMs - times[0]!))
      test.diagnostic(`${kind}: ${offsets.join(' ')} ms`)
      assert.equal(offsets.length, 9, kind)
      offsets.forEach((offset, round) =>
        assert.ok(offset >= BURST_MS[round]! - 60, `${kind}, round ${round}: ${offset} ms`),
      )
    }
    const first = heard(/^0a > (ff|33)/, from)
      .slice(0, 3)
      .map(({ text }) => /arp (request|reply)|ff02/.exec(text)?.[0])
    assert.deepEqual(
      first.filter((kind) => kind !== 'ff02'),
      ['arp request', 'arp reply'],
      'the request goes first',
    )
  })

  it('moves the client over to the new owner by its announcement alone, without a request', async (test) => {
    await announceOnA()
    for (const ip of [V4, V6]) {
      lan.spaces.run(lan.client, 'ping', '-c', '1', '-W', '1', ip)
      await eventually('the client knows A', () => neighbour(ip).includes(MAC.a))
    }
    const from = Date.now()
    a.desire([])
    b.desire(BOTH)
    await eventually('the client knows B', () => [V4, V6].every((ip) => neighbour(ip).includes(MAC.b)))
    const moved = Date.now()
    test.diagnostic(`both neighbours moved after ${moved - from} ms, asking every 10 ms`)
    await eventually('B goes on', () => heard(/^0b > ff.* arp request/, from).length >= 5)
    assert.deepEqual(textsOf(heard(/^0c > .*(arp request|who has)/, from)), [])
    assert.deepEqual(textsOf(heard(/^0a > /, moved)), [], 'the old owner falls silent without a goodbye')
  })

  it('tells known talkers directly as well: who asked the old owner hears from the new one', async () => {
    const from = await announceOnA()
    arping('-c', '1', V4)
    a.desire([])
    b.desire(BOTH)
    await eventually(
      'B tells the client',
      () => heard(/^0b > 0c arp reply 192.0.2.99 at 0b to .* at 0c$/, from).length > 0,
    )
  })

  it('answers only on the interfaces that are selected and not excluded', async () => {
    lan.plug(lan.nodeA, 'e1', 'pa1', '02:00:00:00:00:1a')
    lan.plug(lan.nodeA, 'x2', 'pa2', '02:00:00:00:00:2a')
    const answerers = async (): Promise<string> => {
      const from = Date.now()
      arping('-c', '1', '-w', '1', V4)
      await eventually('the request was seen', () => heard(/^0c > .* arp request/, from).length > 0)
      return textsOf(heard(/ > 0c arp reply 192.0.2.99 .* to 192.0.2.12/, from))
        .map((text) => text.slice(0, 2))
        .sort()
        .join(' ')
    }
    const desireOn = async (
      interfaces: DesiredAddress['interfaces'],
      exclude: string[],
      expected: string,
    ): Promise<void> => {
      a.desire([{ ip: V4, interfaces }], exclude)
      await eventually(`the answers come from ${expected}`, async () => (await answerers()) === expected)
    }
    await desireOn('all', [], '0a 1a 2a')
    await desireOn('all', ['^x'], '0a 1a')
    await desireOn(['e1', 'x2'], ['^x'], '1a')
    await desireOn(['x2'], ['^x'], '')
    assert.deepEqual(
      a.interfaces().map((text) => text.split(' ')[0]),
      ['e0', 'e1'],
    )
  })

  it('announces anew when the carrier comes back', async () => {
    await announceOnA()
    lan.spaces.ip(lan.bridge, 'link', 'set', 'pa', 'down')
    await eventually('A has no interface', () => a.interfaces().length === 0)
    const from = Date.now()
    lan.spaces.ip(lan.bridge, 'link', 'set', 'pa', 'up')
    await eventually('the burst has come', () => heard(/^0a > ff.* arp request/, from).length >= 5)
    await eventually('IPv6 too', () => heard(/^0a > 33:33:00:00:00:01 2001:db8::99/, from).length >= 5)
    assert.ok(groups(lan.nodeA, 'e0').includes(GROUP_OF_V6))
  })

  it('picks a new interface up at once, joins its groups, and leaves all when it is gone', async (test) => {
    await announceOnA()
    const from = Date.now()
    const before = Date.now()
    lan.plug(lan.nodeA, 'e3', 'pa3', '02:00:00:00:00:3a')
    const plugged = Date.now()
    await eventually('it announces', () => heard(/^3a > ff.* arp request/, from).length > 0)
    const { atMs } = heard(/^3a > ff.* arp request/, from)[0]!
    test.diagnostic(
      `first frame ${(atMs - plugged).toFixed(1)} ms after it was up, ${(atMs - before).toFixed(1)} ms after it was begun`,
    )
    await eventually('IPv6 too', () => heard(/^3a > 33:33:00:00:00:01 2001:db8::99/, from).length > 0)
    assert.ok(groups(lan.nodeA, 'e3').includes(GROUP_OF_V6))
    a.desire([{ ip: V4, interfaces: 'all' }])
    await eventually('the groups are left', () =>
      ['e0', 'e3'].every((name) => !groups(lan.nodeA, name).includes(GROUP_OF_V6)),
    )
    lan.spaces.ip(lan.nodeA, 'link', 'del', 'e3')
    await eventually('it is forgotten', () => a.interfaces().join() === 'e0 arp ndp')
  })

  it('follows an interface that is enslaved, renamed, or given another MAC', async () => {
    lan.plug(lan.nodeA, 'e4', 'pa4', '02:00:00:00:00:4a')
    await eventually('it is usable', () => a.interfaces().includes('e4 arp ndp'))
    lan.spaces.ip(lan.nodeA, 'link', 'add', 'br9', 'type', 'bridge')
    lan.spaces.ip(lan.nodeA, 'link', 'set', 'e4', 'master', 'br9')
    await eventually('a port of a bridge is not', () => !a.interfaces().some((text) => text.startsWith('e4')))
    lan.spaces.ip(lan.nodeA, 'link', 'set', 'e4', 'nomaster')
    lan.spaces.ip(lan.nodeA, 'link', 'set', 'e4', 'down')
    lan.spaces.ip(lan.nodeA, 'link', 'set', 'e4', 'name', 'wan4')
    lan.spaces.ip(lan.nodeA, 'link', 'set', 'wan4', 'up')
    await eventually('the new name is known', () => a.interfaces().includes('wan4 arp ndp'))
    await announceOnA([{ ip: V4, interfaces: ['e0', 'wan4'] }])
    const from = Date.now()
    lan.spaces.ip(lan.nodeA, 'link', 'set', 'wan4', 'address', '02:00:00:00:00:5a')
    await eventually(
      'the new MAC is announced',
      () => heard(/^5a > ff.* arp request 192.0.2.99 at 5a/, from).length >= 5,
    )
  })

  it('answers no frame of a VLAN on the parent interface, but one that only has a priority', async () => {
    await announceOnA([{ ip: V4, interfaces: 'all' }])
    const request = (sender: string, tag: string): string =>
      `ffffffffffff02000000000c${tag}0806000108000604000102000000000c${sender}000000000000c0000263`
    const inject = (...frames: string[]): void => {
      const program = new URL('./link/inject-program.ts', import.meta.url).pathname
      const args = ['netns', 'exec', lan.client, process.execPath, program, 'e0']
      const { status, stderr } = spawnSync('ip', args, { input: frames.join('\n'), encoding: 'utf8' })
      assert.equal(status, 0, stderr)
    }
    const from = Date.now()
    inject(request('c000020d', '81000005'), request('c000020e', '8100e000'), request('c000020f', ''))
    await eventually('the last is answered', () => heard(/^0a > 0c arp reply .* to 192.0.2.15/, from).length === 1)
    assert.equal(heard(/^0a > 0c arp reply .* to 192.0.2.14/, from).length, 1)
    assert.equal(heard(/^0a > 0c arp reply .* to 192.0.2.13/, from).length, 0)
  })

  it('notices another machine that uses its address', async () => {
    await announceOnA([{ ip: V4, interfaces: 'all' }])
    arping('-U', '-c', '1', '-w', '1', '-S', V4, V4)
    await eventually('A has noticed', () =>
      a.facts.some(
        (fact) => fact.kind === 'counters' && fact.addresses.some(({ claimedBy }) => claimedBy === MAC.client),
      ),
    )
  })
})
