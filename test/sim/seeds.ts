import { it } from 'node:test'

/** A run of a simulation. It throws when something does not hold that must. */
export type Simulation = (seed: number, figures: Figures) => void

/** Notes durations under a name; what they come to over all seeds is told with the test. */
export type Figures = (name: string, lengths: readonly number[]) => void

/** One seed (`SEED`), or so many (`SEEDS`) from 1 on. */
function seedsOf(count: number): readonly number[] {
  const one = process.env['SEED']
  if (one !== undefined) return [Number(one)]
  const many = Number(process.env['SEEDS'] ?? count)
  if (!Number.isSafeInteger(many) || many < 1)
    throw new Error(`SEEDS is ${process.env['SEEDS']}: a number of seeds is accepted`)
  return Array.from({ length: many }, (_, index) => index + 1)
}

/** A test that holds for each of `count` seeds. The first that fails is told, with the command that repeats it. */
export function holdsForSeeds(
  name: string,
  { file, count }: { file: string; count: number },
  simulate: Simulation,
): void {
  it(name, (test) => {
    const noted = new Map<string, number[]>()
    const figures: Figures = (what, lengths) => void noted.set(what, [...(noted.get(what) ?? []), ...lengths])
    for (const seed of seedsOf(count)) {
      try {
        simulate(seed, figures)
      } catch (error) {
        const command = `SEED=${seed} node_modules/.bin/node --conditions=source --test --test-name-pattern='${name}' ${file}`
        throw new Error(`it does not hold for seed ${seed}; to repeat it:\n  ${command}`, { cause: error })
      }
    }
    for (const [what, lengths] of noted) test.diagnostic(`${name}: ${what} ${summaryOf(lengths)}`)
  })
}

function summaryOf(lengths: readonly number[]): string {
  const sorted = lengths.toSorted((a, b) => a - b)
  const at = (share: number): string => (sorted[Math.floor(share * (sorted.length - 1))] ?? 0).toFixed(1)
  return sorted.length === 0 ? 'never' : `p50 ${at(0.5)} ms, most ${at(1)} ms, of ${sorted.length}`
}
