import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Random, seededRandom } from '@steelyard/runtime'
import { type ElectionFixture, electionFixture, type Replica } from './election-fixture.ts'

const RUNS = 25
const STEPS = 1500
const STEP_MS = 40

type Fleet = { readonly fixture: ElectionFixture; readonly replicas: Replica[]; readonly everyone: Set<Replica> }
type Fault = (replica: Replica, random: Random, fleet: Fleet) => void

/** What happens to a replica; healing is listed more than once, so that there is something to disturb. */
const FAULTS: readonly Fault[] = [
  ({ api }) => api.faults.partition(true),
  ({ api }) => api.faults.stallWatches(true),
  ({ api }) => api.faults.endWatches({}),
  ({ api }, random) => api.faults.failNext(Math.ceil(random() * 8), { status: 500 }),
  ({ api }, random) => api.faults.loseNextAnswers(Math.ceil(random() * 3)),
  ({ api }, random) => api.faults.delay(random() * 900),
  (replica, _random, { fixture, replicas, everyone }) => {
    fixture.crash(replica)
    add({ fixture, replicas, everyone }, replicas.indexOf(replica), `life-${fixture.clock.now()}`)
  },
  ({ leadership }) => void leadership.stop(),
  ...Array.from(
    { length: 6 },
    (): Fault =>
      ({ api }) =>
        api.faults.heal(),
  ),
]

/** Puts a new replica in a place. Its program ends when it lost or gave up the Lease, and then another stands there. */
function add(fleet: Fleet, place: number, name: string, clockRate?: number): void {
  const replica = fleet.fixture.start(name, clockRate)
  fleet.replicas[place] = replica
  fleet.everyone.add(replica)
  const replace = (): void => {
    if (fleet.replicas[place] === replica) add(fleet, place, `${name}'`, clockRate)
  }
  replica.leadership.ended.then(replace, assert.ifError)
}

function disturb(fleet: Fleet, random: Random): void {
  if (random() > 0.04) return
  const replica = fleet.replicas[Math.floor(random() * fleet.replicas.length)]
  if (replica !== undefined) FAULTS[Math.floor(random() * FAULTS.length)]?.(replica, random, fleet)
}

describe('whatever happens to three replicas whose clocks run unevenly', () => {
  for (let seed = 1; seed <= RUNS; seed++) {
    it(`never two may act at one time, and in the end one does (seed ${seed})`, async () => {
      const random = seededRandom(seed)
      const fleet: Fleet = { fixture: electionFixture(), replicas: [], everyone: new Set() }
      const { fixture, replicas, everyone } = fleet
      for (const [place, rate] of [0.99, 1.01, 1].entries()) add(fleet, place, `replica-${place}`, rate)
      let acted = 0
      for (let step = 0; step < STEPS; step++) {
        disturb(fleet, random)
        for (const { leadership } of replicas) void leadership.confirm()
        await fixture.clock.advanceAsync(STEP_MS)
        const acting = [...everyone].filter(({ leadership }) => leadership.stillLeader()).map(({ name }) => name)
        assert.ok(acting.length <= 1, `${acting.join(' and ')} both act after ${fixture.clock.now()} ms`)
        acted += acting.length
      }
      assert.ok(acted > STEPS / 4, `somebody acted in ${acted} of ${STEPS} steps`)
      for (const { api } of replicas) api.faults.heal()
      await fixture.clock.advanceAsync(20_000)
      const answers = Promise.all(replicas.map(({ leadership }) => leadership.confirm()))
      await fixture.clock.advanceAsync(2000)
      assert.equal((await answers).filter((may) => may).length, 1)
    })
  }
})
