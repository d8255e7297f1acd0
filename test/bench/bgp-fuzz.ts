import { seededRandom } from '@steelyard/runtime'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { decodeMessage, inspectMessage, type WireTerms } from '../../packages/bgp-ts/src/index.ts'
import { CORPUS } from '../../packages/bgp-ts/src/testing/corpus.ts'
import { mutated } from '../../packages/bgp-ts/src/testing/mutation.ts'
import type { BenchResult } from './result.ts'

const MESSAGES = 10_000_000
/** Messages before the first look at the heap: the compiler has seen all there is. */
const WARM_UP = 200_000
/** One parse in so many is a sample of the usual; the slowest is sought among all. */
const SAMPLE_EVERY = 1000
const TERMS: readonly WireTerms[] = [
  { fourOctetAsn: true, extendedMessage: false, internal: false },
  { fourOctetAsn: true, extendedMessage: true, internal: true },
  { fourOctetAsn: false, extendedMessage: false, internal: false },
]

/**
 * Mutates the corpus of messages ten million times. Each must be a value: what throws ends the run.
 */
export async function run(): Promise<readonly BenchResult[]> {
  const seeds = [...CORPUS.values()]
  const random = seededRandom(7606)
  const kinds = new Map<string, number>()
  const [samples, slowest]: [number[], { ms: number; bytes: number }] = [[], { ms: 0, bytes: 0 }]
  let before = 0
  for (let count = 0; count < WARM_UP + MESSAGES; count++) {
    if (count === WARM_UP) before = heapMiB()
    const bytes = mutated(random, seeds)
    const terms = TERMS[count % TERMS.length] ?? TERMS[0]!
    const parse = () => (count % 2 === 0 ? decodeMessage(bytes, terms) : inspectMessage(bytes, terms))
    const { kind, ms } = timed(parse)
    if (count < WARM_UP) continue
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1)
    if (count % SAMPLE_EVERY === 0) samples.push(ms * 1000)
    if (ms <= slowest.ms) continue
    // Others have the processor too, for longer than any parse: slow is what is slow three times.
    const again = Math.min(ms, timed(parse).ms, timed(parse).ms)
    if (again > slowest.ms) Object.assign(slowest, { ms: again, bytes: bytes.length })
  }
  const after = heapMiB()
  return [
    { name: 'one parse', unit: 'µs', samples },
    { name: `the slowest of all, of ${slowest.bytes} bytes`, unit: 'µs', samples: [slowest.ms * 1000] },
    ...[...kinds].map(([kind, count]) => ({ name: `messages that were: ${kind}`, unit: 'n', samples: [count] })),
    { name: 'heap before', unit: 'MiB', samples: [before] },
    { name: 'heap after', unit: 'MiB', samples: [after] },
  ]
}

function timed(parse: () => { readonly kind: string }): { kind: string; ms: number } {
  const started = performance.now()
  const { kind } = parse()
  return { kind, ms: performance.now() - started }
}

/** What is in use once the garbage is gone. */
function heapMiB(): number {
  setFlagsFromString('--expose-gc')
  ;(runInNewContext('gc') as () => void)()
  return process.memoryUsage().heapUsed / 2 ** 20
}
