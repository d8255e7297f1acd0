/** More memberships than one socket may hold: a further socket is opened, MLD tells them, closing ends them all. */
import { kernelIo } from '@steelyard/raw-socket'
import assert from 'node:assert/strict'
import { formatMac, writer } from '@steelyard/net'
import { readFileSync } from 'node:fs'
import { kernelBench } from './kernel-bench.ts'

const GROUPS = 6000
const bench = kernelBench()
const io = kernelIo()
const listed = (): number =>
  readFileSync('/proc/net/igmp6', 'utf8')
    .split('\n')
    .filter((row) => row.includes('near')).length

const everything = [{ code: 0x06, jt: 0, jf: 0, k: 65535 }]
const wire = io.openPacket({ ifindex: bench.far.ifindex, filter: everything })
const [groupsBefore, descriptorsBefore] = [listed(), bench.openDescriptors()]
const socket = io.openGroups({ ifindex: bench.near.ifindex })
const started = performance.now()
for (let number = 0; number < GROUPS; number++) {
  socket.join(
    writer()
      .u32(0xff020000)
      .u32(0)
      .u32(1)
      .u32(0xff000000 + number)
      .done(),
  )
}
const tookMs = performance.now() - started
assert.equal(listed(), groupsBefore + GROUPS)
const sockets = bench.openDescriptors() - descriptorsBefore
assert.ok(sockets > 1, 'one socket held them all: raise the number')

// The reports of MLDv2 (RFC 3810 section 5.2.14) go to ff02::16, over the cable; they may wait a second.
const REPORTS = '33:33:00:00:00:16'
let reports = 0
for (let polls = 0; polls < 50 && reports === 0; polls++) {
  io.poll([wire.fd], 100)
  for (let frame = wire.receive(); frame !== undefined; frame = wire.receive()) {
    if (formatMac(frame.bytes.subarray(0, 6)) === REPORTS) reports++
  }
}
assert.ok(reports > 0, 'no MLD report was sent')

socket.close()
assert.equal(listed(), groupsBefore)
assert.equal(bench.openDescriptors(), descriptorsBefore)
bench.close()
console.log(`${GROUPS} memberships on ${sockets} sockets in ${tookMs.toFixed(0)} ms; MLD reports seen on the cable`)
