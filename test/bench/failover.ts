import { apiAway, balance, cost, saturation } from './failover/endurance.ts'
import { type Figures, newFigures } from './failover/figures.ts'
import { runOnce } from './failover/measure.ts'
import { type Scenario, SCENARIOS } from './failover/scenarios.ts'
import { onStage, type Stage, type StageOptions } from './failover/stage.ts'
import { restartStorm } from './failover/storm.ts'
import type { BenchResult } from './result.ts'

export type FailoverBench = {
  /** Of each scenario; those that take a minute each are run three times at most. */
  readonly runs: number
  /** One scenario by name; all of them when undefined. */
  readonly only?: string | undefined
}

type Experiment = {
  readonly name: string
  readonly stage: Omit<StageOptions, 'suffix'>
  readonly mostRuns?: number
  readonly run: (stage: Stage, figures: Figures, run: number) => Promise<void>
}

/** Not the same as other labs' of this machine, and short: interface names are built of it. */
const SUFFIX = 'fo'
const LONG_RUNS = 3

const EXPERIMENTS: readonly Experiment[] = [
  ...SCENARIOS.map(experimentOf),
  { name: 'storm', stage: { addresses: 50 }, mostRuns: LONG_RUNS, run: restartStorm },
  { name: 'saturation', stage: { addresses: 10 }, mostRuns: LONG_RUNS, run: saturation },
  { name: 'api-away', stage: {}, mostRuns: LONG_RUNS, run: apiAway },
  { name: 'balance', stage: { addresses: 30 }, mostRuns: 1, run: balance },
  { name: 'cost', stage: {}, mostRuns: 1, run: cost },
]

export const FAILOVER_NAMES: readonly string[] = EXPERIMENTS.map(({ name }) => name)

function experimentOf(scenario: Scenario): Experiment {
  return {
    name: scenario.name,
    stage: {
      ...(scenario.secondLan === true ? { lan: 'second' as const } : {}),
      ...(scenario.policy === undefined ? {} : { policy: scenario.policy }),
    },
    run: (stage, figures) => runOnce(stage, scenario, figures),
  }
}

/** What a client on the LAN sees when nodes and speakers fail, each experiment in a lab of its own. */
export async function benchFailover({ runs, only }: FailoverBench): Promise<readonly BenchResult[]> {
  const results: BenchResult[] = []
  for (const experiment of EXPERIMENTS.filter(({ name }) => only === undefined || name === only)) {
    results.push(
      ...(await onStage({ suffix: SUFFIX, ...experiment.stage }, (stage) => repeat(stage, experiment, runs))),
    )
  }
  return results
}

async function repeat(stage: Stage, experiment: Experiment, runs: number): Promise<readonly BenchResult[]> {
  const figures = newFigures()
  const count = Math.min(runs, experiment.mostRuns ?? runs)
  for (let run = 0; run < count; run++) {
    await experiment.run(stage, figures, run)
    console.error(`${experiment.name}: run ${run + 1} of ${count}`)
  }
  return figures.results()
}
