import { compileSpeaker } from './compile-speaker.ts'
import type { Problem } from './config.ts'
import { describeProblem } from './problem.ts'
import { PLACE_OF_KIND, sampleObject, sampleObjects } from './sample-objects.ts'

/** For tests: a rule that one object can break, how the refusal reads, and the nearest spec that passes. */
export type RuleRow = {
  readonly rule: string
  readonly refused: object
  /** Of the first problem. */
  readonly path: string
  /** Words its message must have. */
  readonly tells: readonly string[]
  readonly accepted: object
}

export type Verdict = {
  readonly path: string | undefined
  /** The words of the row, the object's name and "accepted", as far as the message lacks them. */
  readonly untold: readonly string[]
  /** What is found wrong with the neighbour. */
  readonly neighbour: readonly string[]
}

/** Compiles both specs of a row, each as an object named "x" of `kind` that stands alone. */
export function judge(kind: string, row: RuleRow): Verdict {
  const [first] = problemsWith(kind, row.refused)
  const message = first === undefined ? '' : describeProblem(first)
  const words = [`${kind} x: `, 'accepted: ', ...row.tells]
  return {
    path: first?.path,
    untold: words.filter((word) => !message.includes(word)),
    neighbour: problemsWith(kind, row.accepted).map(describeProblem),
  }
}

/** What a row must come to. */
export function verdictOf(row: RuleRow): Verdict {
  return { path: row.path, untold: [], neighbour: [] }
}

export function problemsWith(kind: string, spec: object | undefined): readonly Problem[] {
  const place = PLACE_OF_KIND[kind] ?? 'pools'
  const compiled = compileSpeaker(sampleObjects({ [place]: [sampleObject(kind, 'x', spec)] }), {
    name: 'n1',
    labels: {},
  })
  return compiled.ok ? [] : compiled.problems
}
