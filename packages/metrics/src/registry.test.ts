import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { histogram, observe } from './histogram.ts'
import { expose, metricsRegistry } from './registry.ts'
import { counter, gauge, histograms, one } from './series.ts'
import { timed, timings, timingSamples } from './timings.ts'

const ABOUT = { help: 'Help.', bound: '1' }
const IN_POOL = { ...ABOUT, labels: ['pool'] }

describe('the registry', () => {
  it('reads its metrics anew for each answer, and keeps no series of what is gone', async () => {
    const pools = new Map([
      ['lan', 3],
      ['dmz', 1],
    ])
    const registry = metricsRegistry()
    const used = gauge<typeof pools>('used', IN_POOL, (from) =>
      [...from].map(([pool, value]) => ({ labels: { pool }, value })),
    )
    expose(registry, [used], () => pools)
    const head = '# HELP used Help.\n# TYPE used gauge\n'
    assert.equal(await registry.render(), `${head}used{pool="lan"} 3\nused{pool="dmz"} 1\n`)
    pools.delete('lan')
    assert.equal(await registry.render(), `${head}used{pool="dmz"} 1\n`)
  })

  it('answers with thousands of series piece by piece, whoever else asks meanwhile', async () => {
    const registry = metricsRegistry()
    const many = gauge<number>('many', IN_POOL, (count) =>
      Array.from({ length: count }, (_, at) => ({ labels: { pool: `p${at}` }, value: at })),
    )
    expose(registry, [many, gauge<number>('one', ABOUT, one)], () => 1200)
    const parts: string[] = []
    for await (const part of registry.parts()) parts.push(part)
    assert.equal(parts.length, 4)
    const [a, b] = await Promise.all([registry.render(), registry.render()])
    assert.equal(a, parts.join(''))
    assert.equal(b, a)
    const lines = a.trim().split('\n')
    assert.equal(lines.filter((line) => line.startsWith('#')).length, 4)
    assert.equal(lines.filter((line) => line.startsWith('many{')).length, 1200)
    assert.equal(lines.at(-1), 'one 1200')
  })

  it('has no series while there is nothing to read from', async () => {
    const registry = metricsRegistry()
    expose(registry, [counter<number>('events_total', ABOUT, one)], () => undefined)
    assert.equal(await registry.render(), '# HELP events_total Help.\n# TYPE events_total counter\n')
  })

  it('escapes what would break a line', async () => {
    const registry = metricsRegistry()
    const odd = gauge<string>('odd', IN_POOL, (pool) => [{ labels: { pool }, value: 1 }])
    expose(registry, [odd], () => 'a"b\\c\nd')
    assert.match(await registry.render(), /^odd\{pool="a\\"b\\\\c\\nd"\} 1$/m)
  })

  it('refuses a name that is taken', () => {
    const registry = metricsRegistry()
    const series = [gauge<number>('used', ABOUT, one)]
    expose(registry, series, () => 1)
    assert.throws(
      () =>
        expose(
          registry,
          series.map((twin) => ({ ...twin })),
          () => 1,
        ),
      /already been registered/,
    )
  })

  it('gives each process its own', () => {
    assert.notEqual(metricsRegistry().prom, metricsRegistry().prom)
  })
})

describe('a histogram', () => {
  it('counts in each bucket those below it too, and a value on a bound in its bucket', async () => {
    const took = histogram([0.1, 1])
    for (const value of [0.05, 0.1, 0.5, 7]) observe(took, value)
    const registry = metricsRegistry()
    expose(registry, [histograms<typeof took>('took', IN_POOL, (from) => [[{ pool: 'lan' }, from]])], () => took)
    assert.deepEqual((await registry.render()).trim().split('\n').slice(2), [
      'took_bucket{pool="lan",le="0.1"} 2',
      'took_bucket{pool="lan",le="1"} 3',
      'took_bucket{pool="lan",le="+Inf"} 4',
      'took_sum{pool="lan"} 7.65',
      'took_count{pool="lan"} 4',
    ])
  })

  it('of passes is in seconds, and counts one that threw', () => {
    const all = timings('first', 'second')
    const clock = { at: 0, now: () => (clock.at += 20) }
    assert.equal(
      timed(all.first, clock, () => 'done'),
      'done',
    )
    assert.throws(() =>
      timed(all.first, clock, () => {
        throw new Error('no')
      }),
    )
    const [[labels, first] = []] = timingSamples(all)
    assert.deepEqual(labels, { pass: 'first' })
    assert.equal(first?.sum, 0.04)
    assert.equal(all.second.sum, 0)
  })
})
