/**
 * Ends a program whose flags are wrong: a line for each problem on standard error, exit status 1. The whole usage
 * only helps somebody who looks for a flag that does not exist.
 */
export function refuseStart(program: string, problems: readonly string[], usageText: string): void {
  for (const problem of problems) process.stderr.write(`${program}: ${problem}\n`)
  const looksForFlag = problems.some((problem) => problem.startsWith('unknown flag'))
  process.stderr.write(looksForFlag ? `\n${usageText}` : 'See --help.\n')
  process.exitCode = 1
}
