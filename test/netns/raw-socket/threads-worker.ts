/** The other thread of `threads.ts`: polls for frames and wakes, and says what it saw. */
import { kernelIo } from '@steelyard/raw-socket'
import assert from 'node:assert/strict'
import { parentPort, workerData } from 'node:worker_threads'

const { ifindex, handle, filter, batch } = workerData
assert.ok(parentPort !== null)
const io = kernelIo()
const socket = io.openPacket({ ifindex, filter })
const wake = io.adoptWake(handle)
parentPort.postMessage({ kind: 'open' })

let frames = 0
for (let ended = false; !ended;) {
  const ready = io.poll([socket.fd, wake.fd], 1000)
  if (ready.includes(wake.fd)) {
    const at = Number(process.hrtime.bigint()) / 1e6
    wake.clear()
    parentPort.postMessage({ kind: 'woken', at })
  }
  for (let frame = socket.receive(); frame !== undefined; frame = socket.receive()) {
    ended = frame.bytes[14] === 0xff
    if (ended) break
    frames++
    if (frames % batch === 0) parentPort.postMessage({ kind: 'received', frames })
  }
}
parentPort.postMessage({ kind: 'ended' })
// And stays in poll, its sockets open, until it is ended.
for (;;) io.poll([socket.fd], 1000)
