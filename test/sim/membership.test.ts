import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { EMPTY_RECORD, keyring, type NodeRecord, sealedWire } from '@steelyard/membership'
import {
  allSay,
  type Cluster,
  cluster,
  heal,
  isSettled,
  isWhole,
  kill,
  memberOf,
  pass,
  split,
  start,
  startAll,
  until,
} from './cluster.ts'
import type { Member } from './member.ts'
import { freeze, LAN, ROUGH, thaw } from './network.ts'
import { holdsForSeeds, type Simulation } from './seeds.ts'

const FILE = 'test/sim/membership.test.ts'
/** What two rounds over a healthy network may cost beyond the protocol's own waits. */
const SLACK_MS = 50

function holds(name: string, count: number, simulate: Simulation): void {
  holdsForSeeds(name, { file: FILE, count }, simulate)
}

const recordOf = (epoch: number, count = 20): NodeRecord => ({
  ...EMPTY_RECORD,
  claims: Array.from({ length: count }, (_, index) => ({
    ip: `192.0.2.${100 + index}`,
    epoch,
    minority: false,
    releasing: false,
  })),
})

/** Members that are all settled and know each other. */
function settled(options: Parameters<typeof cluster>[0]): Cluster {
  const all = cluster(options)
  startAll(all)
  assert.notEqual(
    until(all, () => isSettled(all) && isWhole(all), 3000),
    undefined,
    'it never settled',
  )
  return all
}

/** Notes each time a member takes another one that runs for dead. */
function falseDeaths(all: Cluster): readonly string[] {
  const found: string[] = []
  for (const member of all.members.values()) {
    member.onEffect = (effect) => {
      if (effect.kind !== 'members') return
      for (const { node, status } of effect.members) {
        if (status === 'dead' && all.members.has(node)) found.push(`${member.host.name}: ${node} at ${all.net.now}`)
      }
    }
  }
  return found
}

const anyOf = (all: Cluster): string => all.names[Math.floor(all.net.random() * all.names.length)] ?? 'node-0000'

describe('a death', () => {
  for (const [nodes, count] of [
    [2, 20],
    [3, 20],
    [32, 5],
    [200, 2],
  ] as const) {
    holds(`is known to all of ${nodes} within 0.7 s`, count, (seed) => {
      const all = settled({ seed, nodes })
      pass(all, 500 + all.net.random() * 100)
      const victim = anyOf(all)
      kill(all, victim)
      const took = until(all, () => allSay(all, victim, 'dead'), 700)
      assert.notEqual(took, undefined)
      assert.ok((took ?? 0) > 300 - SLACK_MS, `after ${took} ms`)
    })
  }
  holds('is known to all of 40 within 3 s through a rough network', 5, (seed) => {
    const all = settled({ seed, nodes: 40, weather: ROUGH })
    pass(all, 1000)
    const victim = anyOf(all)
    kill(all, victim)
    assert.notEqual(
      until(all, () => allSay(all, victim, 'dead'), 3000),
      undefined,
    )
  })
})

describe('with 5 % of the packets lost and 50 ms of jitter nobody is taken for dead in a minute', () => {
  for (const [nodes, count] of [
    [2, 30],
    [3, 30],
    [8, 30],
    [32, 10],
    [48, 3],
  ] as const) {
    holds(`among ${nodes}`, count, (seed) => {
      const all = settled({ seed, nodes, weather: ROUGH })
      const deaths = falseDeaths(all)
      pass(all, 60_000)
      assert.deepEqual(deaths, [])
      assert.ok(isWhole(all))
    })
  }
})

describe('records', () => {
  holds('converge among 8 through a rough network, with restarts', 10, (seed) => {
    const all = settled({ seed, nodes: 8, weather: ROUGH })
    for (let round = 1; round <= 20; round++) {
      memberOf(all, anyOf(all)).tell({
        kind: 'publish',
        record: recordOf(round, 1 + Math.floor(all.net.random() * 150)),
      })
      if (round % 7 === 0) start(all, anyOf(all))
      pass(all, all.net.random() * 200)
    }
    all.net.weather = LAN
    assert.notEqual(
      until(all, () => haveSameRecords(all), 2000),
      undefined,
    )
  })
  holds('converge among 100, where not everybody hears everybody, through a rough network', 2, (seed) => {
    const all = settled({ seed, nodes: 100, weather: ROUGH })
    for (const name of all.names) memberOf(all, name).tell({ kind: 'publish', record: recordOf(1, 3) })
    assert.notEqual(
      until(all, () => haveSameRecords(all), 10_000),
      undefined,
    )
  })
})

function haveSameRecords({ members }: Cluster): boolean {
  return [...members.values()].every((owner) =>
    [...members.values()].every((other) => {
      const held = other.state.peers.get(owner.host.name)?.held?.version ?? 0
      return other === owner || (held === owner.state.own.version && other.records.has(owner.host.name) === held > 0)
    }),
  )
}

describe('a process that stands still and goes on', () => {
  holds('doubts itself before it reads anything, and is settled soon', 20, (seed) => {
    const all = settled({ seed, nodes: 5 })
    const name = anyOf(all)
    const sleeper = memberOf(all, name)
    const standings: string[] = []
    sleeper.onEffect = (effect) => {
      if (effect.kind === 'members') standings.push(effect.standing)
    }
    freeze(sleeper.host)
    pass(all, 500 + all.net.random() * 5000)
    assert.deepEqual(standings, [])
    thaw(all.net, sleeper.host)
    assert.equal(standings[0], 'doubting')
    assert.notEqual(
      until(all, () => isSettled(all) && isWhole(all), 2000),
      undefined,
    )
  })
})

describe('a split', () => {
  holds('ends with one cluster again, whatever the halves', 10, (seed) => {
    const all = settled({ seed, nodes: 7 })
    split(all, all.names.slice(0, 1 + Math.floor(all.net.random() * 6)))
    pass(all, 500 + all.net.random() * 20_000)
    heal(all)
    const took = until(all, () => isSettled(all) && isWhole(all), 1500 + SLACK_MS)
    assert.notEqual(took, undefined)
  })
  for (const nodes of [3, 4, 5, 8]) {
    holds(`of ${nodes} fenced members never leaves both sides answering`, 10, (seed) => {
      const all = settled({ seed, nodes, config: { fencing: 'fenced' } })
      const side = all.names.filter(() => all.net.random() < 0.5)
      split(all, side)
      // Until the lesser half has noticed, nobody can have taken over: no verdict comes before 500 ms.
      assertNoVerdictBeforeFence(all, side)
      neverBothSettled(all, side, 30_000)
      heal(all)
      assert.notEqual(
        until(all, () => isSettled(all) && isWhole(all), 2500),
        undefined,
      )
    })
  }
})

/** Members that came to believe in a death on one side while somebody of the other side was still settled. */
function assertNoVerdictBeforeFence(all: Cluster, side: readonly string[]): void {
  const isOn = (name: string): boolean => side.includes(name)
  for (const member of all.members.values()) {
    member.onEffect = (effect) => {
      if (effect.kind !== 'members' || effect.standing !== 'settled') return
      for (const { node, status } of effect.members) {
        const other = all.members.get(node)
        if (status !== 'dead' || other === undefined || isOn(node) === isOn(member.host.name)) continue
        assert.notEqual(other.standing, 'settled', `${member.host.name} buries ${node}, which is settled`)
      }
    }
  }
  pass(all, 1000)
  for (const member of all.members.values()) member.onEffect = () => {}
}

function neverBothSettled(all: Cluster, side: readonly string[], ms: number): void {
  const settledOn = (isIn: boolean): Member[] =>
    [...all.members.values()].filter((one) => side.includes(one.host.name) === isIn && one.standing === 'settled')
  const both = until(all, () => settledOn(true).length > 0 && settledOn(false).length > 0, ms)
  assert.equal(both, undefined, 'both sides were settled')
}

describe('with real sealing', () => {
  holds('12 members join, die, come back and leave', 3, (seed) => {
    const keys = keyring([Buffer.from('of this install')])
    const all = settled({ seed, nodes: 12, weather: { ...LAN, loss: 0.02 }, wire: (boot) => sealedWire(boot, keys) })
    kill(all, 'node-0003')
    assert.notEqual(
      until(all, () => allSay(all, 'node-0003', 'dead'), 1500),
      undefined,
    )
    start(all, 'node-0003')
    assert.notEqual(
      until(all, () => isSettled(all) && isWhole(all), 2500),
      undefined,
    )
    memberOf(all, 'node-0005').tell({ kind: 'leave' })
    kill(all, 'node-0005')
    assert.notEqual(
      until(all, () => allSay(all, 'node-0005', 'left'), 50),
      undefined,
    )
  })
})
