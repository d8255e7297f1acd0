import { parseArgs } from 'node:util'
import { checkMachine, MachineError } from '../lab/packages.ts'
import { ensureKernel } from './guest/build-kernel.ts'
import { type GuestEnd, type GuestRun, runGuest } from './guest/run-guest.ts'

const USAGE = `usage: node scripts/run.mjs test/kernel/guest.ts [OPTIONS] [-- COMMAND [ARGUMENT ...]]

Runs a command in a guest whose kernel has everything the kernel ring needs, or a shell when none is given.
  --memory MIB     the guest's memory (4096)
  --timeout SEC    ends the guest after that time, with status 124
  --writable DIR   a folder that can be written from inside; may be given again
The status is the command's; 125 when the guest died.`

const STATUS = { timeout: 124, died: 125 } as const

function tell(end: GuestEnd, run: GuestRun): number {
  if (end.kind === 'status') return end.status
  if (end.kind === 'timeout') console.error(`guest: ended after ${(run.timeoutMs ?? 0) / 1000} s, its time limit`)
  else console.error(`guest: it died; it said last:\n${end.said}`)
  return STATUS[end.kind]
}

function readCommandLine(): Omit<GuestRun, 'kernel'> | undefined {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      help: { type: 'boolean', default: false },
      memory: { type: 'string', default: '4096' },
      timeout: { type: 'string' },
      writable: { type: 'string', multiple: true, default: [] },
    },
  })
  if (values.help) return undefined
  const interactive = positionals.length === 0
  if (interactive && !process.stdin.isTTY) throw new MachineError('a shell needs a terminal; give a command instead')
  return {
    command: interactive ? ['bash'] : positionals,
    interactive,
    folder: process.cwd(),
    environment: process.env,
    memoryMiB: Number(values.memory),
    timeoutMs: values.timeout === undefined ? undefined : Number(values.timeout) * 1000,
    writable: values.writable,
    output: process.stdout,
    errors: process.stderr,
  }
}

try {
  const wanted = readCommandLine()
  if (wanted === undefined) console.log(USAGE)
  else {
    checkMachine()
    const run = { ...wanted, kernel: await ensureKernel(console.error) }
    process.exitCode = tell(await runGuest(run), run)
  }
} catch (error) {
  console.error(`guest: ${error instanceof Error ? error.message : String(error)}`)
  process.exitCode = 2
}
