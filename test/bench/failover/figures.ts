import type { BenchResult } from '../result.ts'

/** Collects samples of figures, run by run. */
export type Figures = {
  /** Notes one sample; undefined: there was nothing to measure in this run, and the figure has a run less. */
  readonly add: (name: string, unit: string, sample: number | undefined) => void
  readonly results: () => readonly BenchResult[]
}

export function newFigures(): Figures {
  const figures = new Map<string, { readonly unit: string; readonly samples: number[] }>()
  return {
    add: (name, unit, sample) => {
      const figure = figures.get(name) ?? { unit, samples: [] }
      if (sample !== undefined) figure.samples.push(sample)
      figures.set(name, figure)
    },
    results: () => [...figures].map(([name, figure]) => ({ name, ...figure })),
  }
}
