import { type Step, runSteps } from './steps.ts'

/** `npm run check`: what can be said of the text of the project without running it. */
export const CHECKS: readonly Step[] = [
  { name: 'types', command: ['node_modules/.bin/tsc', '-p', '.'] },
  { name: 'lint', command: ['node_modules/.bin/oxlint', '--type-aware', '--deny-warnings'] },
  { name: 'format', command: ['node_modules/.bin/oxfmt', '--check', '.'] },
  { name: 'architecture', command: [process.execPath, '--test', '--test-reporter=dot', 'test/architecture.test.ts'] },
]

if (import.meta.main) process.exitCode = (await runSteps(CHECKS)) ? 0 : 1
