/** Random filters keep as much of a frame in the kernel as in the machine that stands for it in memory. */
import { type BpfInstruction, kernelIo, randomProgram, runProgram } from '@steelyard/raw-socket'
import { type Random, seededRandom } from '@steelyard/runtime'
import assert from 'node:assert/strict'
import { kernelBench } from './kernel-bench.ts'

const PROGRAMS = 150
const FRAMES = 20
const bench = kernelBench()
const io = kernelIo()
const random = seededRandom(Number(process.argv[2] ?? 1))

/** Behind the guard that this test's frames begin with, so that frames of the kernel's own do not count. */
function guarded(program: readonly BpfInstruction[]): BpfInstruction[] {
  return [
    { code: 0x28, jt: 0, jf: 0, k: 12 },
    { code: 0x15, jt: 1, jf: 0, k: 0x88b5 },
    { code: 0x06, jt: 0, jf: 0, k: 0 },
    { code: 0x00, jt: 0, jf: 0, k: 0 },
    ...program,
  ]
}

function randomFrame(draw: Random): Uint8Array {
  const payload = Array.from({ length: 4 + Math.floor(draw() * 40) }, () => Math.floor(draw() * 256))
  return Uint8Array.of(...bench.far.mac, ...bench.near.mac, 0x88, 0xb5, ...payload)
}

const near = io.openPacket({ ifindex: bench.near.ifindex, filter: [{ code: 0x06, jt: 0, jf: 0, k: 0 }] })
let kept = 0
for (let round = 0; round < PROGRAMS; round++) {
  const program = guarded(randomProgram(random))
  const far = io.openPacket({ ifindex: bench.far.ifindex, filter: program })
  const frames = Array.from({ length: FRAMES }, () => randomFrame(random))
  const expected = frames.map((frame) => {
    const length = runProgram(program, frame, { packetType: 0, ifindex: bench.far.ifindex })
    return [...frame.subarray(0, length)]
  })
  for (const frame of frames) near.send(frame)
  const received: number[][] = []
  const wanted = expected.filter(({ length }) => length > 0)
  while (received.length < wanted.length && io.poll([far.fd], 1000).length > 0) {
    for (let frame = far.receive(); frame !== undefined; frame = far.receive()) received.push([...frame.bytes])
  }
  assert.deepEqual(received, wanted, JSON.stringify(program))
  assert.equal(far.receive(), undefined, JSON.stringify(program))
  kept += received.length
  far.close()
}
assert.ok(kept > PROGRAMS && kept < PROGRAMS * FRAMES, `${kept} kept`)
bench.close()
console.log(
  `${PROGRAMS} random filters over ${PROGRAMS * FRAMES} frames, ${kept} kept: the kernel and the machine in memory agree`,
)
