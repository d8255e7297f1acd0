import type { Random } from '@steelyard/runtime'
import type { BpfInstruction } from '../link-io.ts'
import * as bpf from './constants.ts'

const CODES: readonly number[] = [
  ...[bpf.BPF_W, bpf.BPF_H, bpf.BPF_B].flatMap((width) => [
    bpf.BPF_LD | width | bpf.BPF_ABS,
    bpf.BPF_LD | width | bpf.BPF_IND,
  ]),
  bpf.BPF_LD | bpf.BPF_IMM,
  bpf.BPF_LD | bpf.BPF_LEN,
  bpf.BPF_LDX | bpf.BPF_IMM,
  bpf.BPF_LDX | bpf.BPF_LEN,
  bpf.BPF_LDX | bpf.BPF_B | bpf.BPF_MSH,
  ...[bpf.BPF_ADD, bpf.BPF_SUB, bpf.BPF_MUL, bpf.BPF_DIV, bpf.BPF_MOD, bpf.BPF_OR, bpf.BPF_AND, bpf.BPF_XOR].flatMap(
    (operation) => [bpf.BPF_ALU | operation | bpf.BPF_K, bpf.BPF_ALU | operation | bpf.BPF_X],
  ),
  bpf.BPF_ALU | bpf.BPF_LSH,
  bpf.BPF_ALU | bpf.BPF_RSH,
  bpf.BPF_ALU | bpf.BPF_NEG,
  ...[bpf.BPF_JEQ, bpf.BPF_JGT, bpf.BPF_JGE, bpf.BPF_JSET].flatMap((condition) => [
    bpf.BPF_JMP | condition | bpf.BPF_K,
    bpf.BPF_JMP | condition | bpf.BPF_X,
  ]),
  bpf.BPF_MISC | bpf.BPF_TAX,
  bpf.BPF_MISC | bpf.BPF_TXA,
]

const LONGEST = 12

/** For tests: a program that passes the check, and comes to something on most short frames. */
export function randomProgram(random: Random): BpfInstruction[] {
  const below = (limit: number): number => Math.floor(random() * limit)
  const length = 1 + below(LONGEST)
  const body = Array.from({ length }, (_, at) => {
    const code = CODES[below(CODES.length)] ?? bpf.BPF_LD
    const furthest = length - at + 1
    const isJump = (code & 0x07) === bpf.BPF_JMP
    const k = random() < 0.8 ? 1 + below(30) : 1 + below(2 ** 32 - 1)
    return { code, jt: isJump ? below(furthest) : 0, jf: isJump ? below(furthest) : 0, k: fitting(code, k) }
  })
  const returned = bpf.BPF_RET | (random() < 0.7 ? bpf.BPF_A : bpf.BPF_K)
  return [...body, { code: bpf.BPF_RET, jt: 0, jf: 0, k: below(64) }, { code: returned, jt: 0, jf: 0, k: 40 }]
}

/** Shifts stay below the width of a word; loads stay off the facts beside the frame, which differ. */
function fitting(code: number, k: number): number {
  const operation = code & 0xf0
  const shifts = (code & 0x07) === bpf.BPF_ALU && (operation === bpf.BPF_LSH || operation === bpf.BPF_RSH)
  if (shifts) return k % 32
  return (code & 0x07) === bpf.BPF_LD && k >= 0x7fffffff ? k % 0x7fffffff : k
}
