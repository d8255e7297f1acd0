import type { Problem } from './config.ts'

/** As many as a person reads; the rest is counted. Conditions and log lines have limits. */
const MOST_TOLD = 10

/** One line: object, path, what was found and what is accepted. */
export function describeProblem({ object, path, message }: Problem): string {
  return path === '' ? `${object}: ${message}` : `${object}: ${path}: ${message}`
}

/** All problems in one line, for a condition's message or an error log. */
export function describeProblems(problems: readonly Problem[]): string {
  const told = problems.slice(0, MOST_TOLD).map(describeProblem)
  const more = problems.length - told.length
  return [...told, ...(more > 0 ? [`and ${more} more`] : [])].join('; ')
}
