import { writer } from '@steelyard/net'
import { checkInteger, isRecord, nameOf } from '../checks.ts'
import { HOST_ORDER } from '../host-order.ts'
import type { BpfInstruction } from '../link-io.ts'
import * as bpf from './constants.ts'
import { OWN_FRAMES_INSTRUCTIONS } from './own-frames.ts'

const OPERATIONS = [
  bpf.BPF_ADD,
  bpf.BPF_SUB,
  bpf.BPF_MUL,
  bpf.BPF_DIV,
  bpf.BPF_OR,
  bpf.BPF_AND,
  bpf.BPF_LSH,
  bpf.BPF_RSH,
  bpf.BPF_MOD,
  bpf.BPF_XOR,
]
const CONDITIONS = [bpf.BPF_JEQ, bpf.BPF_JGT, bpf.BPF_JGE, bpf.BPF_JSET]
const WIDTHS = [bpf.BPF_W, bpf.BPF_H, bpf.BPF_B]

/** Every code the kernel takes (`chk_code_allowed`, net/core/filter.c). */
const CODES: ReadonlySet<number> = new Set([
  ...WIDTHS.flatMap((width) => [bpf.BPF_LD | width | bpf.BPF_ABS, bpf.BPF_LD | width | bpf.BPF_IND]),
  ...[bpf.BPF_LD, bpf.BPF_LDX].flatMap((load) => [
    load | bpf.BPF_W | bpf.BPF_IMM,
    load | bpf.BPF_W | bpf.BPF_MEM,
    load | bpf.BPF_W | bpf.BPF_LEN,
  ]),
  bpf.BPF_LDX | bpf.BPF_B | bpf.BPF_MSH,
  bpf.BPF_ST,
  bpf.BPF_STX,
  ...OPERATIONS.flatMap((operation) => [bpf.BPF_ALU | operation | bpf.BPF_K, bpf.BPF_ALU | operation | bpf.BPF_X]),
  bpf.BPF_ALU | bpf.BPF_NEG,
  bpf.BPF_JMP | bpf.BPF_JA,
  ...CONDITIONS.flatMap((condition) => [bpf.BPF_JMP | condition | bpf.BPF_K, bpf.BPF_JMP | condition | bpf.BPF_X]),
  bpf.BPF_RET | bpf.BPF_K,
  bpf.BPF_RET | bpf.BPF_A,
  bpf.BPF_MISC | bpf.BPF_TAX,
  bpf.BPF_MISC | bpf.BPF_TXA,
])

/** The adapter puts its own before them. */
const MOST_INSTRUCTIONS = bpf.BPF_MAXINSNS - OWN_FRAMES_INSTRUCTIONS

/**
 * Checks a filter as the kernel will (`bpf_check_classic`, net/core/filter.c), so that a mistake is
 * named here and not told as EINVAL: known codes, jumps forward and inside, scratch memory in bounds,
 * no division by a constant zero, a return at the end. A program that passes ends within its length.
 * @throws TypeError, RangeError with the number of the instruction.
 */
export function checkProgram(value: unknown): readonly BpfInstruction[] {
  if (!Array.isArray(value)) throw new TypeError(`filter must be an array of instructions, not ${nameOf(value)}`)
  checkInteger('the length of filter', value.length, [1, MOST_INSTRUCTIONS])
  const program = value.map((instruction: unknown, at) => checkFields(instruction, at))
  program.forEach((instruction, at) => {
    const problem = problemOf(instruction, program.length - at - 1)
    if (problem !== undefined) throw new RangeError(`filter[${at}] ${problem}`)
  })
  return program
}

function checkFields(value: unknown, at: number): BpfInstruction {
  if (!isRecord(value)) throw new TypeError(`filter[${at}] must be an instruction, not ${nameOf(value)}`)
  return {
    code: checkInteger(`filter[${at}].code`, value['code'], [0, 0xffff]),
    jt: checkInteger(`filter[${at}].jt`, value['jt'], [0, 0xff]),
    jf: checkInteger(`filter[${at}].jf`, value['jf'], [0, 0xff]),
    k: checkInteger(`filter[${at}].k`, value['k'], [0, 0xffffffff]),
  }
}

/** `after`: how many instructions follow. */
function problemOf(instruction: BpfInstruction, after: number): string | undefined {
  const { code } = instruction
  if (!CODES.has(code)) return `has the unknown code 0x${code.toString(16)}`
  const kind = code & 0x07
  if (kind === bpf.BPF_JMP) return jumpProblem(instruction, after)
  if (after === 0 && kind !== bpf.BPF_RET) return 'is the last and must return'
  if (kind === bpf.BPF_ALU) return operationProblem(instruction)
  return usesMemory(code) && instruction.k >= bpf.BPF_MEMWORDS
    ? `uses scratch word ${instruction.k}, and there are ${bpf.BPF_MEMWORDS}`
    : undefined
}

function jumpProblem({ code, jt, jf, k }: BpfInstruction, after: number): string | undefined {
  const furthest = code === (bpf.BPF_JMP | bpf.BPF_JA) ? k : Math.max(jt, jf)
  return furthest < after ? undefined : `jumps ${furthest} ahead, and ${after} instructions follow`
}

function operationProblem({ code, k }: BpfInstruction): string | undefined {
  const operation = code & 0xf0
  if ((code & bpf.BPF_X) !== 0) return undefined
  if ((operation === bpf.BPF_DIV || operation === bpf.BPF_MOD) && k === 0) return 'divides by zero'
  const shifts = operation === bpf.BPF_LSH || operation === bpf.BPF_RSH
  return shifts && k >= 32 ? `shifts by ${k}` : undefined
}

function usesMemory(code: number): boolean {
  const kind = code & 0x07
  if (kind === bpf.BPF_ST || kind === bpf.BPF_STX) return true
  return (kind === bpf.BPF_LD || kind === bpf.BPF_LDX) && (code & 0xe0) === bpf.BPF_MEM
}

/** The program as a row of `struct sock_filter`, 8 bytes each. */
export function programBytes(program: readonly BpfInstruction[]): Uint8Array {
  const out = writer()
  for (const { code, jt, jf, k } of program) HOST_ORDER.putU32(HOST_ORDER.putU16(out, code).u8(jt).u8(jf), k)
  return out.done()
}
