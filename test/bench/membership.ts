import { encodeMessage, keyring, sealedWire } from '@steelyard/membership'
import {
  type Cluster,
  cluster,
  isSettled,
  isWhole,
  kill,
  memberOf,
  pass,
  start,
  startAll,
  until,
} from '../sim/cluster.ts'
import { type Member, statusOf } from '../sim/member.ts'
import { messageOf, plainWire } from '../sim/wires.ts'
import type { BenchResult } from './result.ts'

const MANY = 1000
/** Clusters that are built, each from a seed of its own, and the members that die in each, one after the other. */
const CLUSTERS = 2
const DEATHS = 50
/** Header and tag of an envelope. */
const ENVELOPE_BYTES = 43
const REST_MS = { few: 20_000, many: 5000 }

/**
 * Simulated members: times are of the simulated clock, and say what the protocol costs, not the machine. Processor
 * time is the machine's, simulator included; among many nothing is sealed.
 */
export async function run(): Promise<readonly BenchResult[]> {
  return [...costOf(3), ...costOf(32), ...amongMany()]
}

/** What it costs to be members while nobody comes and nobody goes. */
function costOf(nodes: number): BenchResult[] {
  const keys = keyring([Buffer.from('bench')])
  const all = cluster({ seed: 1, nodes, wire: (boot) => sealedWire(boot, keys) })
  startAll(all)
  becomeWhole(all)
  return atRest(all, REST_MS.few, ({ length }) => length)
}

function atRest(all: Cluster, ms: number, sizeOf: (bytes: Uint8Array) => number): BenchResult[] {
  let [packets, bytes] = [0, 0]
  for (const member of all.members.values()) {
    member.onEffect = (effect) => {
      if (effect.kind !== 'send') return
      packets += 1
      bytes += sizeOf(effect.bytes)
    }
  }
  const started = process.cpuUsage()
  pass(all, ms)
  const { user, system } = process.cpuUsage(started)
  for (const member of all.members.values()) member.onEffect = () => {}
  const seconds = all.names.length * (ms / 1000)
  const name = `${all.names.length} members at rest`
  return [
    { name, unit: 'packets/s sent by each', samples: [packets / seconds] },
    { name, unit: 'kB/s sent by each', samples: [bytes / 1000 / seconds] },
    { name, unit: '% of a processor for each', samples: [(user + system) / 1e4 / seconds] },
  ]
}

function amongMany(): BenchResult[] {
  const [known, joined]: [number[], number[]] = [[], []]
  const rest: BenchResult[] = []
  for (let seed = 1; seed <= CLUSTERS; seed++) {
    const all = cluster({ seed, nodes: MANY, turnMs: 1, wire: (boot) => plainWire(boot) })
    console.error(`  ${MANY} members, seed ${seed}`)
    startAll(all, 1000)
    becomeWhole(all)
    pass(all, 1000)
    if (seed === 1) rest.push(...atRest(all, REST_MS.many, (bytes) => ENVELOPE_BYTES + encodedLength(bytes)))
    for (let death = 0; death < DEATHS; death++) dieAndReturn(all, known, joined)
  }
  return [
    ...rest,
    { name: `one of ${MANY} members dies, all know`, unit: 'ms', samples: known },
    { name: `it starts again and is settled`, unit: 'ms', samples: joined },
  ]
}

const encodedLength = (bytes: Uint8Array): number => encodeMessage(messageOf(bytes)).length

function dieAndReturn(all: Cluster, known: number[], joined: number[]): void {
  const victim = all.names[Math.floor(all.net.random() * all.names.length)] ?? ''
  pass(all, all.net.random() * 200)
  kill(all, victim)
  const ignorant = new Set<Member>(all.members.values())
  known.push(until(all, () => haveLearnt(ignorant, victim), 60_000) ?? Number.POSITIVE_INFINITY)
  start(all, victim)
  joined.push(until(all, () => memberOf(all, victim).standing === 'settled', 5000) ?? Number.POSITIVE_INFINITY)
  becomeWhole(all)
}

/** Strikes off who knows. */
function haveLearnt(ignorant: Set<Member>, victim: string): boolean {
  for (const member of ignorant) {
    if (statusOf(member, victim) !== 'dead') return false
    ignorant.delete(member)
  }
  return true
}

function becomeWhole(all: Cluster): void {
  let isSo = false
  for (let waits = 0; waits < 20 && !isSo; waits++) {
    isSo = isSettled(all) && isWhole(all)
    if (!isSo) pass(all, 250)
  }
  if (!isSo) throw new Error(`${all.names.length} members are not one cluster after 5 s`)
}
