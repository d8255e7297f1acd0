import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { seededRandom } from '@steelyard/runtime'
import { type TenureWorld, tenureWorld } from '../testing/tenure-world.ts'

const names = (count: number): string[] => Array.from({ length: count }, (_, at) => `n${at + 1}`)
const up = ({ nodes }: TenureWorld): string[] => [...nodes.values()].flatMap(({ name, isUp }) => (isUp ? [name] : []))
const owners = (world: TenureWorld): Map<string, string> =>
  new Map([...world.serving()].map(([key, nodes]) => [key, nodes.join(' ')]))
const loads = (world: TenureWorld): number[] =>
  up(world).map((name) => [...owners(world).values()].filter((owner) => owner === name).length)

function assertOneOwnerEach(world: TenureWorld, after: string): void {
  for (const [key, nodes] of world.serving()) {
    assert.equal(nodes.length, 1, `${after}: ${key} is served by ${nodes.join(', ') || 'nobody'}`)
  }
}

/** One thing that happens to a cluster; some nodes stay whatever happens. */
function mishap(world: TenureWorld, random: () => number): string {
  const all = [...world.nodes.keys()]
  const name = all[1 + Math.floor(random() * (all.length - 1))] ?? ''
  const kind = Math.floor(random() * 5)
  if (kind === 0) world.kill(name)
  else if (kind === 1) {
    world.kill(name)
    world.start(name)
  } else if (kind === 2) world.start(name)
  else if (kind === 3) world.drain(name, random() < 0.5 ? 'paced' : 'none')
  else world.prefer(name, Math.floor(random() * 2))
  return `${['kill', 'restart', 'start', 'drain or not', 'prefer or not'][kind]} ${name}`
}

const SEEDS = Array.from({ length: 40 }, (_, seed) => seed)

describe('many nodes, whatever happens to them', () => {
  it('come to exactly one owner for every address, and then change nothing', () => {
    for (const seed of SEEDS) {
      const random = seededRandom(seed)
      const world = tenureWorld(names(2 + Math.floor(random() * 5)), 30, seed)
      world.rest()
      assertOneOwnerEach(world, `seed ${seed}, at the start`)
      const told: string[] = []
      for (let step = 0; step < 8; step++) {
        told.push(mishap(world, random))
        world.clock.advance(random() < 0.5 ? 5 : 500)
      }
      world.rest()
      assertOneOwnerEach(world, `seed ${seed}, ${told.join(', ')}`)
      const before = owners(world)
      world.rest()
      assert.deepEqual(owners(world), before, `seed ${seed} is not at rest`)
    }
  })

  it('share addresses within one above the mean from the start, and after each loss', () => {
    for (const seed of SEEDS) {
      const world = tenureWorld(names(4), 30, seed)
      world.rest()
      assert.ok(Math.max(...loads(world)) <= 9, loads(world).join(' '))
      world.kill('n3')
      world.rest()
      assert.ok(Math.max(...loads(world)) <= 11, loads(world).join(' '))
    }
  })

  it('move only what a lost node had, and nothing when it comes back', () => {
    for (const seed of SEEDS) {
      const world = tenureWorld(names(3), 30, seed)
      world.rest()
      const before = owners(world)
      world.kill('n2')
      world.rest()
      const after = owners(world)
      for (const [key, owner] of before) {
        if (owner === 'n2') assert.notEqual(after.get(key), 'n2')
        else assert.equal(after.get(key), owner)
      }
      world.start('n2')
      world.rest()
      assert.deepEqual(owners(world), after, `seed ${seed}`)
    }
  })

  it('hand over what drains without a moment in which nobody serves it', () => {
    for (const seed of SEEDS) {
      const world = tenureWorld(names(3), 30, seed)
      world.rest()
      world.drain('n1', seed % 2 === 0 ? 'paced' : 'all')
      for (let ms = 0; ms < 1000; ms++) {
        world.clock.advance(1)
        for (const [key, nodes] of world.serving()) assert.ok(nodes.length >= 1, `seed ${seed}: nobody serves ${key}`)
      }
      world.rest()
      assertOneOwnerEach(world, `seed ${seed}`)
      assert.equal(loads(world)[0], 0)
    }
  })

  it('give a preferred node what it should have without a gap either', () => {
    for (const seed of SEEDS) {
      const world = tenureWorld(names(3), 30, seed)
      world.rest()
      world.prefer('n3', 5)
      for (let ms = 0; ms < 1000; ms++) {
        world.clock.advance(1)
        for (const [key, nodes] of world.serving()) assert.ok(nodes.length >= 1, `seed ${seed}: nobody serves ${key}`)
      }
      world.rest()
      assert.deepEqual(loads(world), [0, 0, 30], `seed ${seed}`)
    }
  })
})
