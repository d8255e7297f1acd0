import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { answerersOf, lengths, ownersNow, watchFrom, watchUntil } from './answers.ts'
import { heal, pass, split, until } from './cluster.ts'
import { ROUGH } from './network.ts'
import { holdsForSeeds, type Simulation } from './seeds.ts'
import {
  freeze,
  isAtRest,
  kill,
  leave,
  loadsOf,
  maintain,
  type Speakers,
  speakers,
  type SpeakersOptions,
  startSpeaker,
  thaw,
} from './speakers.ts'

const FILE = 'test/sim/ownership.test.ts'

function holds(name: string, count: number, simulate: Simulation): void {
  holdsForSeeds(name, { file: FILE, count }, simulate)
}

/** Sizes of clusters, and how many seeds each is run with. */
const SIZES = [
  [3, 30],
  [8, 20],
  [32, 3],
] as const

/** Started cold within 100 ms of each other, until nothing moves any more. */
function atRest(options: Omit<SpeakersOptions, 'addresses'> & { readonly addresses?: number }): Speakers {
  const all = speakers({ addresses: 50, ...options })
  for (const name of all.names) {
    pass(all.members, (all.net.random() * 100) / all.names.length)
    startSpeaker(all, name)
  }
  comeToRest(all, 5000)
  pass(all.members, 1000)
  watch(all)
  return all
}

function comeToRest(all: Speakers, withinMs: number): void {
  const took = until(all.members, () => isAtRest(all), withinMs)
  assert.notEqual(took, undefined, `not at rest after ${withinMs} ms: ${answerersText(all)}`)
}

function answerersText({ answers }: Speakers): string {
  const odd = [...answers.byIp].filter(([, { nodes }]) => nodes.length !== 1)
  return odd.map(([ip, { nodes }]) => `${ip} by ${nodes.join(' and ') || 'nobody'}`).join(', ')
}

function watch({ answers, net }: Speakers): void {
  watchFrom(answers, net.now)
}

/** Lets time pass, and ends the watch. */
function watchFor(all: Speakers, ms: number): void {
  pass(all.members, ms)
  watchUntil(all.answers, all.net.now)
}

function ownersOf(all: Speakers): ReadonlyMap<string, string> {
  const owners = ownersNow(all.answers)
  assert.ok(owners !== undefined, answerersText(all))
  return owners
}

const ownedBy = (owners: ReadonlyMap<string, string>, node: string): string[] =>
  [...owners].flatMap(([ip, owner]) => (owner === node ? [ip] : [])).sort()

const movedIps = ({ answers }: Speakers): string[] => [...new Set(answers.beginnings.map(({ ip }) => ip))].sort()

const anyOf = ({ net, names }: Speakers): string => names[Math.floor(net.random() * names.length)] ?? 'node-0000'

function assertNoLongerThan(ms: number, what: readonly { from: number; until: number }[]): void {
  assert.deepEqual(
    what.filter(({ from, until: to }) => to - from > ms),
    [],
  )
}

/** What a node that stops or is emptied may have in common with who comes after it: until it has read the claim. */
const HAND_OVER_OVERLAP_MS = 10

describe('a cold start', () => {
  for (const [nodes, count] of SIZES) {
    holds(`of ${nodes} gives each address one answerer, and no node more than its share and one`, count, (seed) => {
      const all = atRest({ seed, nodes })
      assert.ok(Math.max(...loadsOf(all)) <= Math.ceil(50 / nodes) + 1, `loads ${loadsOf(all).join(' ')}`)
      watchFor(all, 3000)
      assert.deepEqual(all.answers.beginnings, [])
    })
  }
})

describe('a node dies', () => {
  for (const [nodes, count] of SIZES) {
    holds(
      `of ${nodes}: its addresses are answered for again within 0.7 s, and no others move`,
      count,
      (seed, figures) => {
        const all = atRest({ seed, nodes })
        pass(all.members, all.net.random() * 100)
        const owners = ownersOf(all)
        const victim = anyOf(all)
        watch(all)
        kill(all, victim)
        watchFor(all, 3000)
        figures('without an answerer', lengths(all.answers.gaps))
        figures('with two', lengths(all.answers.overlaps))
        ownersOf(all)
        assertNoLongerThan(700, all.answers.gaps)
        assert.deepEqual(movedIps(all), ownedBy(owners, victim))
        assert.ok(Math.max(...loadsOf(all)) <= Math.ceil(50 / (nodes - 1)) + 1, `loads ${loadsOf(all).join(' ')}`)
        assertNoLongerThan(HAND_OVER_OVERLAP_MS, all.answers.overlaps)
      },
    )
  }
})

describe('a node leaves in order', () => {
  for (const [nodes, count] of SIZES) {
    holds(`of ${nodes}: there is always somebody who answers, and no other address moves`, count, (seed, figures) => {
      const all = atRest({ seed, nodes })
      const owners = ownersOf(all)
      const victim = anyOf(all)
      leave(all, victim)
      watchFor(all, 3000)
      figures('with two', lengths(all.answers.overlaps))
      assert.equal(all.running.has(victim), false)
      ownersOf(all)
      assert.deepEqual(all.answers.gaps, [])
      assert.deepEqual(movedIps(all), ownedBy(owners, victim))
      assertNoLongerThan(HAND_OVER_OVERLAP_MS, all.answers.overlaps)
    })
    holds(`of ${nodes} into maintenance and comes back: likewise, and it takes nothing`, count, (seed, figures) => {
      const all = atRest({ seed, nodes })
      const owners = ownersOf(all)
      const victim = anyOf(all)
      maintain(all, victim, true)
      watchFor(all, 5000)
      figures('with two', lengths(all.answers.overlaps))
      assert.equal(all.answers.byNode.get(victim)?.size ?? 0, 0)
      ownersOf(all)
      assert.deepEqual(all.answers.gaps, [])
      assert.deepEqual(movedIps(all), ownedBy(owners, victim))
      assertNoLongerThan(HAND_OVER_OVERLAP_MS, all.answers.overlaps)
      watch(all)
      maintain(all, victim, false)
      watchFor(all, 3000)
      assert.deepEqual(all.answers.beginnings, [])
    })
  }
})

describe('a node that comes back', () => {
  for (const [nodes, count] of SIZES) {
    holds(`to ${nodes} takes nothing`, count, (seed) => {
      const all = atRest({ seed, nodes })
      const victim = anyOf(all)
      kill(all, victim)
      pass(all.members, 1000 + all.net.random() * 3000)
      ownersOf(all)
      watch(all)
      startSpeaker(all, victim)
      watchFor(all, 4000)
      assert.deepEqual(all.answers.beginnings, [])
      assert.ok(isAtRest(all))
    })
  }
})

describe('a split heals', () => {
  for (const [nodes, count] of SIZES) {
    holds(`among ${nodes}: the larger half keeps what it has`, count, (seed, figures) => {
      const all = atRest({ seed, nodes })
      const lesser = 1 + Math.floor(all.net.random() * Math.floor((nodes - 1) / 2))
      const side = all.names.toSorted(() => all.net.random() - 0.5).slice(0, lesser)
      split(all.members, side)
      pass(all.members, 1000 + all.net.random() * 14_000)
      const kept = ofOthers(all, side)
      watch(all)
      heal(all.members)
      const met = meetings(all)
      watchFor(all, 4000)
      assert.deepEqual(ownersOf(all), kept)
      // Whoever learns that the others took it for dead keeps silent until it has heard them.
      figures('without an answerer', lengths(all.answers.gaps))
      assertNoLongerThan(300, all.answers.gaps)
      const after = all.answers.overlaps.map(({ until: to, by }) => to - (met.get(by.join()) ?? all.net.now))
      figures('with two after they met', after)
      assert.ok(Math.max(0, ...after) <= 300, `two answered for ${Math.max(0, ...after)} ms after they met`)
    })
  }
})

/** Who answers for each address on the other side. */
function ofOthers({ answers }: Speakers, side: readonly string[]): ReadonlyMap<string, string> {
  const owners = [...answers.byIp.keys()].map((ip): [string, string] => {
    const [only, ...more] = answerersOf(answers, ip).filter((node) => !side.includes(node))
    assert.ok(only !== undefined && more.length === 0, `${ip} in the larger half`)
    return [ip, only]
  })
  return new Map(owners)
}

/** By two nodes, sorted: when the first of them knew the other to be alive again. */
function meetings(all: Speakers): ReadonlyMap<string, number> {
  const met = new Map<string, number>()
  for (const { node, member } of all.running.values()) {
    const before = member.onEffect
    member.onEffect = (effect) => {
      before(effect)
      if (effect.kind !== 'members') return
      for (const view of effect.members) {
        const pair = [node, view.node].sort().join()
        if (view.status === 'alive' && !met.has(pair)) met.set(pair, all.net.now)
      }
    }
  }
  return met
}

describe('with 5 % of the packets lost and 50 ms of jitter', () => {
  for (const [nodes, count] of [
    [3, 10],
    [8, 5],
    [32, 1],
  ] as const) {
    holds(`nothing moves in a minute among ${nodes}`, count, (seed) => {
      const all = atRest({ seed, nodes, weather: ROUGH })
      watchFor(all, 60_000)
      assert.deepEqual(all.answers.beginnings, [])
      assert.deepEqual(all.answers.gaps, [])
    })
  }
})

describe('a frozen node', () => {
  for (const [nodes, count] of SIZES) {
    holds(`of ${nodes} never answers for what others took when it goes on`, count, (seed, figures) => {
      const all = atRest({ seed, nodes })
      const victim = anyOf(all)
      freeze(all, victim)
      watchFor(all, 300 + all.net.random() * 5000)
      figures('without an answerer', lengths(all.answers.gaps))
      const taken = ownersNow(all.answers)
      watch(all)
      thaw(all, victim)
      watchFor(all, 4000)
      const again = all.answers.beginnings.filter(({ ip, node }) => node === victim && taken?.has(ip))
      assert.deepEqual(again, [])
      assert.deepEqual(all.answers.overlaps, [])
      assert.ok(isAtRest(all))
    })
  }
})

describe('a storm of restarts', () => {
  holds('of 3: no address is without an answerer for more than 1 s, and none flips back', 30, (seed, figures) => {
    const all = atRest({ seed, nodes: 3 })
    const takenFromStayers: string[] = []
    for (let round = 0; round < 20; round++) {
      const victim = anyOf(all)
      const before = ownersOf(all)
      const isOrderly = all.net.random() < 0.5
      if (isOrderly) leave(all, victim)
      else kill(all, victim)
      until(all.members, () => !all.running.has(victim), 2000)
      pass(all.members, 50 + all.net.random() * 1500)
      startSpeaker(all, victim)
      comeToRest(all, 3000)
      pass(all.members, all.net.random() * 1000)
      const moved = [...ownersOf(all)].filter(([ip, owner]) => owner !== before.get(ip) && before.get(ip) !== victim)
      takenFromStayers.push(...moved.map(([ip, owner]) => `${ip} by ${owner} in round ${round}`))
    }
    watchFor(all, 3000)
    figures('without an answerer', lengths(all.answers.gaps))
    figures('with two', lengths(all.answers.overlaps))
    assert.deepEqual(takenFromStayers, [])
    assertNoLongerThan(1000, all.answers.gaps)
    assertNoLongerThan(HAND_OVER_OVERLAP_MS, all.answers.overlaps)
    ownersOf(all)
  })
})
