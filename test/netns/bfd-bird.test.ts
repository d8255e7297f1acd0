import assert from 'node:assert/strict'
import { after, afterEach, before, describe, it } from 'node:test'
import { type Bird, birdSessions, startBird } from './bfd/daemons.ts'
import { type BfdStage, isUpSoon, openBfdStage, pause, watch } from './bfd/stage.ts'
import { eventually } from './link/speaker-node.ts'

const ROUTER = '192.0.2.2'

type Numbers = { readonly rx?: number; readonly tx?: number; readonly multiplier?: number; readonly more?: string }
const intervals = ({ rx = 70, tx = 60, multiplier = 4, more = '' }: Numbers = {}): string =>
  `min rx interval ${rx} ms; min tx interval ${tx} ms; multiplier ${multiplier}; ${more}`
const bfd = (neighbour: string, numbers?: Numbers): string =>
  `protocol bfd { interface "e0" { ${intervals(numbers)} }; multihop { ${intervals(numbers)} }; neighbor ${neighbour}; }`

describe('BFD with BIRD', () => {
  let stage: BfdStage
  let bird: Bird | undefined
  const start = async (neighbour: string, numbers?: Numbers): Promise<Bird> => {
    bird = await startBird(stage.router, bfd(neighbour, numbers))
    return bird
  }
  before(async () => {
    stage = await openBfdStage('bb')
  })
  afterEach(async () => {
    bird?.close()
    bird = undefined
    stage.desire()
    await eventually(
      'no session is left',
      () => stage.node.facts.findLast((one) => one.kind === 'bfd')?.sessions.length === 0,
    )
  })
  after(() => stage.close())

  for (const [ours, theirs, neighbour, options] of [
    [ROUTER, '192.0.2.1', '192.0.2.1', {}],
    ['2001:db8::2', '2001:db8::1', '2001:db8::1', {}],
    ['fe80::b', 'fe80::a', 'fe80::a dev "e0"', { interface: 'e0' }],
  ] as const) {
    it(`is up with ${ours}, and each side reports what was negotiated`, async () => {
      const daemon = await start(neighbour)
      stage.desire(watch(ours, options))
      await isUpSoon(stage, ours)
      await eventually('both have settled', () => stage.fact(ours)?.receiveMs === 60)
      const { transmitMs, receiveMs, detectMs, downs } = stage.fact(ours) ?? {}
      assert.deepEqual([transmitMs, receiveMs, detectMs, downs], [70, 60, 240, 0])
      await eventually('BIRD has settled', () => birdSessions(daemon).includes(`${theirs} e0 Up 0.060 0.210`))
    })
  }

  it('is up over several hops once minimumTtl allows for it: BIRD sends with the TTL of any packet', async () => {
    const far = await startBird(stage.far, bfd('192.0.2.1 local 198.51.100.9 multihop on'))
    bird = far
    const faults = (): string[] => stage.node.facts.flatMap((one) => (one.kind === 'fault' ? [one.message] : []))
    stage.desire(watch('198.51.100.9', { multihop: true, local: '192.0.2.1' }))
    await eventually('it is told why not', () =>
      faults().some((text) => /arrive with TTL 63, which is too low/.test(text)),
    )
    assert.ok(!stage.isUp('198.51.100.9'))
    stage.desire(watch('198.51.100.9', { multihop: true, local: '192.0.2.1', minimumTtl: 60 }))
    await isUpSoon(stage, '198.51.100.9')
    await eventually('BIRD says so', () => birdSessions(far).some((one) => /^192.0.2.1 --- Up/.test(one)))
  })

  it('whose side is passive is up once we speak; where ours is passive we wait for it', async () => {
    const daemon = await start('192.0.2.1', { more: 'passive on;' })
    stage.desire(watch(ROUTER, { passive: true }))
    await pause(2500)
    assert.deepEqual([stage.fact(ROUTER)?.remoteState, stage.fact(ROUTER)?.state], [undefined, 'down'])
    stage.desire(watch(ROUTER))
    await isUpSoon(stage, ROUTER)
    daemon.close()
    stage.desire(watch(ROUTER, { passive: true }))
    await eventually('it is down', () => !stage.isUp(ROUTER))
    await start('192.0.2.1')
    await isUpSoon(stage, ROUTER)
  })

  it('is retuned from here and from there without going down', async () => {
    const daemon = await start('192.0.2.1')
    stage.desire(watch(ROUTER))
    await isUpSoon(stage, ROUTER)
    for (const [transmitIntervalMs, receiveIntervalMs, detectMultiplier, said] of [
      [300, 200, 5, '0.200 1.500'],
      [20, 400, 3, '0.400 0.210'],
      [100, 30, 10, '0.060 1.000'],
    ] as const) {
      stage.desire(watch(ROUTER, { transmitIntervalMs, receiveIntervalMs, detectMultiplier }))
      await eventually(`BIRD goes by ${said}`, () => birdSessions(daemon).includes(`192.0.2.1 e0 Up ${said}`))
      await pause(500)
    }
    daemon.configure(bfd('192.0.2.1', { rx: 150, tx: 200, multiplier: 7 }))
    await eventually(
      'we go by that',
      () => stage.fact(ROUTER)?.transmitMs === 150 && stage.fact(ROUTER)?.detectMs === 1400,
    )
    await pause(1500)
    assert.deepEqual([stage.fact(ROUTER)?.ups, stage.fact(ROUTER)?.downs], [1, 0])
  })

  it('that ends there is told by it, or found out by silence, and is up again with the next', async () => {
    const daemon = await start('192.0.2.1')
    stage.desire(watch(ROUTER))
    await isUpSoon(stage, ROUTER)
    daemon.close()
    await eventually('it is down', () => stage.fact(ROUTER)?.state === 'down')
    assert.equal(stage.fact(ROUTER)?.lastDown, 'no packet from 192.0.2.2 for 240 ms')
    await start('192.0.2.1')
    await isUpSoon(stage, ROUTER)
    assert.deepEqual([stage.fact(ROUTER)?.ups, stage.fact(ROUTER)?.downs], [2, 1])
  })

  it('that offers no echo costs nothing where echo mode is on', async () => {
    await start('192.0.2.1')
    stage.desire(watch(ROUTER, { echoIntervalMs: 50 }))
    await isUpSoon(stage, ROUTER)
    await pause(1500)
    assert.deepEqual([stage.fact(ROUTER)?.echoMs, stage.fact(ROUTER)?.downs], [undefined, 0])
  })
})
