import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import type { Readable, Writable } from 'node:stream'
import { inNamespace } from '../../lab/command.ts'
import { endWithProcess } from '../../lab/end.ts'
import { confined } from './confined.ts'
import { type Job, jobScript } from './job.ts'
import { onOneProcessor } from './processor.ts'

export type GuestRun = Job & {
  /** The file of the guest's kernel, a program for this machine. */
  readonly kernel: string
  /** The guest's memory; taken from the machine page by page, when first used. */
  readonly memoryMiB: number
  /** Undefined for no limit. */
  readonly timeoutMs?: number | undefined
  /** Left out, the guest is on no network. */
  readonly network?: GuestNetwork | undefined
  /** Guests that run at the same time have different ones, and so different processors; 0 unless told. */
  readonly turn?: number
  readonly output: Writable
  readonly errors: Writable
}

/** A tap in a network namespace of the machine; the guest's end of it is its interface `vec0`. */
export type GuestNetwork = { readonly namespace: string; readonly tap: string }

/** How a guest came to its end. */
export type GuestEnd =
  | { readonly kind: 'status'; readonly status: number }
  | { readonly kind: 'timeout' }
  /** It never told a status: what it and its kernel said last. */
  | { readonly kind: 'died'; readonly said: string }

const INIT = new URL('init.sh', import.meta.url).pathname
const SHARED = '/dev/shm'
/** The descriptors of the kernel's process: where its consoles end. In the order of `stdio` below. */
const FD = { job: 3, output: 4, errors: 5, messages: 6, status: 7 } as const
const KEPT_CHARACTERS = 4000

/**
 * Runs before the kernel, in namespaces of its own: a /dev/shm that is the guest's alone holds its memory, its job and
 * its management socket. So whatever ends the guest, nothing stays, and a small /dev/shm of the machine does not matter.
 */
const STAGE = `set -e
mount -t tmpfs -o "size=$1" tmpfs ${SHARED}
shift
mkdir ${SHARED}/uml
cat <&${FD.job} >${SHARED}/job
exec "$@" </dev/null ${FD.job}<&-`

/**
 * Starts a guest, runs one command in it and ends it. The machine's files are there, read-only under an overlay in the
 * guest's memory. The guest ends with this process, however that ends, and leaves nothing behind.
 */
export async function runGuest(run: GuestRun): Promise<GuestEnd> {
  const restoreTerminal = run.interactive === true ? keepTerminal() : (): void => {}
  const child = startKernel(run)
  const kill = (): void => {
    child.kill('SIGKILL')
    restoreTerminal()
  }
  const release = endWithProcess(kill, true)
  const closed = once(child, 'close')
  const said = collect(child, run)
  let timedOut = false
  const onTimeout = (): void => {
    timedOut = true
    kill()
  }
  const timer = run.timeoutMs === undefined ? undefined : setTimeout(onTimeout, run.timeoutMs)
  try {
    const status = await readStatus(readableOf(child, FD.status))
    kill()
    await closed
    if (status !== undefined) return { kind: 'status', status }
    return timedOut ? { kind: 'timeout' } : { kind: 'died', said: said() }
  } finally {
    clearTimeout(timer)
    release()
  }
}

function startKernel(run: GuestRun): ChildProcess {
  const [program, ...args] = confined([
    ...(run.network === undefined ? [] : inNamespace(run.network.namespace)),
    ...onOneProcessor(run.turn ?? 0),
    'sh',
    '-c',
    STAGE,
    'sh',
    // The file that is the guest's memory, the job, and a page for each.
    `${run.memoryMiB + 16}m`,
    run.kernel,
    ...kernelParameters(run),
  ])
  const child = spawn(program, args, {
    stdio: [
      'ignore',
      'pipe',
      'pipe',
      'pipe',
      run.interactive === true ? process.stdin.fd : 'pipe',
      'pipe',
      'pipe',
      'pipe',
    ],
    env: { ...process.env, TMPDIR: SHARED },
    // A Ctrl-C at the terminal is for us: we end the guest.
    detached: true,
  })
  const job = child.stdio[FD.job] as Writable
  // A kernel that does not start closes it; the guest's end tells.
  job.on('error', () => {})
  job.end(jobScript(run))
  return child
}

function kernelParameters({ memoryMiB, interactive, network }: GuestRun): readonly string[] {
  const output = interactive === true ? `fd:${FD.output}` : `null,fd:${FD.output}`
  return [
    // Twice as fast as ptrace, where the machine's kernel allows it.
    'seccomp=auto',
    `mem=${memoryMiB}M`,
    `uml_dir=${SHARED}/uml/`,
    'umid=guest',
    'root=none',
    'rootfstype=hostfs',
    'hostfs=/',
    'ro',
    'init=/bin/sh',
    `JOB=${SHARED}`,
    'con=null',
    `con0=${output}`,
    `con1=null,fd:${FD.errors}`,
    `con2=null,fd:${FD.messages}`,
    `con3=null,fd:${FD.status}`,
    'console=tty2',
    'quiet',
    // Built in, these make devices at boot.
    'bonding.max_bonds=0',
    'dummy.numdummies=0',
    'ifb.numifbs=0',
    // Without depth and gro TCP crawls ("Incoming GSO frames and GRO disabled").
    ...(network === undefined ? [] : [`vec0:transport=tap,ifname=${network.tap},depth=128,gro=1`]),
    // For init.
    '--',
    INIT,
  ]
}

/**
 * Passes on what the job says. A kernel in panic stands still for ever, so it is ended here.
 * @returns what the guest's kernel said last, for who asks why it died
 */
function collect(child: ChildProcess, { interactive, output, errors }: GuestRun): () => string {
  if (interactive !== true) readableOf(child, FD.output).pipe(output, { end: false })
  readableOf(child, FD.errors).pipe(errors, { end: false })
  let said = ''
  for (const stream of [child.stdout, child.stderr, readableOf(child, FD.messages)]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-KEPT_CHARACTERS)
      if (said.includes('Kernel panic')) child.kill('SIGKILL')
    })
  }
  return () => said.trim()
}

function readableOf({ stdio }: ChildProcess, descriptor: number): Readable {
  return (stdio as readonly unknown[])[descriptor] as Readable
}

/** The number that the guest reports; undefined when it ends without one. */
async function readStatus(stream: Readable): Promise<number | undefined> {
  let text = ''
  for await (const part of stream.setEncoding('utf8')) {
    text += part as string
    if (text.includes('\n')) break
  }
  return /^\d+\s*$/.test(text) ? Number.parseInt(text, 10) : undefined
}

/** The guest makes the terminal raw, and is killed: gives what puts it back. */
function keepTerminal(): () => void {
  const stdio = ['inherit', 'pipe', 'ignore'] as const
  const kept = spawnSync('stty', ['-g'], { stdio: [...stdio], encoding: 'utf8' }).stdout.trim()
  return () => void spawnSync('stty', [kept], { stdio: [...stdio] })
}
