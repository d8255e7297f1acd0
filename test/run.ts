import { globSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { CHECKS } from './check.ts'
import { runSteps, type Step } from './steps.ts'

const ROOT = new URL('..', import.meta.url).pathname

/** A ring of tests, from the cheapest and purest to the dearest and most real. */
type Ring = {
  readonly name: string
  readonly what: string
  readonly files: readonly string[]
  /**
   * Whether each file has a process of its own, one at a time. Without: all in one process, which saves a start of
   * Node per file and is safe where no module has state.
   */
  readonly ownProcess: boolean
  readonly timeoutMinutes: number
  /** What runs the files, when it is not `node --test` itself; it gets the limit of each file, and the files. */
  readonly program?: string
}

const RINGS: readonly Ring[] = [
  {
    name: 'unit',
    what: 'pure functions, in-memory cluster and Ethernet segment, the rules of the house',
    files: [
      'packages/*/src/**/*.test.ts',
      '{controller,speaker,cli}/src/**/*.test.ts',
      'test/*.test.ts',
      'test/{api-reference,lab,routers,bench,bad-input,bgp-changes,bgp-conformance,cli,metrics,proxy-modes}/**/*.test.ts',
      'test/kernel/*/**/*.test.ts',
    ],
    ownProcess: false,
    timeoutMinutes: 5,
  },
  {
    name: 'sim',
    what: 'whole clusters on a seeded network with a simulated clock; SEEDS=n for more seeds, SEED=n for one',
    files: ['test/sim/**/*.test.ts'],
    ownProcess: false,
    timeoutMinutes: 10,
  },
  {
    name: 'netns',
    what: 'the real kernel, in network namespaces',
    files: ['test/netns/**/*.test.ts'],
    ownProcess: true,
    timeoutMinutes: 10,
  },
  {
    name: 'e2e',
    what: 'real kube-apiserver, kube-proxy and clients',
    files: ['test/e2e/**/*.test.ts'],
    ownProcess: true,
    timeoutMinutes: 30,
  },
  {
    name: 'kernel',
    what: 'what needs a kernel with IPVS, VRF, VLAN, bonds and netem: in guests, where the machine has none such',
    files: ['test/kernel/*.test.ts'],
    ownProcess: true,
    timeoutMinutes: 15,
    program: 'test/kernel/ring.ts',
  },
]

function stepOf(ring: Ring): Step {
  const files = globSync(ring.files, { cwd: ROOT }).toSorted()
  if (files.length === 0) throw new Error(`the ring ${ring.name} has no test files: ${ring.files.join(' ')}`)
  if (ring.program !== undefined) {
    const command = [process.execPath, ring.program, `--minutes=${ring.timeoutMinutes}`, ...files]
    return { name: `${ring.name}: ${ring.what}`, command }
  }
  const isolation = ring.ownProcess ? ['--test-concurrency=1'] : ['--test-isolation=none']
  const limits = [...isolation, `--test-timeout=${ring.timeoutMinutes * 60_000}`]
  return {
    name: `${ring.name}: ${ring.what}`,
    command: [process.execPath, '--test', '--test-reporter=spec', ...limits, ...files],
  }
}

/** Everything that the real rings need and that takes long, done once and with progress shown. */
function prepare(rings: readonly Ring[]): Step {
  const kernel = rings.some(({ name }) => name === 'kernel')
  return {
    name: `set-up: system packages, Kubernetes binaries, bundles${kernel ? ', a kernel' : ''}`,
    command: [process.execPath, 'test/prepare.ts', ...(kernel ? ['kernel'] : [])],
  }
}

function stepsFor(names: readonly string[]): readonly Step[] {
  const known = ['check', ...RINGS.map(({ name }) => name)]
  const unknown = names.filter((name) => !known.includes(name))
  if (unknown.length > 0) throw new Error(`unknown ring ${unknown.join(', ')}: there are ${known.join(', ')}`)
  const wanted = names.length === 0 ? known : known.filter((name) => names.includes(name))
  const rings = RINGS.filter(({ name }) => wanted.includes(name))
  const real = rings.some(({ name }) => name !== 'unit' && name !== 'sim')
  return [...(real ? [prepare(rings)] : []), ...(wanted.includes('check') ? CHECKS : []), ...rings.map(stepOf)]
}

try {
  const { positionals } = parseArgs({ allowPositionals: true, options: {} })
  const ok = await runSteps(stepsFor(positionals))
  if (!ok) process.exitCode ??= 1
} catch (error) {
  console.error(`test: ${error instanceof Error ? error.message : String(error)}`)
  process.exitCode = 2
}
