import { type Clock, type FakeClock, fakeClock, seededRandom } from '@steelyard/runtime'
import { memoryApi, type MemoryApi, memoryCluster, type MemoryCluster } from '../memory/memory-api.ts'
import type { Lease } from '../objects.ts'
import { LEASES } from '../resources.ts'
import { type Leadership, runForLeader } from './run-for-leader.ts'

const REF = { namespace: 'metallb-system', name: 'steelyard-controller' }
const quiet = { debug: () => {}, info: () => {}, warn: () => {} }

export type Replica = { readonly name: string; readonly api: MemoryApi; readonly leadership: Leadership }

export type ElectionFixture = {
  readonly clock: FakeClock
  readonly cluster: MemoryCluster
  /** Starts one; its clock may run fast or slow. */
  readonly start: (name: string, clockRate?: number) => Replica
  /** SIGKILL: it never hears or says anything again. */
  readonly crash: (replica: Replica) => void
  readonly lease: () => Lease | undefined
  /** Moves time on in small steps until `holds`; the answer is how long it took, by the fixture's clock. */
  readonly until: (holds: () => boolean, limitMs: number) => Promise<number>
  readonly writes: () => number
}

/** Replicas on one memory cluster, each with a client that can be broken by itself. */
export function electionFixture(): ElectionFixture {
  const clock = fakeClock()
  const cluster = memoryCluster(() => new Date(clock.now()))
  const replicas: Replica[] = []
  const start = (name: string, clockRate = 1): Replica => {
    const own = atRate(clock, clockRate)
    const api = memoryApi({ cluster, clock: own })
    const random = seededRandom(replicas.length + 1)
    const timeOfDay = (): Date => new Date(own.now())
    const options = { ...REF, identity: name, clock: own, timeOfDay, random, log: quiet }
    const replica = { name, api, leadership: runForLeader(api, options) }
    replicas.push(replica)
    return replica
  }
  return {
    clock,
    cluster,
    start,
    crash: ({ api }) => {
      api.faults.partition(true)
      api.faults.failNext(Infinity, {})
    },
    lease: () => cluster.read(LEASES, REF),
    until: (holds, limitMs) => passUntil(clock, holds, limitMs),
    writes: () => replicas.reduce((sum, { api }) => sum + api.writes().length, 0),
  }
}

async function passUntil(clock: FakeClock, holds: () => boolean, limitMs: number): Promise<number> {
  const since = clock.now()
  while (!holds() && clock.now() - since < limitMs) await clock.advanceAsync(10)
  return holds() ? clock.now() - since : Infinity
}

/** Another machine's monotonic clock: it runs at its own rate and started at its own time. */
function atRate(clock: Clock, rate: number): Clock {
  const offset = 12_345 * rate
  return {
    now: () => clock.now() * rate + offset,
    // A little late, so that rounding never makes it early.
    wakeAt: (when, wake) => clock.wakeAt((when - offset) / rate + 0.001, wake),
  }
}
