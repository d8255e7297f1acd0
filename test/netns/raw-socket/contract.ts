/**
 * Runs the contract of LinkIo on the kernel, in the namespace this process is in, and writes a line of
 * JSON for each case: its subject, its name, and what went wrong or null.
 */
import { LINK_IO_CONTRACT } from '@steelyard/raw-socket'
import { kernelBench } from './kernel-bench.ts'

for (const { subject, cases } of LINK_IO_CONTRACT) {
  for (const { name, run } of cases) {
    const started = performance.now()
    const bench = kernelBench()
    let problem: string | null = null
    try {
      run(bench)
    } catch (error) {
      problem = error instanceof Error ? (error.stack ?? error.message) : String(error)
    } finally {
      bench.close()
    }
    const milliseconds = Math.round(performance.now() - started)
    process.stdout.write(`${JSON.stringify({ subject, name, problem, milliseconds })}\n`)
  }
}
