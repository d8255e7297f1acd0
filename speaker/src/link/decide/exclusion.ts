/** Which interfaces do not exist for us. */
export type Exclusion = {
  readonly excludes: (name: string) => boolean
  /** The sources that are no regular expressions; they exclude nothing. */
  readonly problems: readonly string[]
}

/** Compiles the exclusion list: unanchored regular expressions, ORed (contract §7.3). */
export function compileExclusion(sources: readonly string[]): Exclusion {
  const problems: string[] = []
  const patterns = sources.flatMap((source) => {
    try {
      return [new RegExp(source)]
    } catch (error) {
      problems.push(`${JSON.stringify(source)} is not a regular expression: ${(error as Error).message}`)
      return []
    }
  })
  return { excludes: (name) => patterns.some((pattern) => pattern.test(name)), problems }
}
