import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { bfdBench, type BfdRouter, type BfdStage, isUpSoon, OURS, pause, ROUTER, saidOf, watch } from './bfd/stage.ts'
import { eventually } from './link/speaker-node.ts'

const NUMBERS = { receiveInterval: 70, transmitInterval: 60, detectMultiplier: 4 }

describe('BFD with BIRD', () => {
  const { start, startIn, stage: openStage } = bfdBench('bird', 'bb', NUMBERS)
  let stage: BfdStage
  before(() => {
    stage = openStage()
  })
  const goesBy = async (router: BfdRouter, neighbour: string): Promise<string> => {
    const { state, inEffect } = await saidOf(router, neighbour)
    return `${state} ${inEffect?.transmitMs} ${inEffect?.detectMs}`
  }

  for (const [ours, theirs, options] of [
    [ROUTER, OURS, {}],
    ['2001:db8::2', '2001:db8::1', {}],
    ['fe80::b', 'fe80::a', { interface: 'e0' }],
  ] as const) {
    it(`is up with ${ours}, and each side reports what was negotiated`, async () => {
      const router = await start({ address: theirs, ...options })
      stage.desire(watch(ours, options))
      await isUpSoon(stage, ours)
      await eventually('both have settled', () => stage.fact(ours)?.receiveMs === 60)
      const { transmitMs, receiveMs, detectMs, downs } = stage.fact(ours) ?? {}
      assert.deepEqual([transmitMs, receiveMs, detectMs, downs], [70, 60, 240, 0])
      await eventually('BIRD has settled', async () => (await goesBy(router, theirs)) === 'up 60 210')
    })
  }

  it('is up over several hops once minimumTtl allows for it: BIRD sends with the TTL of any packet', async () => {
    const far = await startIn(stage.far, { address: OURS, localAddress: '198.51.100.9', multihop: true })
    const faults = (): string[] => stage.node.facts.flatMap((one) => (one.kind === 'fault' ? [one.message] : []))
    stage.desire(watch('198.51.100.9', { multihop: true, local: '192.0.2.1' }))
    await eventually('it is told why not', () =>
      faults().some((text) => /arrive with TTL 63, which is too low/.test(text)),
    )
    assert.ok(!stage.isUp('198.51.100.9'))
    stage.desire(watch('198.51.100.9', { multihop: true, local: '192.0.2.1', minimumTtl: 60 }))
    await isUpSoon(stage, '198.51.100.9')
    await eventually('BIRD says so', async () => (await saidOf(far, OURS)).state === 'up')
  })

  it('whose side is passive is up once we speak; where ours is passive we wait for it', async () => {
    const router = await start({ passive: true })
    stage.desire(watch(ROUTER, { passive: true }))
    await pause(2500)
    assert.deepEqual([stage.fact(ROUTER)?.remoteState, stage.fact(ROUTER)?.state], [undefined, 'down'])
    stage.desire(watch(ROUTER))
    await isUpSoon(stage, ROUTER)
    await router.kill()
    stage.desire(watch(ROUTER, { passive: true }))
    await eventually('it is down', () => !stage.isUp(ROUTER))
    await start()
    await isUpSoon(stage, ROUTER)
  })

  it('is retuned from here and from there without going down', async () => {
    const router = await start()
    stage.desire(watch(ROUTER))
    await isUpSoon(stage, ROUTER)
    for (const [transmitIntervalMs, receiveIntervalMs, detectMultiplier, said] of [
      [300, 200, 5, '200 1500'],
      [20, 400, 3, '400 210'],
      [100, 30, 10, '60 1000'],
    ] as const) {
      stage.desire(watch(ROUTER, { transmitIntervalMs, receiveIntervalMs, detectMultiplier }))
      await eventually(`BIRD goes by ${said}`, async () => (await goesBy(router, OURS)) === `up ${said}`)
      await pause(500)
    }
    await router.bfd.retune([{ address: OURS, receiveInterval: 150, transmitInterval: 200, detectMultiplier: 7 }])
    await eventually(
      'we go by that',
      () => stage.fact(ROUTER)?.transmitMs === 150 && stage.fact(ROUTER)?.detectMs === 1400,
    )
    await pause(1500)
    assert.deepEqual([stage.fact(ROUTER)?.ups, stage.fact(ROUTER)?.downs], [1, 0])
  })

  it('that ends there is told by it, or found out by silence, and is up again with the next', async () => {
    const router = await start()
    stage.desire(watch(ROUTER))
    await isUpSoon(stage, ROUTER)
    await router.kill()
    await eventually('it is down', () => stage.fact(ROUTER)?.state === 'down')
    assert.equal(stage.fact(ROUTER)?.lastDown, 'no packet from 192.0.2.2 for 240 ms')
    await start()
    await isUpSoon(stage, ROUTER)
    assert.deepEqual([stage.fact(ROUTER)?.ups, stage.fact(ROUTER)?.downs], [2, 1])
  })

  it('that offers no echo costs nothing where echo mode is on', async () => {
    await start()
    stage.desire(watch(ROUTER, { echoIntervalMs: 50 }))
    await isUpSoon(stage, ROUTER)
    await pause(1500)
    assert.deepEqual([stage.fact(ROUTER)?.echoMs, stage.fact(ROUTER)?.downs], [undefined, 0])
  })
})
