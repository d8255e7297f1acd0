export { type Histogram, histogram, histogramSamples, observe } from './histogram.ts'
export { expose, metricsRegistry, type MetricsRegistry } from './registry.ts'
export { counter, type Family, gauge, histograms, type Labels, one, type Sample, type Series } from './series.ts'
export { type Timings, timed, timings, timingSamples } from './timings.ts'
