import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type End, startEnd } from './bgp/end.ts'
import type { Target } from './bgp/end-program.ts'
import { type Namespaces, openNamespaces } from './namespaces.ts'

/** How long nothing must come where nothing should. */
const SILENCE_MS = 700

describe('connections of BGP on the kernel', () => {
  let spaces: Namespaces
  let here: End
  let there: End
  let hereName: string
  let thereName: string
  let ifindex: { readonly here: number; readonly there: number }
  before(() => {
    spaces = openNamespaces('bgt')
    hereName = spaces.add('a')
    thereName = spaces.add('b')
    for (const name of [hereName, thereName]) spaces.run(name, 'sysctl', '-qw', 'net.ipv6.conf.default.accept_dad=0')
    spaces.connect({ namespace: hereName, name: 'e0' }, { namespace: thereName, name: 'e0' })
    for (const [name, host] of [
      [hereName, 5],
      [thereName, 1],
    ] as const) {
      for (const one of [`192.0.2.${host}/24`, `2001:db8::${host}/64`, `fe80::${host}/64`]) {
        spaces.ip(name, 'addr', 'add', one, 'dev', 'e0')
      }
    }
    spaces.ip(hereName, 'addr', 'add', '192.0.2.6/24', 'dev', 'e0')
    const indexOf = (name: string): number =>
      (JSON.parse(spaces.ip(name, '-j', 'link', 'show', 'e0')) as { ifindex: number }[])[0]?.ifindex ?? assert.fail()
    ifindex = { here: indexOf(hereName), there: indexOf(thereName) }
    here = startEnd(hereName)
    there = startEnd(thereName)
  })
  after(async () => {
    await Promise.all([here?.stop(), there?.stop()])
    spaces?.close()
  })

  /** Has both ends meet: theirs waits, ours connects. */
  async function meet(id: string, ours: Target, theirs: Target): Promise<void> {
    there.order({ do: 'await', id, target: theirs })
    await there.next(id, 'ready')
    here.order({ do: 'connect', id, target: ours })
  }
  async function part(id: string): Promise<void> {
    here.order({ do: 'close', id })
    assert.match((await there.next(id, 'close')).why, /closed the connection/)
    there.order({ do: 'stop', id })
  }
  async function talk(id: string): Promise<void> {
    here.order({ do: 'send', id, text: `${id} ping` })
    assert.equal((await there.next(id, 'bytes')).text, `${id} ping`)
    there.order({ do: 'send', id, text: `${id} pong` })
    assert.equal((await here.next(id, 'bytes')).text, `${id} pong`)
  }

  const zone = (index: number) => ({ interface: { name: 'e0', index } })
  const families: readonly {
    readonly name: string
    readonly ours: () => Omit<Target, 'port'>
    readonly theirs: () => Omit<Target, 'port'>
    readonly facts: Readonly<Record<string, string | number>>
  }[] = [
    {
      name: 'IPv4',
      ours: () => ({ address: '192.0.2.1' }),
      theirs: () => ({ address: '192.0.2.5' }),
      facts: {
        localAddress: '192.0.2.5',
        remoteAddress: '192.0.2.1',
        ipv4: '192.0.2.5',
        ipv6: '2001:db8::5',
        routerId: 0xc0000205,
      },
    },
    {
      name: 'IPv6',
      ours: () => ({ address: '2001:db8::1', routerId: 0x0a000001 }),
      theirs: () => ({ address: '2001:db8::5' }),
      facts: {
        localAddress: '2001:db8::5',
        remoteAddress: '2001:db8::1',
        ipv4: '192.0.2.5',
        ipv6: '2001:db8::5',
        linkLocal: 'fe80::5',
        routerId: 0x0a000001,
      },
    },
    {
      name: 'link-local addresses',
      ours: () => ({ address: 'fe80::1', sourceAddress: 'fe80::5', ...zone(ifindex.here) }),
      theirs: () => ({ address: 'fe80::5', ...zone(ifindex.there) }),
      facts: {
        localAddress: 'fe80::5',
        remoteAddress: 'fe80::1',
        ipv4: '192.0.2.5',
        ipv6: 'fe80::5',
        routerId: 0xc0000205,
      },
    },
  ]
  let port = 17_900
  for (const { name, ours, theirs, facts } of families) {
    it(`connects over ${name}, with facts, and says what it was told before it ends`, async () => {
      port++
      await meet(name, { ...ours(), port }, { ...theirs(), port })
      const opened = (await here.next(name, 'open')).facts
      const { linkLocal: _, ...without } = opened
      assert.deepEqual(name === 'link-local addresses' ? without : opened, facts)
      assert.equal((await there.next(name, 'open')).facts['remoteAddress'], facts['localAddress'])
      await talk(name)
      here.order({ do: 'send', id: name, text: 'last words' })
      here.order({ do: 'close', id: name })
      assert.equal((await there.next(name, 'bytes')).text, 'last words')
      assert.match((await there.next(name, 'close')).why, /closed the connection$/)
      assert.ok(await here.silent(name, 'close', 50), 'our own close was told')
      there.order({ do: 'stop', id: name })
    })

    it(`signs over ${name}, and swaps the password of a connection that stands`, async () => {
      port++
      const id = `signed ${name}`
      await meet(id, { ...ours(), port, password: 'one' }, { ...theirs(), port, password: 'one' })
      await here.next(id, 'open')
      await there.next(id, 'open')
      await talk(id)
      here.order({ do: 'password', id, password: 'two' })
      assert.equal((await here.next(id, 'password')).isSwapped, true)
      here.order({ do: 'send', id, text: 'signed with the new key' })
      assert.ok(await there.silent(id, 'bytes', SILENCE_MS), 'a wrong signature was believed')
      here.order({ do: 'password', id, password: 'one' })
      assert.equal((await there.next(id, 'bytes')).text, 'signed with the new key')
      await part(id)
    })

    it(`meets nobody with another password over ${name}, until it is the same`, async () => {
      port++
      const id = `wrong ${name}`
      await meet(id, { ...ours(), port, password: 'one' }, { ...theirs(), port, password: 'two' })
      assert.ok(await here.silent(id, 'open', SILENCE_MS))
      there.order({ do: 'password', id, password: 'one' })
      await here.next(id, 'open')
      await part(id)
    })
  }

  it('says what is the matter when nobody answers, and that a password may be', { timeout: 30_000 }, async () => {
    await meet('mute', { address: '192.0.2.1', port: 17_800, password: 'x' }, { address: '192.0.2.5', port: 17_800 })
    here.order({ do: 'connect', id: 'void', target: { address: '192.0.2.77', port: 179 } })
    assert.match((await here.next('mute', 'close')).why, /^no answer within 9 s .* if the password differs/)
    assert.match((await here.next('void', 'close')).why, /^192\.0\.2\.77 cannot be reached \(EHOSTUNREACH\)/)
    there.order({ do: 'stop', id: 'mute' })
  })

  const failures: readonly (readonly [name: string, target: Partial<Target>, expected: RegExp])[] = [
    ['a port that nobody listens on', {}, /^192\.0\.2\.1 refuses connections to port 17777 \(ECONNREFUSED\)/],
    ['no route', { address: '203.0.113.1' }, /^this host has no route to 203\.0\.113\.1 \(ENETUNREACH\)$/],
    [
      'a source that is not ours',
      { sourceAddress: '192.0.2.9' },
      /^spec\.sourceAddress 192\.0\.2\.9 is not an address/,
    ],
    ['a source of the other family', { sourceAddress: '2001:db8::5' }, /is IPv6, and the peer 192\.0\.2\.1 is IPv4/],
    ['a device that is not there', { device: 'blue' }, /^spec\.vrf blue: there is no such device on this host$/],
    ['a password that is too long', { password: 'p'.repeat(81) }, /81 bytes, and TCP MD5 signatures take at most 80/],
    [
      'an interface that is not there',
      { address: 'fe80::1', interface: { name: 'e7', index: 77 } },
      /^the interface e7 cannot be used \(ENODEV\)/,
    ],
  ]
  for (const [name, target, expected] of failures) {
    it(`says what to look at: ${name}`, async () => {
      here.order({ do: 'connect', id: name, target: { address: '192.0.2.1', port: 17_777, ...target } })
      const { why } = await here.next(name, 'close')
      assert.match(why, expected)
      assert.doesNotMatch(why, /ppp/)
    })
  }

  it('binds the source that is configured, and the device', async () => {
    await meet(
      'source',
      { address: '192.0.2.1', port: 17_801, sourceAddress: '192.0.2.6', device: 'e0' },
      { address: '192.0.2.6', port: 17_801, device: 'e0' },
    )
    const { facts } = await here.next('source', 'open')
    assert.equal(facts['ipv4'], '192.0.2.6')
    assert.equal(facts['routerId'], 0xc0000206)
    await talk('source')
    await part('source')
    // Bound to a device that does not lead there, it finds no way: the device is not only looked at.
    here.order({ do: 'connect', id: 'lo', target: { address: '192.0.2.1', port: 17_801, device: 'lo' } })
    assert.ok(await here.silent('lo', 'open', SILENCE_MS), 'it was not bound to the device')
    here.order({ do: 'close', id: 'lo' })
  })

  it('sends TTL 255 both ways, and drops what comes with less than the minimum', async () => {
    const ours = { address: '192.0.2.1', port: 17_802, minimumTtl: 255 }
    await meet('ttl', ours, { address: '192.0.2.5', port: 17_802 })
    await here.next('ttl', 'open')
    await talk('ttl')
    await part('ttl')
    there.order({ do: 'mute', id: 'strict', port: 17_807, minimumTtl: 255 })
    await there.next('strict', 'ready')
    here.order({ do: 'connect', id: 'strict', target: { address: '192.0.2.1', port: 17_807 } })
    await here.next('strict', 'open')
    here.order({ do: 'close', id: 'strict' })
    // A router that knows nothing of it sends 64, and is not heard.
    there.order({ do: 'mute', id: 'plain', port: 17_803 })
    await there.next('plain', 'ready')
    here.order({ do: 'connect', id: 'plain', target: { address: '192.0.2.1', port: 17_803, minimumTtl: 255 } })
    assert.ok(await here.silent('plain', 'open', SILENCE_MS), 'a TTL of 64 was accepted')
    here.order({ do: 'close', id: 'plain' })
    here.order({ do: 'connect', id: 'lax', target: { address: '192.0.2.1', port: 17_803, minimumTtl: 64 } })
    await here.next('lax', 'open')
    here.order({ do: 'close', id: 'lax' })
  })

  it('listens only while a peer is awaited, and closes strangers at once', async () => {
    const listening = (): boolean => /:17804/.test(spaces.run(thereName, 'ss', '-tlnH').stdout)
    assert.equal(listening(), false)
    there.order({ do: 'await', id: 'known', target: { address: '192.0.2.5', port: 17_804 } })
    there.order({ do: 'await', id: 'other', target: { address: '192.0.2.99', port: 17_804 } })
    await there.next('other', 'ready')
    assert.equal(listening(), true)
    const stranger = { address: '192.0.2.1', port: 17_804, sourceAddress: '192.0.2.6' }
    here.order({ do: 'connect', id: 'stranger', target: stranger })
    await here.next('stranger', 'close')
    there.order({ do: 'look', id: 'look' })
    assert.equal((await there.next('look', 'look')).strangers, 1)
    here.order({ do: 'connect', id: 'known', target: { address: '192.0.2.1', port: 17_804 } })
    await here.next('known', 'open')
    there.order({ do: 'stop', id: 'known' })
    there.order({ do: 'stop', id: 'other' })
    await talk('known')
    assert.equal(listening(), false)
    here.order({ do: 'close', id: 'known' })
  })

  it('tells that its port is taken, and takes it when it is free', async () => {
    const rival = startEnd(thereName)
    rival.order({ do: 'mute', id: 'rival', port: 17_805 })
    await rival.next('rival', 'ready')
    there.order({ do: 'await', id: 'late', target: { address: '192.0.2.5', port: 17_805 } })
    assert.match((await there.next('late', 'problem')).why ?? '', /another program .* port 17805 \(EADDRINUSE\)/)
    await rival.stop()
    assert.equal((await there.next('late', 'problem')).why, undefined)
    here.order({ do: 'connect', id: 'late', target: { address: '192.0.2.1', port: 17_805 } })
    await here.next('late', 'open')
    await part('late')
  })

  it('keeps little in memory for a peer that does not read, and lets it go', async () => {
    there.order({ do: 'mute', id: 'slow', port: 17_806 })
    await there.next('slow', 'ready')
    here.order({ do: 'connect', id: 'slow', target: { address: '192.0.2.1', port: 17_806 } })
    await here.next('slow', 'open')
    here.order({ do: 'look', id: 'before' })
    const start = (await here.next('before', 'look')).mebibytes
    here.order({ do: 'flood', id: 'slow', mebibytes: 512 })
    assert.ok(await here.silent('slow', 'flooded', SILENCE_MS))
    here.order({ do: 'look', id: 'after' })
    const grown = (await here.next('after', 'look')).mebibytes - start
    assert.ok(grown < 48, `${grown} MiB more`)
    here.order({ do: 'close', id: 'slow' })
  })
})
