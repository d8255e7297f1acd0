import { describe } from 'node:test'
import { cliSuite } from './suites/cli.ts'
import { cliExplainSuite } from './suites/cli-explain.ts'
import { cliPlanSuite } from './suites/cli-plan.ts'
import { withLab } from './suites/cluster.ts'

describe('the command line on a real cluster', () => {
  const lab = withLab('cl', 'iptables')
  cliSuite(lab)
  cliExplainSuite(lab)
  cliPlanSuite(lab)
})
