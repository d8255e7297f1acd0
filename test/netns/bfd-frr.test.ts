import assert from 'node:assert/strict'
import { after, afterEach, before, describe, it } from 'node:test'
import { type Daemon, frrCounters, frrPeer, startFrr } from './bfd/daemons.ts'
import { type BfdStage, isUpSoon, openBfdStage, pause, watch } from './bfd/stage.ts'
import { eventually } from './link/speaker-node.ts'

const ROUTER = '192.0.2.2'
const OURS = '192.0.2.1'

/** What FRR 8.4 is configured with: the same session with 192.0.2.1 for all tests that do not say otherwise. */
const peer = (name: string, ...lines: readonly string[]): string => ` peer ${name}\n  ${lines.join('\n  ')}\n exit`
const INTERVALS = ['transmit-interval 60', 'receive-interval 70', 'detect-multiplier 4']

describe('BFD with FRR', () => {
  let stage: BfdStage
  let frr: Daemon | undefined
  const start = async (...peers: readonly string[]): Promise<Daemon> => {
    frr = await startFrr(stage.router, peers.join('\n'))
    return frr
  }
  before(async () => {
    stage = await openBfdStage('bf')
  })
  afterEach(async () => {
    frr?.close()
    frr = undefined
    stage.desire()
    await eventually(
      'no session is left',
      () => stage.node.facts.findLast((one) => one.kind === 'bfd')?.sessions.length === 0,
    )
    stage.spaces.ip(stage.router, 'link', 'set', 'e0', 'up')
  })
  after(() => stage.close())

  it('is up, and each side reports what was negotiated', async () => {
    const daemon = await start(peer(OURS, ...INTERVALS))
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
    const said = frrPeer(daemon, OURS)
    assert.deepEqual(
      [
        said?.status,
        said?.['remote-transmit-interval'],
        said?.['remote-receive-interval'],
        said?.['remote-detect-multiplier'],
      ],
      ['up', 50, 50, 3],
    )
  })

  for (const [ours, theirs, options, local] of [
    ['2001:db8::2', '2001:db8::1', {}, 'local-address 2001:db8::2'],
    ['fe80::b', 'fe80::a', { interface: 'e0' }, 'local-address fe80::b interface e0'],
  ] as const) {
    it(`is up with ${ours}`, async () => {
      const daemon = await start(peer(`${theirs} ${local}`, ...INTERVALS))
      stage.desire(watch(ours, options))
      await isUpSoon(stage, ours)
      await eventually('FRR says so', () => frrPeer(daemon, theirs)?.status === 'up')
    })
  }

  it('sends to the port of BFD with TTL 255 and the class of network control, from one port of those set apart', async () => {
    await start(peer(OURS, ...INTERVALS))
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
    await start(peer(OURS, ...INTERVALS))
    stage.desire(watch(ROUTER, { device: 'e0' }), watch('192.0.2.77', { device: 'red' }))
    await isUpSoon(stage, ROUTER)
    const faults = stage.node.facts.flatMap((one) => (one.kind === 'fault' ? [one.message] : []))
    assert.ok(faults.includes('BFD with 192.0.2.77: setsockopt: ENODEV (SO_BINDTODEVICE)'), faults.join('; '))
  })

  it('is up over several hops, and drops what has come too far', async () => {
    const far = await startFrr(
      stage.far,
      peer(`${OURS} multihop local-address 198.51.100.9`, 'minimum-ttl 250', ...INTERVALS),
    )
    frr = far
    stage.desire(watch('198.51.100.9', { multihop: true, local: OURS, minimumTtl: 254 }))
    await isUpSoon(stage, '198.51.100.9')
    assert.equal(frrPeer(far, OURS)?.status, 'up')
    stage.desire(watch('198.51.100.9', { multihop: true, local: OURS, minimumTtl: 255 }))
    await eventually('it is down', () => stage.fact('198.51.100.9')?.state === 'down')
    assert.equal(stage.fact('198.51.100.9')?.lastDown, 'no packet from 198.51.100.9 for 240 ms')
    const told = stage.node.facts.filter((one) => one.kind === 'fault').at(-1)
    assert.match(told?.message ?? '', /arrive with TTL 254, which is too low/)
  })

  it('whose side is passive is up once we speak; where ours is passive we wait for it', async () => {
    const daemon = await start(peer(OURS, 'passive-mode', ...INTERVALS))
    await pause(1500)
    assert.equal(frrCounters(daemon, OURS)['control-packet-output'], 0)
    stage.desire(watch(ROUTER))
    await isUpSoon(stage, ROUTER)
    daemon.close()
    await eventually('it is down', () => !stage.isUp(ROUTER))
    stage.desire(watch(ROUTER, { passive: true }))
    await start(peer(OURS, ...INTERVALS))
    await isUpSoon(stage, ROUTER)
  })

  it('that is shut down there is administratively down, and up again when it is not', async () => {
    const daemon = await start(peer(OURS, ...INTERVALS))
    stage.desire(watch(ROUTER))
    await isUpSoon(stage, ROUTER)
    daemon.ask(`configure terminal\nbfd\npeer ${OURS}\nshutdown`)
    await eventually('it is down', () => stage.fact(ROUTER)?.remoteState === 'adminDown')
    assert.deepEqual(
      [stage.fact(ROUTER)?.state, stage.fact(ROUTER)?.lastDown],
      ['down', 'the peer is administratively down'],
    )
    daemon.ask(`configure terminal\nbfd\npeer ${OURS}\nno shutdown`)
    await isUpSoon(stage, ROUTER)
  })

  it('that is not wanted here any more is administratively down there, not lost', async () => {
    const daemon = await start(peer(OURS, ...INTERVALS))
    stage.desire(watch(ROUTER))
    await isUpSoon(stage, ROUTER)
    stage.desire()
    await eventually('FRR says down', () => frrPeer(daemon, OURS)?.status === 'down')
    assert.match(frrPeer(daemon, OURS)?.diagnostic ?? '', /neighbor signaled session down/i)
  })

  it('is retuned from here and from there without going down, by the counters of both', async () => {
    const daemon = await start(peer(OURS, ...INTERVALS))
    stage.desire(watch(ROUTER))
    await isUpSoon(stage, ROUTER)
    await eventually('FRR says up', () => frrPeer(daemon, OURS)?.status === 'up')
    const before = frrCounters(daemon, OURS)
    for (const [transmitIntervalMs, receiveIntervalMs, detectMultiplier] of [
      [300, 200, 5],
      [20, 400, 3],
      [100, 30, 10],
      [50, 50, 3],
    ] as const) {
      stage.desire(watch(ROUTER, { transmitIntervalMs, receiveIntervalMs, detectMultiplier }))
      await eventually('FRR has heard', () => frrPeer(daemon, OURS)?.['remote-receive-interval'] === receiveIntervalMs)
      await eventually('we go by it', () => stage.fact(ROUTER)?.transmitMs === Math.max(transmitIntervalMs, 70))
      await pause(1000)
    }
    daemon.ask(
      `configure terminal\nbfd\npeer ${OURS}\ntransmit-interval 200\nreceive-interval 150\ndetect-multiplier 7`,
    )
    await eventually(
      'we go by that',
      () => stage.fact(ROUTER)?.transmitMs === 150 && stage.fact(ROUTER)?.detectMs === 1400,
    )
    await pause(1500)
    const after = frrCounters(daemon, OURS)
    assert.deepEqual([after['session-up'], after['session-down']], [before['session-up'], before['session-down']])
    assert.deepEqual([stage.fact(ROUTER)?.ups, stage.fact(ROUTER)?.downs], [1, 0])
  })

  it('stays up while the main thread is blocked for two seconds', async () => {
    const daemon = await start(peer(OURS, 'transmit-interval 50', 'receive-interval 50', 'detect-multiplier 3'))
    stage.desire(watch(ROUTER))
    await isUpSoon(stage, ROUTER)
    await pause(500)
    const before = frrCounters(daemon, OURS)
    stage.node.blockOnce(2000)
    await pause(3000)
    const after = frrCounters(daemon, OURS)
    assert.deepEqual([stage.fact(ROUTER)?.downs, after['session-down']], [0, before['session-down']])
    const packets = (after['control-packet-input'] ?? 0) - (before['control-packet-input'] ?? 0)
    assert.ok(packets >= 55, `${packets} packets in 3 s`)
  })

  it('tells within 170 ms that the link is cut at 50 ms × 3', async (test) => {
    await start(peer(OURS, 'transmit-interval 50', 'receive-interval 50', 'detect-multiplier 3'))
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

  for (const [ours, theirs, local] of [
    [ROUTER, OURS, ''],
    ['2001:db8::2', '2001:db8::1', ' local-address 2001:db8::2'],
  ] as const) {
    it(`with echoes both ways is up with ${ours}, and goes down when none comes back`, async () => {
      const daemon = await start(
        peer(`${theirs}${local}`, 'echo-mode', 'echo transmit-interval 60', 'echo receive-interval 70', ...INTERVALS),
      )
      stage.desire(watch(ours, { echoIntervalMs: 50 }))
      await isUpSoon(stage, ours)
      await eventually(
        'our echoes come back',
        () => stage.fact(ours)?.echoMs === 70 && stage.fact(ours)?.receiveMs === 1000,
      )
      await eventually('FRR sends echoes', () => (frrCounters(daemon, theirs)['echo-packet-output'] ?? 0) > 10)
      await pause(2000)
      const counters = frrCounters(daemon, theirs)
      assert.ok((counters['echo-packet-input'] ?? 0) > 10, JSON.stringify(counters))
      assert.deepEqual([stage.fact(ours)?.downs, counters['session-down']], [0, 0])
      const name = ours.includes(':') ? 'net.ipv6.conf.all.forwarding' : 'net.ipv4.ip_forward'
      stage.spaces.run(stage.router, 'sysctl', '-qw', `${name}=0`)
      await eventually('it goes down', () => stage.fact(ours)?.downs === 1)
      stage.spaces.run(stage.router, 'sysctl', '-qw', `${name}=1`)
      assert.match(stage.fact(ours)?.lastDown ?? '', /^no echo came back from .* for 210 ms$/)
    })
  }
})
