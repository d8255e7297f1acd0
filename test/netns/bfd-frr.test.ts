import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import type { RouterBfdCounters } from '../routers/router.ts'
import { bfdBench, type BfdRouter, type BfdStage, isUpSoon, OURS, pause, ROUTER, saidOf, watch } from './bfd/stage.ts'
import { eventually } from './link/speaker-node.ts'

/** What FRR 8.4 is configured with for all tests that do not say otherwise. */
const NUMBERS = { transmitInterval: 60, receiveInterval: 70, detectMultiplier: 4 }
const FAST = { transmitInterval: 50, receiveInterval: 50, detectMultiplier: 3 }

describe('BFD with FRR', () => {
  const { start, startIn, stage: openStage } = bfdBench('frr', 'bf', NUMBERS)
  let stage: BfdStage
  before(() => {
    stage = openStage()
  })
  const counters = async (router: BfdRouter, neighbour = OURS): Promise<RouterBfdCounters> => {
    const { counters: counted } = await saidOf(router, neighbour)
    return counted ?? assert.fail('FRR counts')
  }

  it('is up, and each side reports what was negotiated', async () => {
    const router = await start()
    stage.desire(watch(ROUTER))
    await isUpSoon(stage, ROUTER)
    await eventually('both have settled', () => stage.fact(ROUTER)?.receiveMs === 60)
    const { since: _since, ...fact } = stage.fact(ROUTER) ?? { since: 0 }
    assert.deepEqual(fact, {
      key: ROUTER,
      state: 'up',
      remoteState: 'up',
      transmitMs: 70,
      receiveMs: 60,
      detectMs: 240,
      ups: 1,
      downs: 0,
    })
    const { state, peerSays } = await saidOf(router, OURS)
    assert.deepEqual([state, peerSays], ['up', { transmitMs: 50, receiveMs: 50, detectMultiplier: 3 }])
  })

  for (const [ours, theirs, options] of [
    ['2001:db8::2', '2001:db8::1', {}],
    ['fe80::b', 'fe80::a', { interface: 'e0' }],
  ] as const) {
    it(`is up with ${ours}`, async () => {
      const router = await start({ address: theirs, localAddress: ours, ...options })
      stage.desire(watch(ours, options))
      await isUpSoon(stage, ours)
      await eventually('FRR says so', async () => (await saidOf(router, theirs)).state === 'up')
    })
  }

  it('sends to the port of BFD with TTL 255 and the class of network control, from one port of those set apart', async () => {
    await start()
    stage.desire(watch(ROUTER))
    await isUpSoon(stage, ROUTER)
    const args = '-i e0 -c 20 -nv --immediate-mode udp and dst port 3784 and src 192.0.2.1'
    const { stdout } = stage.spaces.run(stage.router, 'tcpdump', ...args.split(' '))
    assert.equal(stdout.match(/tos 0xc0, ttl 255,/g)?.length, 20)
    const ports = new Set(
      [...stdout.matchAll(/192\.0\.2\.1\.(\d+) > 192\.0\.2\.2\.3784/g)].map(([, port]) => Number(port)),
    )
    const [port = 0, ...others] = ports
    assert.ok(port >= 49_152 && others.length === 0, [...ports].join(' '))
  })

  it('is up where it is bound to a device, and tells of a device that does not exist', async () => {
    await start()
    stage.desire(watch(ROUTER, { device: 'e0' }), watch('192.0.2.77', { device: 'red' }))
    await isUpSoon(stage, ROUTER)
    const faults = stage.node.facts.flatMap((one) => (one.kind === 'fault' ? [one.message] : []))
    assert.ok(faults.includes('BFD with 192.0.2.77: setsockopt: ENODEV (SO_BINDTODEVICE)'), faults.join('; '))
  })

  it('is up over several hops, and drops what has come too far', async () => {
    const there = { address: OURS, localAddress: '198.51.100.9', multihop: true, minimumTtl: 250 }
    const far = await startIn(stage.far, there)
    stage.desire(watch('198.51.100.9', { multihop: true, local: OURS, minimumTtl: 254 }))
    await isUpSoon(stage, '198.51.100.9')
    await eventually('FRR says so', async () => (await saidOf(far, OURS)).state === 'up')
    stage.desire(watch('198.51.100.9', { multihop: true, local: OURS, minimumTtl: 255 }))
    await eventually('it is down', () => stage.fact('198.51.100.9')?.state === 'down')
    assert.equal(stage.fact('198.51.100.9')?.lastDown, 'no packet from 198.51.100.9 for 240 ms')
    const told = stage.node.facts.filter((one) => one.kind === 'fault').at(-1)
    assert.match(told?.message ?? '', /arrive with TTL 254, which is too low/)
  })

  it('whose side is passive is up once we speak; where ours is passive we wait for it', async () => {
    const router = await start({ passive: true })
    await pause(1500)
    assert.equal((await counters(router)).controlOut, 0)
    stage.desire(watch(ROUTER))
    await isUpSoon(stage, ROUTER)
    await router.kill()
    await eventually('it is down', () => !stage.isUp(ROUTER))
    stage.desire(watch(ROUTER, { passive: true }))
    await start()
    await isUpSoon(stage, ROUTER)
  })

  it('that is shut down there is administratively down, and up again when it is not', async () => {
    const router = await start()
    stage.desire(watch(ROUTER))
    await isUpSoon(stage, ROUTER)
    await router.bfd.setShut(OURS, true)
    await eventually('it is down', () => stage.fact(ROUTER)?.remoteState === 'adminDown')
    assert.deepEqual(
      [stage.fact(ROUTER)?.state, stage.fact(ROUTER)?.lastDown],
      ['down', 'the peer is administratively down'],
    )
    await router.bfd.setShut(OURS, false)
    await isUpSoon(stage, ROUTER)
  })

  it('that is not wanted here any more is administratively down there, not lost', async () => {
    const router = await start()
    stage.desire(watch(ROUTER))
    await isUpSoon(stage, ROUTER)
    stage.desire()
    await eventually('FRR says down', async () => (await saidOf(router, OURS)).state === 'down')
    assert.match((await saidOf(router, OURS)).diagnostic ?? '', /neighbor signaled session down/i)
  })

  it('is retuned from here and from there without going down, by the counters of both', async () => {
    const router = await start()
    stage.desire(watch(ROUTER))
    await isUpSoon(stage, ROUTER)
    await eventually('FRR says up', async () => (await saidOf(router, OURS)).state === 'up')
    const before = await counters(router)
    for (const [transmitIntervalMs, receiveIntervalMs, detectMultiplier] of [
      [300, 200, 5],
      [20, 400, 3],
      [100, 30, 10],
      [50, 50, 3],
    ] as const) {
      stage.desire(watch(ROUTER, { transmitIntervalMs, receiveIntervalMs, detectMultiplier }))
      await eventually(
        'FRR has heard',
        async () => (await saidOf(router, OURS)).peerSays?.receiveMs === receiveIntervalMs,
      )
      await eventually('we go by it', () => stage.fact(ROUTER)?.transmitMs === Math.max(transmitIntervalMs, 70))
      await pause(1000)
    }
    await router.bfd.retune([{ address: OURS, transmitInterval: 200, receiveInterval: 150, detectMultiplier: 7 }])
    await eventually(
      'we go by that',
      () => stage.fact(ROUTER)?.transmitMs === 150 && stage.fact(ROUTER)?.detectMs === 1400,
    )
    await pause(1500)
    const after = await counters(router)
    assert.deepEqual([after.ups, after.downs], [before.ups, before.downs])
    assert.deepEqual([stage.fact(ROUTER)?.ups, stage.fact(ROUTER)?.downs], [1, 0])
  })

  it('stays up while the main thread is blocked for two seconds', async () => {
    const router = await start(FAST)
    stage.desire(watch(ROUTER))
    await isUpSoon(stage, ROUTER)
    await pause(500)
    const before = await counters(router)
    stage.node.blockOnce(2000)
    await pause(3000)
    const after = await counters(router)
    assert.deepEqual([stage.fact(ROUTER)?.downs, after.downs], [0, before.downs])
    const packets = after.controlIn - before.controlIn
    assert.ok(packets >= 55, `${packets} packets in 3 s`)
  })

  it('tells within 170 ms that the link is cut at 50 ms × 3', async (test) => {
    await start(FAST)
    const took: number[] = []
    for (let round = 0; round < 10; round++) {
      stage.desire(watch(ROUTER))
      await isUpSoon(stage, ROUTER)
      await pause(700 + round * 13)
      const downs = stage.fact(ROUTER)?.downs ?? 0
      // The far end is shut by a filter, so that no carrier tells of it: only silence does.
      stage.spaces.run(
        stage.router,
        'nft',
        'add table netdev cut; add chain netdev cut c { type filter hook egress device e0 priority 0; policy drop; }',
      )
      const cutAt = performance.now()
      while (stage.fact(ROUTER)?.downs === downs && performance.now() - cutAt < 2000) await pause(1)
      took.push(performance.now() - cutAt)
      stage.spaces.run(stage.router, 'nft', 'delete table netdev cut')
    }
    const sorted = took.map(Math.round).toSorted((a, b) => a - b)
    test.diagnostic(`from the cut to the fact, ten times: ${sorted.join(' ')} ms`)
    assert.ok((sorted.at(-1) ?? Infinity) <= 170, sorted.join(' '))
  })

  for (const [ours, theirs] of [
    [ROUTER, OURS],
    ['2001:db8::2', '2001:db8::1'],
  ] as const) {
    it(`with echoes both ways is up with ${ours}, and goes down when none comes back`, async () => {
      const router = await start({ address: theirs, localAddress: ours, echoInterval: 70 })
      stage.desire(watch(ours, { echoIntervalMs: 50 }))
      await isUpSoon(stage, ours)
      await eventually(
        'our echoes come back',
        () => stage.fact(ours)?.echoMs === 70 && stage.fact(ours)?.receiveMs === 1000,
      )
      await eventually('FRR sends echoes', async () => (await counters(router, theirs)).echoOut > 10)
      await pause(2000)
      const counted = await counters(router, theirs)
      assert.ok(counted.echoIn > 10, JSON.stringify(counted))
      assert.deepEqual([stage.fact(ours)?.downs, counted.downs], [0, 0])
      const name = ours.includes(':') ? 'net.ipv6.conf.all.forwarding' : 'net.ipv4.ip_forward'
      stage.spaces.run(stage.router, 'sysctl', '-qw', `${name}=0`)
      await eventually('it goes down', () => stage.fact(ours)?.downs === 1)
      stage.spaces.run(stage.router, 'sysctl', '-qw', `${name}=1`)
      assert.match(stage.fact(ours)?.lastDown ?? '', /^no echo came back from .* for 210 ms$/)
    })
  }
})
