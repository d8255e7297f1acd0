import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Capture, capture } from './link/capture.ts'
import { lastOf, type MemberPlace, type MemberProcess, startMember, toldAt } from './link/member-process.ts'
import { eventually } from './link/speaker-node.ts'
import { type Namespaces, openNamespaces } from './namespaces.ts'

const VIP = '192.0.2.99'
/** From a loss to the others' word: four intervals of silence, the confirmation, and what a busy machine adds. */
const DEATH_MS = 600
const NAMES = ['n1', 'n2', 'n3'] as const
/** The bridge's end of a node's cable. */
const portOf = (node: string): string => `p${node}`

describe('members on a real LAN', () => {
  let spaces: Namespaces
  let bridge = ''
  let client = ''
  let wire: Capture
  let places: MemberPlace[] = []
  let members: MemberProcess[] = []

  const plug = (namespace: string, port: string, mac: string): void => {
    spaces.ip(namespace, 'link', 'add', 'e0', 'address', mac, 'type', 'veth', 'peer', 'name', port, 'netns', bridge)
    spaces.ip(bridge, 'link', 'set', port, 'master', 'br0', 'up')
    spaces.ip(namespace, 'link', 'set', 'e0', 'up')
  }
  const place = (node: string): MemberPlace => {
    const namespace = spaces.add(node)
    const number = node.slice(1)
    plug(namespace, portOf(node), `02:00:00:00:00:0${number}`)
    spaces.ip(namespace, 'addr', 'add', `192.0.2.${number}/24`, 'dev', 'e0')
    return { node, namespace, address: `192.0.2.${number}` }
  }
  const member = (node: string): MemberProcess => members.find((each) => each.node === node) ?? assert.fail(node)
  const allLive = (): boolean =>
    members.every((each) =>
      NAMES.every(
        (name) => lastOf(each, name === each.node ? 'own' : name) === (name === each.node ? 'settled' : 'alive'),
      ),
    )
  const repliesOf = (mac: string, sinceMs: number): number[] =>
    wire.frames
      .filter(
        ({ atMs, text }) => atMs >= sinceMs && text.startsWith(`${mac} > `) && text.includes(`${VIP} at ${mac} to`),
      )
      .map(({ atMs }) => atMs)

  before(async () => {
    spaces = openNamespaces('mb')
    bridge = spaces.add('lan')
    spaces.ip(bridge, 'link', 'add', 'br0', 'type', 'bridge', 'forward_delay', '0', 'mcast_snooping', '0')
    spaces.ip(bridge, 'link', 'set', 'br0', 'up')
    client = spaces.add('c')
    plug(client, 'pc', '02:00:00:00:00:0c')
    spaces.ip(client, 'addr', 'add', '192.0.2.12/24', 'dev', 'e0')
    wire = await capture(client, 'e0', 'arp')
    places = NAMES.map(place)
    members = places.map((each) => startMember(each, places))
  })
  after(async () => {
    for (const each of members) each.thaw()
    const codes = await Promise.all(members.map(({ stop }) => stop()))
    wire.close()
    spaces.close()
    assert.deepEqual(codes, [0, 0, 0])
    for (const { node, told } of members) {
      assert.deepEqual(
        told.filter(({ fact: { kind } }) => kind === 'fault'),
        [],
        node,
      )
    }
  })

  it('find each other and settle', async () => {
    await eventually('all live', allLive)
  })

  it('say within 0.6 s that one is dead whose cable leads nowhere any more, and soon that it is back', async (test) => {
    await eventually('all live', allLive)
    const cutAt = Date.now()
    spaces.ip(bridge, 'link', 'set', portOf('n3'), 'nomaster')
    const dead = (): (number | undefined)[] => ['n1', 'n2'].map((name) => toldAt(member(name), 'n3', 'dead', cutAt))
    await eventually('both say so', () => dead().every((at) => at !== undefined))
    const took = dead().map((at) => (at ?? 0) - cutAt)
    test.diagnostic(`told dead after ${took.join(' and ')} ms`)
    for (const ms of took) assert.ok(ms <= DEATH_MS, `${ms} ms`)
    spaces.ip(bridge, 'link', 'set', portOf('n3'), 'master', 'br0')
    await eventually('all live', allLive)
  })

  it('judge nobody while their own carrier is gone, and are impaired', async () => {
    await eventually('all live', allLive)
    const since = Date.now()
    spaces.ip(bridge, 'link', 'set', portOf('n3'), 'down')
    await eventually('the others say that it is dead', () => toldAt(member('n1'), 'n3', 'dead', since) !== undefined)
    await sleep(1000)
    assert.deepEqual([lastOf(member('n3'), 'n1'), lastOf(member('n3'), 'own')], ['alive', 'doubting'])
    const impaired = member('n3').told.findLast(({ fact: { kind } }) => kind === 'interfaces')?.fact
    assert.deepEqual(impaired?.kind === 'interfaces' && impaired.impaired, ['e0'])
    spaces.ip(bridge, 'link', 'set', portOf('n3'), 'up')
    await eventually('all live', allLive)
  })

  it('thaw silent: a process that was stopped says nothing for an address that another has taken', async (test) => {
    await eventually('all live', allLive)
    const [one, two] = [member('n1'), member('n2')]
    one.own(VIP, 1)
    await eventually('it announces', () => repliesOf('01', 0).length > 0)
    const frozenAt = Date.now()
    one.freeze()
    await eventually('it is dead', () => toldAt(two, 'n1', 'dead', frozenAt) !== undefined)
    two.own(VIP, 2)
    await eventually('the other announces', () => repliesOf('02', frozenAt).length > 0)
    // Waits for it while it is stopped, together with all that the others have said since.
    for (let asked = 0; asked < 5; asked++) spaces.run(client, 'arping', '-i', 'e0', '-c', '1', '-w', '1', VIP)
    const thawedAt = Date.now()
    one.thaw()
    for (let asked = 0; asked < 5; asked++) spaces.run(client, 'arping', '-i', 'e0', '-c', '1', '-w', '1', VIP)
    await eventually('it is back', allLive)
    await sleep(500)
    assert.deepEqual(repliesOf('01', thawedAt), [])
    assert.ok(repliesOf('02', thawedAt).length >= 5)
    const silenced = one.told.find(({ atMs, fact: { kind } }) => atMs >= thawedAt && kind === 'silenced')
    assert.deepEqual(silenced?.fact, { kind: 'silenced', ips: [VIP] })
    test.diagnostic(`silenced ${silenced.atMs - thawedAt} ms after it went on`)
  })

  it('hear a goodbye at once, from a process that ends right after it', async (test) => {
    await eventually('all live', allLive)
    const since = Date.now()
    const code = await member('n3').leave()
    const left = (): (number | undefined)[] => ['n1', 'n2'].map((name) => toldAt(member(name), 'n3', 'left', since))
    await eventually('both know', () => left().every((at) => at !== undefined))
    const took = left().map((at) => (at ?? 0) - since)
    test.diagnostic(`told left after ${took.join(' and ')} ms`)
    assert.equal(code, 0)
    for (const ms of took) assert.ok(ms < 200, `${ms} ms`)
  })
})
