import assert from 'node:assert/strict'
import { after, afterEach, before, describe, it } from 'node:test'
import { MAC } from './link/lan.ts'
import { eventually } from './link/speaker-node.ts'
import { BOTH, openStage, type Stage, textsOf, V4, V6 } from './link/stage.ts'

const BURST_MS = [0, 50, 150, 350, 750, 1750, 2750, 3750, 4750]

describe('the link worker on a real LAN', () => {
  let stage: Stage
  before(async () => {
    stage = await openStage('al')
  })
  afterEach(() => stage.calm())
  after(() => stage.close())

  it('answers arping with its MAC, once for each request', async () => {
    const from = await stage.announceOnA()
    assert.match(stage.arping('-c', '3', V4), /from 02:00:00:00:00:0a \(192.0.2.99\): index=2/)
    await eventually('the replies were seen', () => stage.heard(/ > 0c arp reply 192.0.2.99/, from).length >= 3)
    const replies = stage.heard(/ > 0c arp reply/, from).map(({ text }) => text)
    assert.deepEqual(replies, Array(3).fill('0a > 0c arp reply 192.0.2.99 at 0a to 192.0.2.12 at 0c'))
  })

  it('answers a probe from 0.0.0.0: the address is taken', async () => {
    await stage.announceOnA()
    assert.match(stage.arping('-0', '-c', '1', V4), /from 02:00:00:00:00:0a/)
  })

  for (const ip of [V4, V6]) {
    it(`is found by the client's kernel, and passes its check of a stale neighbour, for ${ip}`, async () => {
      const from = await stage.announceOnA()
      stage.lan.spaces.run(stage.lan.client, 'ping', '-c', '1', '-W', '1', ip)
      await eventually('the neighbour is known', () => stage.neighbour(ip).includes(MAC.a))
      // Setting this state makes the kernel send a unicast request or solicitation at once.
      stage.lan.spaces.ip(stage.lan.client, 'neigh', 'replace', ip, 'lladdr', MAC.a, 'dev', 'e0', 'nud', 'probe')
      await eventually('it is reachable again', () => stage.neighbour(ip).includes('REACHABLE'))
      const unicast = ip === V4 ? /^0c > 0a arp request/ : /^0c > 0a .* who has 2001:db8::99$/
      const answer =
        ip === V4 ? /^0a > 0c arp reply 192.0.2.99 at 0a/ : /^0a > 0c 2001:db8::99 > \S+ 2001:db8::99 at 0a SO$/
      await eventually(
        'both were seen',
        () => stage.heard(unicast, from).length > 0 && stage.heard(answer, from).length > 1,
      )
      assert.match(stage.neighbour(ip), new RegExp(`lladdr ${MAC.a} REACHABLE`))
    })
  }

  it('answers ndisc6, once for each solicitation', async () => {
    const from = await stage.announceOnA()
    const said = stage.lan.spaces.run(stage.lan.client, 'ndisc6', '-1', V6, 'e0')
    assert.match(said.stdout, /Target link-layer address: 02:00:00:00:00:0A\s+from 2001:db8::99/)
    assert.equal(
      stage.heard(/^0a > 0c .* SO$/, from).length,
      stage.heard(/^0c > 33:33:ff:00:00:99 .* who has/, from).length,
    )
  })

  it('defends an IPv6 address against a host that configures it: that one gives it up', async () => {
    const from = await stage.announceOnA()
    // An announcement would fail the address as well; what is to be seen is the answer to the probe.
    await eventually('the burst is over', () => stage.heard(/^0a > 33:33:00:00:00:01/, from).length >= BURST_MS.length)
    stage.lan.spaces.ip(stage.lan.client, 'addr', 'add', `${V6}/64`, 'dev', 'e0')
    await eventually('the address has failed', () =>
      stage.lan.spaces.ip(stage.lan.client, 'addr', 'show', 'dev', 'e0').includes('dadfailed'),
    )
    const shown =
      /(:: > ff02::1:ff00:99 who has 2001:db8::99|^0a > 33:33:00:00:00:01 2001:db8::99 > ff02::1 2001:db8::99 at 0a -O)$/
    const answered = (): boolean =>
      stage
        .heard(shown, from)
        .some(({ text }, at, all) => text.includes('-O') && all[at - 1]?.text.includes('who has') === true)
    await eventually('the defence was seen', answered)
  })

  it('announces by nine rounds that widen to five seconds', async (test) => {
    const from = await stage.announceOnA()
    const kinds = {
      request: /^0a > ff:ff:ff:ff:ff:ff arp request 192.0.2.99 at 0a to 192.0.2.99 at ff:ff:ff:ff:ff:ff$/,
      reply: /^0a > ff:ff:ff:ff:ff:ff arp reply 192.0.2.99 at 0a to 192.0.2.99 at ff:ff:ff:ff:ff:ff$/,
      advertisement: /^0a > 33:33:00:00:00:01 2001:db8::99 > ff02::1 2001:db8::99 at 0a -O$/,
    }
    await eventually('the burst is over', () => stage.heard(kinds.advertisement, from).length >= 9)
    for (const [kind, pattern] of Object.entries(kinds)) {
      const times = stage.heard(pattern, from).map(({ atMs }) => atMs)
      const offsets = times.map((atMs) => Math.round(atMs - times[0]!))
      test.diagnostic(`${kind}: ${offsets.join(' ')} ms`)
      assert.equal(offsets.length, 9, kind)
      offsets.forEach((offset, round) =>
        assert.ok(offset >= BURST_MS[round]! - 60, `${kind}, round ${round}: ${offset} ms`),
      )
    }
    const first = stage
      .heard(/^0a > (ff|33)/, from)
      .slice(0, 3)
      .map(({ text }) => /arp (request|reply)|ff02/.exec(text)?.[0])
    assert.deepEqual(
      first.filter((kind) => kind !== 'ff02'),
      ['arp request', 'arp reply'],
      'the request goes first',
    )
  })

  it('moves the client over to the new owner by its announcement alone, without a request', async (test) => {
    await stage.announceOnA()
    for (const ip of [V4, V6]) {
      stage.lan.spaces.run(stage.lan.client, 'ping', '-c', '1', '-W', '1', ip)
      await eventually('the client knows A', () => stage.neighbour(ip).includes(MAC.a))
    }
    const from = Date.now()
    stage.a.desire([])
    stage.b.desire(BOTH)
    await eventually('the client knows B', () => [V4, V6].every((ip) => stage.neighbour(ip).includes(MAC.b)))
    const moved = Date.now()
    test.diagnostic(`both neighbours moved after ${moved - from} ms, asking every 10 ms`)
    await eventually('B goes on', () => stage.heard(/^0b > ff.* arp request/, from).length >= 5)
    assert.deepEqual(textsOf(stage.heard(/^0c > .*(arp request .* to 192.0.2.99|who has 2001:db8::99)/, from)), [])
    assert.deepEqual(
      textsOf(stage.heard(/^0a > .*(192.0.2.99|2001:db8::99)/, moved)),
      [],
      'the old owner falls silent without a goodbye',
    )
  })

  it('tells known talkers directly as well: who asked the old owner hears from the new one', async () => {
    const from = await stage.announceOnA()
    stage.arping('-c', '1', V4)
    stage.a.desire([])
    stage.b.desire(BOTH)
    await eventually(
      'B tells the client',
      () => stage.heard(/^0b > 0c arp reply 192.0.2.99 at 0b to .* at 0c$/, from).length > 0,
    )
  })
})
