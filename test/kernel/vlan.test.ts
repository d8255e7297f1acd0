import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, describe, it } from 'node:test'
import type { DesiredAddress } from '../../speaker/src/link/messages.ts'
import { textsOf } from '../netns/link/stage.ts'
import { eventually } from '../netns/link/speaker-node.ts'
import { openTrunk, type Trunk, usable, type Vlan, VLANS } from './link/trunk.ts'

const V4 = '192.0.2.99'
const V6 = '2001:db8::99'
const ALL: readonly DesiredAddress[] = [V4, V6].map((ip) => ({ ip, interfaces: 'all' }))
const on = (...interfaces: readonly string[]): DesiredAddress[] => [V4, V6].map((ip) => ({ ip, interfaces }))
/** What the speaker says of its addresses, whatever the VLAN. */
const OURS = /(192\.0\.2\.99 at 0a|2001:db8::99 at 0a)/
const requestsIn = (vlan: Vlan): RegExp => new RegExp(`^vlan ${vlan}: 0a > ff:.* arp request 192.0.2.99`)
const adsIn = (vlan: Vlan): RegExp => new RegExp(`^vlan ${vlan}: 0a > 33:.* 2001:db8::99 at 0a -O$`)

describe('VLAN interfaces of a card on a trunk', () => {
  let stage: Trunk
  before(async () => {
    stage = await openTrunk('kvl')
  })
  beforeEach(async () => {
    for (const vlan of VLANS) stage.addVlan(vlan)
    await usable(stage, 'e0', 'e0.10', 'e0.20')
  })
  afterEach(async () => {
    stage.node.desire([])
    for (const vlan of VLANS) stage.spaces.run(stage.nodeName, 'ip', 'link', 'del', `e0.${vlan}`)
    stage.setCarrier(true)
    await usable(stage, 'e0')
  })
  after(() => stage.close())

  it('announce with their tag, each on its own, where an advertisement names them', async () => {
    const from = Date.now()
    stage.node.desire(on('e0.10'))
    await eventually('it is announced in VLAN 10', () => stage.heard(requestsIn(10), from).length >= 5)
    await eventually('by IPv6 too', () => stage.heard(adsIn(10), from).length >= 5)
    const elsewhere = stage.heard(OURS, from).filter(({ text }) => !text.startsWith('vlan 10: '))
    assert.deepEqual(textsOf(elsewhere), [])
  })

  it('answer what is asked in their VLAN, there alone and once: never without the tag, never on the card itself', async () => {
    stage.node.desire(on('e0.10', 'e0'))
    await eventually('the burst has begun', () => stage.heard(requestsIn(10)).length > 0)
    const from = Date.now()
    const asked = { 10: stage.arping(10, '-c', '3', V4), 20: stage.arping(20, '-c', '2', '-w', '1', V4) }
    assert.match(asked[10], /from 02:00:00:00:00:0a \(192.0.2.99\): index=2/)
    assert.match(asked[20], /0 packets received/)
    await eventually('the answers were seen', () => stage.heard(/arp reply .* to 192\.0\.2\.12 /, from).length >= 3)
    const replies = textsOf(stage.heard(/arp reply .* to 192\.0\.2\.12 /, from))
    assert.deepEqual([...new Set(replies.map((text) => text.slice(0, 'vlan 10: 0a'.length)))], ['vlan 10: 0a'])
    assert.equal(replies.length, 3)
    assert.match(stage.arping(1, '-c', '1', V4), /from 02:00:00:00:00:0a/, 'the card answers for its own network')
  })

  it('are all used where no advertisement names an interface, and the card beside them', async () => {
    const from = Date.now()
    stage.node.desire(ALL)
    for (const vlan of VLANS) await eventually(`VLAN ${vlan}`, () => stage.heard(requestsIn(vlan), from).length > 0)
    await eventually('no VLAN', () => stage.heard(/^0a > ff:.* arp request 192\.0\.2\.99/, from).length > 0)
    for (const vlan of [1, ...VLANS] as const) assert.match(stage.arping(vlan, '-c', '1', V4), /from 02:00:00:00:00:0a/)
  })

  it('that are removed and made again are followed, and announce at once', async (test) => {
    stage.node.desire(on('e0.20'))
    await eventually('it is announced', () => stage.heard(requestsIn(20)).length > 0)
    stage.removeVlan(20)
    await usable(stage, 'e0', 'e0.10')
    const from = Date.now()
    stage.addVlan(20)
    const added = Date.now()
    await eventually('it is announced again', () => stage.heard(requestsIn(20), from).length >= 5)
    const [first] = stage.heard(requestsIn(20), from)
    test.diagnostic(`first frame ${((first?.atMs ?? Number.NaN) - added).toFixed(1)} ms after it was up`)
    await eventually('by IPv6 too', () => stage.heard(adsIn(20), from).length >= 5)
    assert.match(stage.arping(20, '-c', '1', V4), /from 02:00:00:00:00:0a/)
  })

  it('lose their carrier with the card, and announce anew with it', async () => {
    stage.node.desire(on('e0.10'))
    await eventually('it is announced', () => stage.heard(requestsIn(10)).length > 0)
    stage.setCarrier(false)
    await eventually('nothing can be used', () => stage.node.interfaces().length === 0)
    const last = stage.node.facts.findLast((fact) => fact.kind === 'interfaces')
    assert.deepEqual(last?.impaired, ['e0', 'e0.10', 'e0.20'])
    const from = Date.now()
    stage.setCarrier(true)
    await eventually('it is announced again', () => stage.heard(requestsIn(10), from).length >= 5)
    await eventually('by IPv6 too', () => stage.heard(adsIn(10), from).length >= 5)
  })

  it('that are taken into a VRF are not used, nor is the VRF, and are again when they leave it', async () => {
    const ip = (...args: readonly string[]): string => stage.spaces.ip(stage.nodeName, ...args)
    stage.node.desire(on('e0.20', 'red'))
    await eventually('it is announced', () => stage.heard(requestsIn(20)).length > 0)
    ip('link', 'add', 'red', 'type', 'vrf', 'table', '10')
    ip('link', 'set', 'red', 'up')
    ip('link', 'set', 'e0.20', 'master', 'red')
    await usable(stage, 'e0', 'e0.10')
    assert.match(stage.arping(20, '-c', '1', '-w', '1', V4), /0 packets received/)
    const from = Date.now()
    ip('link', 'del', 'red')
    await usable(stage, 'e0', 'e0.10', 'e0.20')
    await eventually('it is announced again', () => stage.heard(requestsIn(20), from).length >= 5)
  })

  it('go down with a card that is switched off, and come back with it', async () => {
    stage.node.desire(on('e0.10'))
    stage.spaces.ip(stage.nodeName, 'link', 'set', 'e0', 'down')
    await eventually('nothing can be used', () => stage.node.interfaces().length === 0)
    const from = Date.now()
    stage.spaces.ip(stage.nodeName, 'link', 'set', 'e0', 'up')
    stage.spaces.ip(stage.nodeName, 'link', 'set', 'e0.10', 'up')
    await eventually('it is announced again', () => stage.heard(requestsIn(10), from).length >= 5)
  })
})
