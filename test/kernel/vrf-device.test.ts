import assert from 'node:assert/strict'
import { after, afterEach, before, describe, it } from 'node:test'
import { CABLE } from '../netns/bgp/network.ts'
import type { NodePeer } from '../netns/bgp/peer.ts'
import { SOURCES, VRF } from './vrf/network.ts'
import { DETECT_MS, openVrfStage, PASSWORD, PROFILE, vrfPeer, type VrfStage } from './vrf/stage.ts'

/** Below the hold time of 9 s, which is what would end it otherwise. */
const SOON_MS = 5000
const GONE = /spec\.vrf red: there is no such device on this host/
const BARE = { sourceAddress: SOURCES.bare } as const
const CALLING = { sourceAddress: SOURCES.calling, policy: { ...vrfPeer('').policy, passive: true } } as const

describe('a VRF that goes', () => {
  let stage: VrfStage
  before(async () => {
    stage = await openVrfStage('kvd')
  })
  afterEach(async () => {
    const { network, node, red } = stage
    node.serve([])
    network.spaces.run(network.us, 'ip', 'link', 'del', VRF)
    network.makeVrf()
    // It may still believe in a session that ended here while there was no way to say so.
    await red.clear('*')
  })
  after(() => stage.close())
  const ipOfUs = (...args: readonly string[]): void => void stage.network.spaces.ip(stage.network.us, ...args)
  /** How long after an act the session ended. */
  const endsAfter = async (peer: NodePeer, act: () => void): Promise<number> => {
    const from = performance.now()
    act()
    await stage.wait('the end of the session', () => peer.view().state !== 'established')
    return performance.now() - from
  }

  for (const [name, more] of [
    ['connects', BARE],
    ['waits for the router', CALLING],
  ] as const) {
    it(`by being removed ends a session that ${name} at once, says so, and has it back with it`, async (test) => {
      const { network, node, wait } = stage
      const peer = node.peer(name)
      node.serve([vrfPeer(name, more)])
      await peer.established()
      const took = await endsAfter(peer, network.removeVrf)
      test.diagnostic(`ended after ${Math.round(took)} ms, without BFD`)
      assert.ok(took < SOON_MS, `${took} ms`)
      await wait('the reason', () => GONE.test(peer.view().lastError ?? ''))
      const from = performance.now()
      network.makeVrf()
      await peer.established()
      test.diagnostic(
        `back ${Math.round(performance.now() - from)} ms after it was there again, when the router had noticed too`,
      )
    })
  }

  it('by being switched off ends a session at once, says so, and has it back when it is on', async () => {
    const { node, wait, network } = stage
    node.serve([vrfPeer('off', BARE)])
    const peer = node.peer('off')
    await peer.established()
    const took = await endsAfter(peer, () => ipOfUs('link', 'set', VRF, 'down'))
    assert.ok(took < SOON_MS, `${took} ms`)
    await wait('the reason', () => /spec\.vrf red: the device is down/.test(peer.view().lastError ?? ''))
    network.removeVrf()
    network.makeVrf()
    await peer.established()
  })

  it('and is there again under its name at once is another: the session is made anew', async () => {
    const { node, network } = stage
    node.serve([vrfPeer('anew', BARE)])
    const peer = node.peer('anew')
    await peer.established()
    const took = await endsAfter(peer, () => {
      network.removeVrf()
      network.makeVrf()
    })
    assert.ok(took < SOON_MS, `${took} ms`)
    await peer.established()
  })

  it('that is not there yet is told, and waited for', async () => {
    const { node, network, wait } = stage
    network.removeVrf()
    node.serve([vrfPeer('early', BARE), vrfPeer('early too', CALLING)])
    for (const name of ['early', 'early too']) {
      await wait('the reason', () => GONE.test(node.peer(name).view().lastError ?? ''))
    }
    network.makeVrf()
    await Promise.all(['early', 'early too'].map((name) => node.peer(name).established()))
  })

  it('from an interface ends what BFD watches within its time, and has it back', async (test) => {
    const { node, wait, network } = stage
    node.serve([vrfPeer('guarded', { password: PASSWORD, bfdProfile: PROFILE })])
    const peer = node.peer('guarded')
    await peer.established()
    await wait('BFD', () => peer.bfd()?.state === 'up')
    const took = await endsAfter(peer, () => ipOfUs('link', 'set', 'e1', 'nomaster'))
    test.diagnostic(`ended after ${Math.round(took)} ms, at 100 ms × 3`)
    assert.match(peer.view().lastError ?? '', new RegExp(`BFD: no packet from \\S+ for ${DETECT_MS} ms`))
    network.removeVrf()
    network.makeVrf()
    await peer.established()
    await wait('BFD', () => peer.bfd()?.state === 'up')
  })

  it('takes an unnumbered session with it, which is back with its interface', async () => {
    const { node, wait, network } = stage
    node.serve([vrfPeer('unnumbered', { neighbour: { kind: 'interface', interface: CABLE }, bfdProfile: PROFILE })])
    const peer = node.peer('unnumbered')
    await peer.established()
    const took = await endsAfter(peer, network.removeVrf)
    assert.ok(took < SOON_MS, `${took} ms`)
    await wait('the reason', () => GONE.test(peer.view().lastError ?? ''))
    network.makeVrf()
    await peer.established()
  })
})
