import type { BpfInstruction } from '../link-io.ts'
import * as bpf from './constants.ts'

/** What the kernel knows of a frame beside its bytes. Frames in memory carry no VLAN tag beside them. */
export type FrameFacts = { readonly packetType: number; readonly ifindex: number }

type Machine = {
  readonly frame: Uint8Array
  readonly facts: FrameFacts
  readonly memory: Uint32Array
  /** The accumulator and the index register: unsigned words. */
  a: number
  x: number
}

/** A load outside of the frame, or a division by zero: the frame is dropped. */
class Refused extends Error {}

/**
 * Runs a filter that `checkProgram` has passed over a frame, as the kernel does: how many bytes of the
 * frame to keep, 0 for none. Jumps only go forward, so it ends within the length of the program.
 */
export function runProgram(program: readonly BpfInstruction[], frame: Uint8Array, facts: FrameFacts): number {
  const machine: Machine = { frame, facts, memory: new Uint32Array(bpf.BPF_MEMWORDS), a: 0, x: 0 }
  try {
    return run(machine, program)
  } catch (error) {
    if (error instanceof Refused) return 0
    throw error
  }
}

function run(machine: Machine, program: readonly BpfInstruction[]): number {
  for (let at = 0; at < program.length; at++) {
    const instruction = program[at]
    if (instruction === undefined) break
    const { code, k } = instruction
    const kind = code & 0x07
    if (kind === bpf.BPF_RET) return (code & 0x18) === bpf.BPF_A ? machine.a : k
    if (kind === bpf.BPF_JMP) at += jump(machine, instruction)
    else execute(machine, instruction)
  }
  return 0
}

function execute(machine: Machine, { code, k }: BpfInstruction): void {
  switch (code & 0x07) {
    case bpf.BPF_LD:
      machine.a = load(machine, code, k)
      return
    case bpf.BPF_LDX:
      machine.x = load(machine, code, k)
      return
    case bpf.BPF_ST:
      machine.memory[k] = machine.a
      return
    case bpf.BPF_STX:
      machine.memory[k] = machine.x
      return
    case bpf.BPF_ALU:
      machine.a = operate(code & 0xf0, machine.a, operand(machine, code, k)) >>> 0
      return
    default:
      if ((code & 0xf8) === bpf.BPF_TXA) machine.a = machine.x
      else machine.x = machine.a
  }
}

function operand(machine: Machine, code: number, k: number): number {
  return (code & bpf.BPF_X) === 0 ? k : machine.x
}

function load(machine: Machine, code: number, k: number): number {
  switch (code & 0xe0) {
    case bpf.BPF_IMM:
      return k
    case bpf.BPF_ABS:
      return k >= bpf.SKF_LL_OFF ? fact(machine, k) : bytesAt(machine.frame, k, code)
    case bpf.BPF_IND:
      return bytesAt(machine.frame, machine.x + k, code)
    case bpf.BPF_MEM:
      return machine.memory[k] ?? 0
    case bpf.BPF_LEN:
      return machine.frame.length
    default:
      // BPF_MSH: the length of an IPv4 header from its first byte.
      return (bytesAt(machine.frame, k, bpf.BPF_B) & 0x0f) * 4
  }
}

function fact(machine: Machine, k: number): number {
  switch (k - bpf.SKF_AD_OFF) {
    case bpf.SKF_AD_PROTOCOL:
      return bytesAt(machine.frame, 12, bpf.BPF_H)
    case bpf.SKF_AD_PKTTYPE:
      return machine.facts.packetType
    case bpf.SKF_AD_IFINDEX:
      return machine.facts.ifindex
    case bpf.SKF_AD_VLAN_TAG:
    case bpf.SKF_AD_VLAN_TAG_PRESENT:
      return 0
    default:
      throw new RangeError(`the segment in memory does not know the fact at 0x${k.toString(16)} that a filter asks for`)
  }
}

const LENGTHS: Readonly<Record<number, number>> = { [bpf.BPF_W]: 4, [bpf.BPF_H]: 2, [bpf.BPF_B]: 1 }

function bytesAt(frame: Uint8Array, at: number, code: number): number {
  const length = LENGTHS[code & 0x18] ?? 4
  if (at + length > frame.length) throw new Refused()
  let value = 0
  for (let index = at; index < at + length; index++) value = value * 256 + (frame[index] ?? 0)
  return value
}

const OPERATIONS: Readonly<Record<number, (a: number, b: number) => number>> = {
  [bpf.BPF_ADD]: (a, b) => a + b,
  [bpf.BPF_SUB]: (a, b) => a - b,
  [bpf.BPF_MUL]: (a, b) => Math.imul(a, b),
  [bpf.BPF_OR]: (a, b) => a | b,
  [bpf.BPF_AND]: (a, b) => a & b,
  [bpf.BPF_XOR]: (a, b) => a ^ b,
  [bpf.BPF_LSH]: (a, b) => a << b,
  [bpf.BPF_RSH]: (a, b) => a >>> b,
  [bpf.BPF_NEG]: (a) => -a,
  [bpf.BPF_DIV]: (a, b) => Math.floor(a / divisor(b)),
  [bpf.BPF_MOD]: (a, b) => a % divisor(b),
}

function operate(operation: number, a: number, b: number): number {
  return OPERATIONS[operation]?.(a, b) ?? 0
}

function divisor(value: number): number {
  if (value === 0) throw new Refused()
  return value
}

/** How many instructions to skip. */
function jump(machine: Machine, { code, jt, jf, k }: BpfInstruction): number {
  const condition = code & 0xf0
  if (condition === bpf.BPF_JA) return k
  return holds(condition, machine.a, operand(machine, code, k)) ? jt : jf
}

function holds(condition: number, a: number, b: number): boolean {
  switch (condition) {
    case bpf.BPF_JEQ:
      return a === b
    case bpf.BPF_JGT:
      return a > b
    case bpf.BPF_JGE:
      return a >= b
    default:
      return (a & b) !== 0
  }
}
