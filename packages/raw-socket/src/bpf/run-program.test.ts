import { NEIGHBOUR_FILTER } from '@steelyard/arp-lib'
import { seededRandom } from '@steelyard/runtime'
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { BpfInstruction } from '../link-io.ts'
import { checkProgram } from './check-program.ts'
import { ownFrames } from './own-frames.ts'
import { randomProgram } from './random-program.ts'
import { runProgram } from './run-program.ts'

const FRAME = Uint8Array.of(0x45, 0x01, 0x02, 0x03, 0xff, 0xfe, 0xfd, 0xfc)
const op = (code: number, k = 0, jt = 0, jf = 0): BpfInstruction => ({ code, jt, jf, k })
const RET_A = op(0x16)

/** Each program returns what it worked out. */
const TABLE: readonly (readonly [name: string, program: readonly BpfInstruction[], result: number])[] = [
  ['a constant is returned', [op(0x06, 77)], 77],
  ['a word is loaded', [op(0x20, 4), RET_A], 0xfffefdfc],
  ['a half is loaded', [op(0x28, 0), RET_A], 0x4501],
  ['a byte is loaded', [op(0x30, 3), RET_A], 3],
  ['a byte is loaded behind the index', [op(0x01, 2), op(0x50, 1), RET_A], 3],
  ['a load beyond the frame drops it', [op(0x20, 5), op(0x06, 1)], 0],
  ['a load behind a huge index drops it', [op(0x01, 0xffffffff), op(0x40, 1), op(0x06, 1)], 0],
  ['the length is loaded', [op(0x80), RET_A], 8],
  ['the length of an IPv4 header is loaded', [op(0xb1, 0), op(0x87), RET_A], 20],
  ['the packet type is a fact', [op(0x20, 0xfffff004), RET_A], 3],
  ['the interface is a fact', [op(0x20, 0xfffff008), RET_A], 9],
  ['there is no VLAN tag beside the frame', [op(0x20, 0xfffff030), RET_A], 0],
  ['scratch memory keeps', [op(0x00, 5), op(0x02, 15), op(0x00, 6), op(0x61, 15), op(0x87), RET_A], 5],
  ['the index is stored', [op(0x01, 8), op(0x03, 0), op(0x60, 0), RET_A], 8],
  ['addition wraps', [op(0x00, 0xffffffff), op(0x04, 2), RET_A], 1],
  ['subtraction wraps', [op(0x00, 1), op(0x14, 2), RET_A], 0xffffffff],
  ['multiplication wraps', [op(0x00, 0x10001), op(0x24, 0x10001), RET_A], 0x20001],
  ['division is unsigned', [op(0x00, 0xffffffff), op(0x34, 2), RET_A], 0x7fffffff],
  ['division by an index of zero drops the frame', [op(0x00, 1), op(0x3c), op(0x06, 1)], 0],
  ['the rest is unsigned', [op(0x00, 0xffffffff), op(0x94, 10), RET_A], 5],
  ['or', [op(0x00, 0xf0), op(0x44, 0x0f), RET_A], 0xff],
  ['and', [op(0x00, 0xffffffff), op(0x54, 0x80000000), RET_A], 0x80000000],
  ['xor', [op(0x00, 0xff), op(0xa4, 0x0f), RET_A], 0xf0],
  ['shift left', [op(0x00, 3), op(0x64, 31), RET_A], 0x80000000],
  ['shift right brings in zeros', [op(0x00, 0x80000000), op(0x74, 31), RET_A], 1],
  ['negation', [op(0x00, 1), op(0x84), RET_A], 0xffffffff],
  ['registers are copied', [op(0x00, 4), op(0x07), op(0x00, 0), op(0x87), RET_A], 4],
  ['a jump that holds', [op(0x00, 5), op(0x15, 5, 1, 0), op(0x06, 1), op(0x06, 2)], 2],
  ['a jump that does not', [op(0x00, 5), op(0x25, 5, 1, 0), op(0x06, 1), op(0x06, 2)], 1],
  ['greater is unsigned', [op(0x00, 0xffffffff), op(0x25, 1, 1, 0), op(0x06, 1), op(0x06, 2)], 2],
  ['at least', [op(0x00, 5), op(0x35, 5, 1, 0), op(0x06, 1), op(0x06, 2)], 2],
  ['any bit', [op(0x00, 0x80000000), op(0x45, 0x80000000, 1, 0), op(0x06, 1), op(0x06, 2)], 2],
  ['a jump on the index', [op(0x01, 7), op(0x00, 7), op(0x1d, 0, 1, 0), op(0x06, 1), op(0x06, 2)], 2],
  ['a jump without a condition', [op(0x05, 1), op(0x06, 1), op(0x06, 2)], 2],
]

describe('the classic BPF machine', () => {
  for (const [name, program, result] of TABLE) {
    it(name, () => {
      assert.equal(runProgram(checkProgram(program), FRAME, { packetType: 3, ifindex: 9 }), result)
    })
  }

  it('says which fact it does not know', () => {
    const act = () => runProgram([op(0x20, 0xfffff00c), RET_A], FRAME, { packetType: 0, ifindex: 1 })
    assert.throws(act, /RangeError: the segment in memory does not know the fact at 0xfffff00c/)
  })

  it('ends on every program that passes the check, 20000 random ones', () => {
    const random = seededRandom(7)
    for (let round = 0; round < 20_000; round++) {
      const program = randomProgram(random)
      const kept = runProgram(checkProgram(program), FRAME, { packetType: 0, ifindex: 1 })
      assert.ok(Number.isInteger(kept) && kept >= 0 && kept <= 0xffffffff)
    }
  })

  it('keeps what is of an interface, and drops what is of one above it, whatever the filter would keep', () => {
    for (const program of [[op(0x06, 77)], [op(0x20, 4), RET_A], [RET_A]]) {
      const own = checkProgram(ownFrames(9, program))
      const facts = { packetType: 3, ifindex: 9 }
      assert.equal(runProgram(own, FRAME, facts), runProgram(program, FRAME, facts))
      assert.equal(runProgram(own, FRAME, { ...facts, ifindex: 10 }), 0)
    }
  })

  it('takes the filter that the speaker attaches', () =>
    assert.equal(checkProgram(NEIGHBOUR_FILTER).length, NEIGHBOUR_FILTER.length))
})
