/** One measured figure: every sample of it, in `unit`. */
export type BenchResult = { readonly name: string; readonly unit: string; readonly samples: readonly number[] }

/** The value below which the share `q` (0 to 1) of the samples lies: nearest rank. */
export function quantile(samples: readonly number[], q: number): number {
  const sorted = samples.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(q * sorted.length) - 1))] ?? Number.NaN
}

const COLUMNS = ['figure', 'unit', 'runs', 'min', 'median', 'p99', 'max'] as const

/** A table for people: one row per figure. */
export function formatResults(results: readonly BenchResult[]): string {
  const rows = results.map(({ name, unit, samples }) => [
    name,
    unit,
    String(samples.length),
    ...[0, 0.5, 0.99, 1].map((q) => rounded(quantile(samples, q))),
  ])
  const table = [[...COLUMNS], ...rows]
  const widths = COLUMNS.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0)))
  const align = (cell: string, column: number): string =>
    column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)
  return table.map((row) => row.map(align).join('  ').trimEnd()).join('\n')
}

/** Three significant digits: more would claim a precision that a shared machine does not have. */
function rounded(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(3))) : '-'
}
