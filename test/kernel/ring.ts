import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { basename } from 'node:path'
import { PassThrough, type Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { parseArgs } from 'node:util'
import { checkMachine, MachineError } from '../lab/packages.ts'
import { ensureKernel } from './guest/build-kernel.ts'
import { allowedProcessors } from './guest/processor.ts'
import { runGuest } from './guest/run-guest.ts'
import { type OuterControlPlane, startOuterControlPlane } from './outer-control-plane.ts'
import { findPlace, placeLine } from './place.ts'

const ROOT = new URL('../..', import.meta.url).pathname
/** Where tests keep what they saw, when they are asked to. */
const FIXTURES = `${ROOT}test/fixtures`
/** A whole lab needs 2 GB; a guest takes of it what it touches. */
const MEMORY_MIB = 4096
/** A guest's one processor has a whole lab on it. And its output is a terminal to what runs inside, whatever ours is. */
const ENVIRONMENT = { LAB_PATIENCE: '5', ...(process.stdout.isTTY ? {} : { NO_COLOR: '1' }) }
/** For the test to take down what it made, before it is killed. */
const GRACE_MS = 20_000

type FileRun = {
  readonly file: string
  readonly timeoutMs: number
  readonly output: Writable
  /** See GuestRun. */
  readonly turn: number
}

/** Runs one test file. @returns undefined when it passed, else what is to be said of it */
type RunFile = (run: FileRun) => Promise<string | undefined>

function testCommand(file: string): readonly [string, ...string[]] {
  return [process.execPath, '--test', '--test-reporter=spec', file]
}

/** Files whose name begins like this start a lab, which finds its control plane outside of the guest. */
const WITH_LAB = 'lab-'

function inGuest(kernel: string): RunFile {
  return async (run) => {
    const outer = hasLab(run.file) ? await startOuterControlPlane(console.log) : undefined
    try {
      return await runInGuest({ ...run, kernel, outer })
    } finally {
      outer?.stop()
    }
  }
}

function hasLab(file: string): boolean {
  return basename(file).startsWith(WITH_LAB)
}

type InGuest = FileRun & {
  readonly kernel: string
  readonly outer: OuterControlPlane | undefined
}

async function runInGuest({ kernel, file, timeoutMs, output, turn, outer }: InGuest): Promise<string | undefined> {
  const end = await runGuest({
    kernel,
    command: testCommand(file),
    folder: ROOT,
    environment: { ...process.env, ...ENVIRONMENT, ...outer?.environment },
    network: outer?.network,
    writable: process.env['GOLDEN'] === 'write' ? [FIXTURES] : [],
    memoryMiB: MEMORY_MIB,
    timeoutMs,
    turn,
    output,
    errors: output,
  })
  if (end.kind === 'timeout') return timeoutText(timeoutMs)
  if (end.kind === 'died') return `its guest died, and said last:\n${end.said}`
  return end.status === 0 ? undefined : `status ${end.status}`
}

const onOwnKernel: RunFile = async ({ file, timeoutMs }) => {
  const [program, ...args] = testCommand(file)
  const child = spawn(program, args, { cwd: ROOT, stdio: 'inherit' })
  const pass = (signal: NodeJS.Signals): void => {
    process.exitCode = 130
    child.kill(signal)
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, pass)
  let timedOut = false
  const end = (): void => {
    timedOut = true
    child.kill('SIGTERM')
  }
  const timers = [setTimeout(end, timeoutMs), setTimeout(() => child.kill('SIGKILL'), timeoutMs + GRACE_MS)]
  const [status] = (await once(child, 'close')) as [number | null]
  for (const timer of timers) clearTimeout(timer)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, pass)
  if (timedOut) return timeoutText(timeoutMs)
  return status === 0 ? undefined : `status ${status ?? 'killed'}`
}

function timeoutText(timeoutMs: number): string {
  return `ended after ${timeoutMs / 60_000} minutes, the time limit of a file`
}

async function runFiles(files: readonly string[], timeoutMs: number): Promise<boolean> {
  checkMachine('kernel')
  const place = findPlace()
  console.log(placeLine(place))
  const runFile = place.kind === 'own' ? onOwnKernel : inGuest(await ensureKernel(console.log))
  // Most of what they do is wait, and each guest has a processor for itself. A lab needs another one beside it.
  const lanes = place.kind === 'own' ? 1 : Math.min(MOST_LANES, allowedProcessors().length)
  const [labs, others] = [files.filter(hasLab), files.filter((file) => !hasLab(file))]
  const failed = [
    ...(await runInLanes(others, lanes, (file, turn) =>
      runOne(runFile, { file, timeoutMs, turn, isAlone: lanes === 1 }),
    )),
    ...(await runInLanes(labs, 1, (file, turn) => runOne(runFile, { file, timeoutMs, turn, isAlone: true }))),
  ]
  console.log(`\nkernel ring: ${files.length - failed.length} of ${files.length} files passed`)
  for (const line of failed) console.log(`FAILED ${line}`)
  return failed.length === 0
}

const MOST_LANES = 2

/** Each lane takes the next file when it is done with one. @returns what is to be said of those that failed */
async function runInLanes(
  files: readonly string[],
  lanes: number,
  run: (file: string, turn: number) => Promise<string | undefined>,
): Promise<readonly string[]> {
  const [queue, failed]: [string[], string[]] = [[...files], []]
  const lane = async (turn: number): Promise<void> => {
    for (let file = queue.shift(); file !== undefined && process.exitCode !== 130; file = queue.shift()) {
      const problem = await run(file, turn)
      if (problem !== undefined) failed.push(`${file}: ${problem}`)
    }
  }
  await Promise.all(Array.from({ length: lanes }, (_, turn) => lane(turn)))
  return failed
}

/** Two files that spoke at once could not be told apart: one that is not alone is shown when it is over. */
async function runOne(
  runFile: RunFile,
  { isAlone, ...run }: Omit<FileRun, 'output'> & { readonly isAlone: boolean },
): Promise<string | undefined> {
  const startedAt = performance.now()
  const kept = new PassThrough()
  console.log(`\n--- ${run.file}${isAlone ? '' : ' begins'}`)
  const said = isAlone ? '' : text(kept)
  const problem = await runFile({ ...run, output: isAlone ? process.stdout : kept })
  kept.end()
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(0)
  console.log(`${await said}--- ${run.file} ${problem ?? 'passed'} (${seconds} s)`)
  return problem
}

/** The kernel ring: each file by itself, in a guest, or one after the other on the machine's own kernel. */
try {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { minutes: { type: 'string' } } })
  const ok = await runFiles(positionals, Number(values.minutes ?? 15) * 60_000)
  if (!ok) process.exitCode ??= 1
} catch (error) {
  console.error(error instanceof MachineError ? error.message : error)
  process.exitCode = 2
}
