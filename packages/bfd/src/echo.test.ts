import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { decodeEcho, encodeEcho } from './echo.ts'
import { detectMs, echoMs, receiveMs } from './intervals.ts'
import { type Bench, benchIn, CONFIG, feed, hear } from './testing/peer-packet.ts'

const OFFER = { state: 'up', requiredMinEchoRxUs: 50_000, desiredMinTxUs: 1_000_000 } as const

/** Up with echoes, and a peer that loops them back while `loops` says so. */
function run(on: Bench, ms: number, loops: () => boolean): number {
  let sent = 0
  for (const until = on.now + ms; on.now < until;) {
    on.now += 1
    if (on.now % 500 === 0) hear(on, OFFER)
    for (const effect of feed(on, { kind: 'tick', readUntil: on.now })) {
      if (effect.kind !== 'echo') continue
      sent += 1
      const mark = decodeEcho(effect.bytes)
      if (loops() && mark !== undefined) feed(on, { kind: 'echo', mark })
    }
  }
  return sent
}

const echoing = (): Bench => {
  const on = benchIn('up', { echoMs: 50 })
  hear(on, OFFER)
  return on
}

describe('an echo', () => {
  it('is read as it was written, and nothing else is', () => {
    const mark = { discriminator: 1, nonce: 2 ** 32 - 1, sequence: 3 }
    assert.deepEqual(decodeEcho(encodeEcho(mark)), mark)
    assert.equal(decodeEcho(new Uint8Array(16)), undefined)
    assert.equal(decodeEcho(encodeEcho(mark).subarray(0, 15)), undefined)
  })

  const RATES: readonly (readonly [number, number, number | undefined])[] = [
    [50, 20, 50],
    [50, 200, 200],
    [50, 0, undefined],
  ]
  for (const [ours, theirs, ms] of RATES) {
    it(`wanted each ${ours} ms by us and at most each ${theirs} ms by the peer is sent each ${ms} ms`, () => {
      const on = benchIn('up', { echoMs: ours })
      hear(on, { ...OFFER, requiredMinEchoRxUs: theirs * 1000 })
      assert.equal(echoMs(on.session), ms)
      assert.equal(on.sent.at(-1)?.requiredMinEchoRxUs, ours * 1000)
      const sent = run(on, 400, () => true)
      assert.equal(sent, ms === undefined ? 0 : Math.ceil(400 / ms))
    })
  }

  it('is neither sent nor offered without echo mode', () => {
    const on = benchIn('up')
    hear(on, OFFER)
    assert.equal(
      run(on, 400, () => true),
      0,
    )
    assert.ok(on.sent.every(({ requiredMinEchoRxUs }) => requiredMinEchoRxUs === 0))
  })

  it('that comes back makes control packets rare, to a second, by a poll', () => {
    const on = echoing()
    assert.equal(receiveMs(on.session), 1000)
    run(on, 200, () => true)
    assert.deepEqual([on.sent.at(-1)?.poll, on.sent.at(-1)?.requiredMinRxUs], [true, 1_000_000])
    assert.equal(detectMs(on.session), 3000)
  })

  it('that stops coming back takes the session down after three intervals', () => {
    const on = echoing()
    run(on, 1000, () => true)
    const stopped = on.now
    run(on, 300, () => false)
    assert.equal(on.session.state, 'down')
    assert.equal(on.session.lastDown, 'no echo came back from 192.0.2.1 for 150 ms')
    assert.equal(on.sent.at(-1)?.diagnostic, 2)
    assert.ok(on.session.since - stopped <= 150)
  })

  it('that never came back is told once, is asked for once a second, and is no outage', () => {
    const on = echoing()
    run(on, 1000, () => false)
    const sent = run(on, 10_000, () => false)
    assert.equal(on.session.state, 'up')
    assert.ok(sent <= 11, `${sent} echoes in 10 s`)
    assert.equal(on.effects.filter(({ kind }) => kind === 'echoesMissing').length, 1)
    assert.ok(on.sent.every(({ requiredMinRxUs }) => requiredMinRxUs === 50_000))
  })

  it('with another nonce counts for nothing', () => {
    const on = echoing()
    feed(on, { kind: 'echo', mark: { discriminator: 7, nonce: 1, sequence: 1 } })
    assert.equal(on.session.echo.returnedAt, undefined)
  })

  it('is not sent any more once the profile has no echo mode, and control packets are frequent again', () => {
    const on = echoing()
    run(on, 500, () => true)
    hear(on, { ...OFFER, final: true })
    feed(on, { kind: 'configure', config: CONFIG })
    assert.equal(
      run(on, 300, () => true),
      0,
    )
    assert.equal(on.sent.at(-1)?.requiredMinRxUs, 50_000)
    assert.equal(on.session.state, 'up')
  })

  it('is not sent any more once the peer withdraws its offer', () => {
    const on = echoing()
    run(on, 100, () => true)
    hear(on, { state: 'up' })
    on.now += 1
    assert.equal(feed(on, { kind: 'tick', readUntil: on.now }).filter(({ kind }) => kind === 'echo').length, 0)
  })
})
