/** Two threads use the addon at once; a wake from one reaches the other in poll; an ended one leaves nothing open. */
import { kernelIo } from '@steelyard/raw-socket'
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { kernelBench } from './kernel-bench.ts'

const BATCHES = 200
/** So few that the receiver's buffer has room for them. */
const BATCH = 100
const WAKES = 50
const bench = kernelBench()
const io = kernelIo()
const filter = [
  { code: 0x28, jt: 0, jf: 0, k: 12 },
  { code: 0x15, jt: 0, jf: 1, k: 0x88b5 },
  { code: 0x06, jt: 0, jf: 0, k: 65535 },
  { code: 0x06, jt: 0, jf: 0, k: 0 },
]
const packetSockets = (): number => readFileSync('/proc/net/packet', 'utf8').trim().split('\n').length - 1

const wake = io.openWake()
const before = bench.openDescriptors()
const data = { ifindex: bench.far.ifindex, handle: wake.handle, filter, batch: BATCH }
const worker = new Worker(new URL('threads-worker.ts', import.meta.url), { workerData: data })
await once(worker, 'message')
assert.equal(packetSockets(), 1)

const near = io.openPacket({ ifindex: bench.near.ifindex, filter })
const frame = Uint8Array.from([...bench.far.mac, ...bench.near.mac, 0x88, 0xb5, 0, 0, 0, 0])

const waits: number[] = []
for (let count = 0; count < WAKES; count++) {
  // So that the worker sits in poll again.
  await sleep(2)
  const woken = once(worker, 'message')
  const at = Number(process.hrtime.bigint()) / 1e6
  wake.wake()
  const [news] = await woken
  assert.equal(news.kind, 'woken')
  waits.push(news.at - at)
}
waits.sort((a, b) => a - b)
const [median, worst] = [waits[WAKES / 2]!, waits.at(-1)!]

for (let batch = 1; batch <= BATCHES; batch++) {
  const received = once(worker, 'message')
  for (let count = 0; count < BATCH; count++) near.send(frame)
  // The main thread's own use of the module while the other receives.
  io.openNetlink().close()
  assert.deepEqual(await received, [{ kind: 'received', frames: batch * BATCH }])
}
const seen = once(worker, 'message')
near.send(frame.with(14, 0xff))
assert.deepEqual(await seen, [{ kind: 'ended' }])

near.close()
await worker.terminate()
assert.equal(packetSockets(), 0, 'the socket of the worker that was ended is still open')
assert.ok(bench.openDescriptors() <= before + 1, `descriptors: ${before} before, ${bench.openDescriptors()} after`)
wake.wake()
assert.deepEqual(io.poll([wake.fd], 1000), [wake.fd], 'the main thread lost its descriptor to the worker')
bench.close()
console.log(
  `${BATCHES * BATCH} frames between threads; wake to return from poll: median ${median.toFixed(3)} ms, worst ${worst.toFixed(3)} ms`,
)
