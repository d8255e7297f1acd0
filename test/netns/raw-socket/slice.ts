/** A thread asks for short slices: it alone gets them, and keeps its policy and niceness. */
import { kernelIo } from '@steelyard/raw-socket'
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync, readlinkSync } from 'node:fs'
import { isMainThread, parentPort, Worker } from 'node:worker_threads'

const ASKED_NS = 200_000
const SHORTEST_NS = 100_000
const LONGEST_NS = 100_000_000

/** proc_pid_stat(5): nice is the 19th field, policy the 41st. */
function schedulingOf(thread: string): string[] {
  const fields = readFileSync(`/proc/self/task/${thread}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ')
  return [19, 41].map((field) => fields[field - 3] ?? assert.fail(`no field ${field}`))
}

function inWorker(): void {
  const thread = readlinkSync('/proc/thread-self').split('/').at(-1) ?? ''
  const before = schedulingOf(thread)
  const io = kernelIo()
  const slices = [ASKED_NS, 1, 2 ** 31 - 1, ASKED_NS].map((asked) => io.setSlice(asked))
  parentPort?.postMessage({ slices, before, after: schedulingOf(thread) })
}

async function inMain(): Promise<void> {
  const ownSlice = (): string | undefined => /se\.slice\s*:\s*(\d+)/.exec(readFileSync('/proc/self/sched', 'utf8'))?.[1]
  const own = ownSlice()
  const [{ slices, before, after }] = await once(new Worker(new URL(import.meta.url)), 'message')
  assert.deepEqual(after, before)
  assert.equal(ownSlice(), own, 'the main thread got a slice that it did not ask for')
  const isKnown = slices[0] !== 0
  assert.deepEqual(slices, isKnown ? [ASKED_NS, SHORTEST_NS, LONGEST_NS, ASKED_NS] : [0, 0, 0, 0])
  console.log(isKnown ? `a slice of ${ASKED_NS / 1000} µs` : 'this kernel has no slices to ask for, and says so')
}

if (isMainThread) await inMain()
else inWorker()
