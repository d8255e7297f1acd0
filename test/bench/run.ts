import { parseArgs } from 'node:util'
import { buildPrograms } from '../../scripts/build.ts'
import { run as runAllocation } from './allocation-pure.ts'
import { run as runArpLatency } from './arp-latency.ts'
import { benchBgp, BGP_NAMES } from './bgp-cluster.ts'
import { run as runBgpFuzz } from './bgp-fuzz.ts'
import { run as runBgpUpdates } from './bgp-updates.ts'
import { benchCluster } from './cluster.ts'
import { benchFailover, FAILOVER_NAMES } from './failover.ts'
import { run as runBfd } from './bfd.ts'
import { run as runMembership } from './membership.ts'
import { type BenchResult, formatResults } from './result.ts'

const USAGE = `Usage: npm run bench [-- BENCHMARK ...] [--services N --writers N] [--runs N --only NAME]
  allocation   10 000 addresses of a /8 and of an IPv6 /64, pure
  arp          request → reply with the main thread blocked, in a network namespace
  bfd          200 sessions of 50 ms × 3 on one core, for a minute: alone, and with both cores saturated
  membership   1000 simulated members: one dies, all know; what 3, 32 and 1000 cost at rest
  bgp-fuzz     10 million mutated BGP messages: the slowest parse, what the heap grows by
  bgp-updates  10 000 routes to 4 peers over loopback TCP, all alike and all different; one change beside them
  cluster      Services created at once in the lab: latency, memory, CPU, restart
  bgp          in the lab with a router: Services until their paths are known, link cuts with BFD, speakers restarted; --runs, --only one of:
               ${BGP_NAMES.join(' ')}
  failover     what a client sees when nodes and speakers fail, in the lab; --runs of each (10), --only one of:
               ${FAILOVER_NAMES.join(' ')}`

type Values = {
  readonly services: number
  readonly writers: number
  readonly runs: number
  readonly only: string | undefined
}

const BENCHMARKS: Readonly<Record<string, (values: Values) => Promise<readonly BenchResult[]>>> = {
  allocation: runAllocation,
  arp: runArpLatency,
  bfd: runBfd,
  membership: runMembership,
  'bgp-fuzz': runBgpFuzz,
  'bgp-updates': runBgpUpdates,
  cluster: benchCluster,
  bgp: benchBgp,
  failover: benchFailover,
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    services: { type: 'string', default: '1000' },
    writers: { type: 'string', default: '8' },
    runs: { type: 'string', default: '10' },
    only: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})
const unknown = [
  ...positionals.filter((name) => !(name in BENCHMARKS)),
  ...(values.only === undefined || [...FAILOVER_NAMES, ...BGP_NAMES].includes(values.only)
    ? []
    : [`--only ${values.only}`]),
  ...(/^[1-9]\d{0,3}$/.test(values.runs) ? [] : [`--runs ${values.runs}`]),
]
if (values.help || unknown.length > 0) {
  console.log(unknown.length > 0 ? `unknown benchmark ${unknown.join(', ')}\n${USAGE}` : USAGE)
  process.exit(unknown.length > 0 ? 2 : 0)
}
const settings: Values = {
  services: Number(values.services),
  writers: Number(values.writers),
  runs: Number(values.runs),
  only: values.only,
}
await buildPrograms()
for (const [name, bench] of Object.entries(BENCHMARKS)) {
  if (positionals.length > 0 && !positionals.includes(name)) continue
  console.error(`\n=== ${name}`)
  console.log(formatResults(await bench(settings)))
}
