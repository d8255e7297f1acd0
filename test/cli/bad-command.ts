import type { World } from './command.ts'

/** A command line or a world that cannot work, and the one line that says so. */
export type BadCommand = {
  readonly what: string
  readonly argv: readonly string[]
  readonly world?: () => World
  readonly exitCode: number
  readonly says: string
}
