import { describe } from 'node:test'
import { withBareLab } from './suites/bare-lab.ts'
import { cliExplainScenariosSuite } from './suites/cli-explain-scenarios.ts'

describe('steelyard explain, and what is wrong for real', () => {
  cliExplainScenariosSuite(withBareLab('ce', { routers: 1 }))
})
