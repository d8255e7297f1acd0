/** The other thread of `netlink.ts`: in poll, and notes when it hears that `near` went down or up. */
import { kernelIo } from '@steelyard/raw-socket'
import assert from 'node:assert/strict'
import { parentPort, workerData } from 'node:worker_threads'

assert.ok(parentPort !== null)
const io = kernelIo()
const netlink = io.openNetlink({ topics: ['link'] })
parentPort.postMessage('open')
for (;;) {
  io.poll([netlink.fd], 1000)
  const at = Number(process.hrtime.bigint()) / 1e6
  for (const event of netlink.receive()) {
    if (event.kind === 'link' && event.link.index === workerData.ifindex)
      parentPort.postMessage({ at, up: event.link.up })
  }
}
