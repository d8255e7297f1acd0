import assert from 'node:assert/strict'
import { after, afterEach, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { DesiredAddress } from '../../speaker/src/link/messages.ts'
import { textsOf } from '../netns/link/stage.ts'
import { eventually } from '../netns/link/speaker-node.ts'
import { type BondWatch, failOver, spread, watchBond } from './link/failover.ts'
import { startPing } from './link/ping.ts'
import { CARD_MACS, CARDS, openTwoSwitches, other, type TwoSwitches } from './link/two-switches.ts'

const V4 = '192.0.2.99'
const V6 = '2001:db8::99'
const on = (...interfaces: readonly string[]): DesiredAddress[] => [V4, V6].map((ip) => ({ ip, interfaces }))
const RUNS = 5
/** After so long a burst is over, so that what is heard then is another. */
const BURST_MS = 5000
/** The gratuitous frames of the speaker; what the kernel says of its own addresses is none. */
const BURST = /^(0a|0b) > (ff:.* arp request 192\.0\.2\.99 |33:.* 2001:db8::99 at .* -O$)/

describe('a bond (active-backup)', () => {
  let stage: TwoSwitches
  let watch: BondWatch
  before(async () => {
    stage = await openTwoSwitches('kbo')
    watch = await watchBond(stage)
  })
  afterEach(() => stage.node.desire([]))
  after(async () => {
    watch.close()
    assert.deepEqual(await stage.close(), [0])
    const faults = stage.node.facts.filter(({ kind }) => kind === 'fault')
    assert.deepEqual(faults, [])
  })
  const announce = async (addresses: readonly DesiredAddress[]): Promise<void> => {
    const from = Date.now()
    stage.node.desire(addresses)
    await eventually('it is announced', () => stage.heard('s0', BURST, from).length >= 18)
  }

  it('is what is announced on, with its own MAC, by its active port alone: the ports themselves are never used', async () => {
    await stage.bond('miimon', '100')
    assert.deepEqual(stage.node.interfaces(), ['bond0 arp ndp'])
    const from = Date.now()
    await announce([V4, V6].map((ip) => ({ ip, interfaces: 'all' })))
    assert.deepEqual(textsOf(stage.heard('s1', BURST, from)), [])
    const arping = stage.spaces.run(stage.client, 'arping', '-i', 'e0', '-c', '2', V4).stdout
    assert.match(arping, new RegExp(`from ${CARD_MACS.s0}.*index=1`))
    await eventually('both answers were seen', () => stage.heard('s0', /^0a > 0c arp reply/, from).length >= 2)
    assert.equal(stage.heard('s0', /^0a > 0c arp reply/, from).length, 2)
    assert.deepEqual(textsOf(stage.heard('s1', /^0[ab] > 0c arp reply/, from)), [])
  })

  it('is not announced on by the name of a port: nothing is sent, and nothing is answered', async () => {
    await stage.bond('miimon', '100')
    const from = Date.now()
    stage.node.desire(on('s0', 's1'))
    const arping = stage.spaces.run(stage.client, 'arping', '-i', 'e0', '-c', '2', '-w', '1', V4).stdout
    assert.match(arping, /0 packets received/)
    assert.deepEqual(
      CARDS.flatMap((card) => textsOf(stage.heard(card, /^0[ab] > .*(192\.0\.2\.99 at|2001:db8::99 at)/, from))),
      [],
    )
  })

  for (const [name, times, options] of [
    ['miimon 10', RUNS, ['miimon', '10']],
    ['miimon 100', RUNS, ['miimon', '100']],
    ['miimon 100, which asks nobody to announce', 1, ['miimon', '100', 'num_grat_arp', '0']],
  ] as const) {
    it(`announces at once through its other port when the first loses its carrier: ${name}`, async (test) => {
      await stage.bond(...options)
      await announce(on('bond0'))
      const runs = []
      for (let left = times; left > 0; left--) {
        await sleep(BURST_MS)
        runs.push(await failOver(stage, watch, BURST))
      }
      const own = runs.map(({ bondMs, frameMs }) => frameMs - bondMs)
      test.diagnostic(
        `${times} times, min/median/max: first frame ${spread(runs.map(({ frameMs }) => frameMs))} ms after the cut; ` +
          `the bond took ${spread(runs.map(({ bondMs }) => bondMs))}, the speaker ${spread(own)}`,
      )
      assert.deepEqual(stage.node.interfaces(), ['bond0 arp ndp'], 'it was there all the while')
      assert.ok(Math.max(...own) < 1000, `${spread(own)} ms`)
    })
  }

  it('with fail_over_mac active takes the MAC of the port, and that is announced and answered', async (test) => {
    await stage.bond('miimon', '100', 'fail_over_mac', 'active')
    await announce(on('bond0'))
    stage.spaces.run(stage.client, 'ping', '-c', '1', '-W', '1', V4)
    const neighbour = (): string => stage.spaces.ip(stage.client, 'neigh', 'show', V4, 'dev', 'e0')
    await eventually('the client knows the first', () => neighbour().includes(CARD_MACS.s0))
    for (const card of CARDS) {
      const from = Date.now()
      const to = other(card)
      const mac = CARD_MACS[to].slice(-2)
      const { bondMs, frameMs } = await failOver(
        stage,
        watch,
        new RegExp(`^${mac} > ff:.* arp request ${V4} at ${mac}`),
      )
      test.diagnostic(
        `to ${to}: first frame ${frameMs.toFixed(1)} ms after the cut, the bond took ${bondMs.toFixed(1)}`,
      )
      await eventually(
        'IPv6 too',
        () => stage.heard(to, new RegExp(`^${mac} > 33:.* ${V6} at ${mac} -O$`), from).length > 0,
      )
      assert.ok(neighbour().includes(CARD_MACS[to]), 'by the announcement alone')
      assert.match(
        stage.spaces.run(stage.client, 'arping', '-i', 'e0', '-c', '1', V4).stdout,
        new RegExp(CARD_MACS[to]),
      )
    }
  })

  it('below a VLAN or a bridge is theirs: they announce when it fails over', async () => {
    await stage.bond('miimon', '10')
    const { spaces, nodeName, node } = stage
    spaces.ip(nodeName, 'link', 'add', 'link', 'bond0', 'name', 'bond0.10', 'type', 'vlan', 'id', '10')
    spaces.ip(nodeName, 'link', 'set', 'bond0.10', 'up')
    await eventually('the VLAN is used', () => node.interfaces().includes('bond0.10 arp ndp'))
    node.desire(on('bond0.10'))
    await failOver(stage, watch, /^vlan 10: 0a > ff:.* arp request 192\.0\.2\.99 /)
    node.desire([])
    spaces.ip(nodeName, 'link', 'del', 'bond0.10')
    spaces.ip(nodeName, 'link', 'add', 'br9', 'address', CARD_MACS.s0, 'type', 'bridge', 'forward_delay', '0')
    spaces.ip(nodeName, 'link', 'set', 'br9', 'up')
    spaces.ip(nodeName, 'link', 'set', 'bond0', 'master', 'br9')
    await eventually('the bridge is used', () => node.interfaces().join() === 'br9 arp ndp')
    node.desire(on('br9'))
    await eventually('it is announced', () => stage.heard(stage.active(), BURST).length > 0)
    await failOver(stage, watch, BURST)
    spaces.ip(nodeName, 'link', 'del', 'br9')
  })

  it('without any port that has a carrier is no interface, and announces when one is back', async () => {
    await stage.bond('miimon', '10')
    await announce(on('bond0'))
    for (const card of CARDS) stage.setCarrier(card, false)
    await eventually('there is none', () => stage.node.interfaces().length === 0)
    const from = Date.now()
    stage.setCarrier('s1', true)
    await eventually('it is announced', () => stage.heard('s1', BURST, from).length >= 10)
  })

  it('costs a client on the other switch a short gap', async (test) => {
    await stage.bond('miimon', '100')
    // In place of kube-proxy: packets for the address are taken, and the kernel says nothing of it on the LAN.
    stage.spaces.run(
      stage.nodeName,
      'sysctl',
      '-qw',
      'net.ipv4.conf.all.arp_ignore=1',
      'net.ipv4.conf.all.arp_announce=2',
    )
    stage.spaces.ip(stage.nodeName, 'addr', 'add', `${V4}/32`, 'dev', 'lo')
    await announce(on('bond0'))
    const gaps: number[] = []
    const ping = await startPing(stage.client, V4)
    for (let left = RUNS; left > 0; left--) {
      const from = Date.now()
      await failOver(stage, watch, BURST)
      gaps.push(await ping.longestGapSince(from))
    }
    ping.close()
    test.diagnostic(`longest gap between answers, asking each 10 ms, ${RUNS} times: ${spread(gaps)} ms`)
    assert.ok(Math.max(...gaps) < 3000, `${spread(gaps)} ms`)
  })
})
