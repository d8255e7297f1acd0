import { describe } from 'node:test'
import { withBareLab } from './suites/bare-lab.ts'
import { cliPlanSetsSuite } from './suites/cli-plan-sets.ts'

describe('steelyard plan, and the API server after it', () => {
  cliPlanSetsSuite(withBareLab('cp', { nodes: 1 }))
})
