import { type Histogram, histogramSamples } from './histogram.ts'

export type Labels = Readonly<Record<string, string>>

/** One line of an answer. A histogram has several for one set of labels, each with a name of its own. */
export type Sample = { readonly labels: Labels; readonly value: number; readonly metricName?: string }

/** What is known of a metric before anything is measured. */
export type Family = {
  readonly name: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  /** A sentence. */
  readonly help: string
  /** Names of its labels. */
  readonly labels: readonly string[]
  /** How many series there can be, in words: a metric without a bound fills somebody's disk. */
  readonly bound: string
}

/**
 * A metric that is read when somebody asks, from state that is there anyway: what nobody asks for costs nothing. No
 * series is kept, so one whose pool, Service or peer went is gone with it.
 */
export type Series<Source> = Family & { readonly read: (source: Source) => readonly Sample[] }

type About = Pick<Family, 'help' | 'bound'> & { readonly labels?: readonly string[] }

export function gauge<Source>(name: string, about: About, read: Series<Source>['read']): Series<Source> {
  return { name, type: 'gauge', labels: [], ...about, read }
}

/** `read` gives totals, which only ever grow while this process lives; a series that begins anew begins at 0. */
export function counter<Source>(name: string, about: About, read: Series<Source>['read']): Series<Source> {
  return { name, type: 'counter', labels: [], ...about, read }
}

/** @param read the histograms, each with its labels */
export function histograms<Source>(
  name: string,
  about: About,
  read: (source: Source) => Iterable<readonly [Labels, Histogram]>,
): Series<Source> {
  return {
    name,
    type: 'histogram',
    labels: [],
    ...about,
    read: (source) => [...read(source)].flatMap(([labels, one]) => histogramSamples(name, labels, one)),
  }
}

/** The samples of a metric without labels; none for what is not known. */
export function one(value: number | boolean | undefined): readonly Sample[] {
  return value === undefined ? [] : [{ labels: {}, value: Number(value) }]
}
