import { parseArgs } from 'node:util'
import { buildPrograms } from '../../scripts/build.ts'
import { run as runAllocation } from './allocation-pure.ts'
import { run as runArpLatency } from './arp-latency.ts'
import { benchCluster } from './cluster.ts'
import { run as runMembership } from './membership.ts'
import { type BenchResult, formatResults } from './result.ts'

const USAGE = `Usage: npm run bench [-- BENCHMARK ...] [-- --services N --writers N]
  allocation   10 000 addresses of a /8 and of an IPv6 /64, pure
  arp          request → reply with the main thread blocked, in a network namespace
  membership   1000 simulated members: one dies, all know; what 3, 32 and 1000 cost at rest
  cluster      Services created at once in the lab: latency, memory, CPU, restart`

type Values = { readonly services: number; readonly writers: number }

const BENCHMARKS: Readonly<Record<string, (values: Values) => Promise<readonly BenchResult[]>>> = {
  allocation: runAllocation,
  arp: runArpLatency,
  membership: runMembership,
  cluster: benchCluster,
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    services: { type: 'string', default: '1000' },
    writers: { type: 'string', default: '8' },
    help: { type: 'boolean', default: false },
  },
})
const unknown = positionals.filter((name) => !(name in BENCHMARKS))
if (values.help || unknown.length > 0) {
  console.log(unknown.length > 0 ? `unknown benchmark ${unknown.join(', ')}\n${USAGE}` : USAGE)
  process.exit(unknown.length > 0 ? 2 : 0)
}
await buildPrograms()
for (const [name, bench] of Object.entries(BENCHMARKS)) {
  if (positionals.length > 0 && !positionals.includes(name)) continue
  console.error(`\n=== ${name}`)
  console.log(formatResults(await bench({ services: Number(values.services), writers: Number(values.writers) })))
}
