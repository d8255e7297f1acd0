import type { BpfInstruction } from '../link-io.ts'
import * as bpf from './constants.ts'

/**
 * The filter behind a test whether a frame is of this interface. A socket that is bound to an interface and an EtherType is
 * also given what an interface above takes for itself, such as a VLAN, with the tag gone (`orig_dev` in net/core/dev.c): on the card it
 * would look as if it had come without one.
 */
export function ownFrames(ifindex: number, program: readonly BpfInstruction[]): readonly BpfInstruction[] {
  return [
    { code: bpf.BPF_LD | bpf.BPF_W | bpf.BPF_ABS, jt: 0, jf: 0, k: bpf.SKF_AD_OFF + bpf.SKF_AD_IFINDEX },
    { code: bpf.BPF_JMP | bpf.BPF_JEQ | bpf.BPF_K, jt: 1, jf: 0, k: ifindex },
    { code: bpf.BPF_RET | bpf.BPF_K, jt: 0, jf: 0, k: 0 },
    // The program finds the accumulator as it would be at its start.
    { code: bpf.BPF_LD | bpf.BPF_IMM, jt: 0, jf: 0, k: 0 },
    ...program,
  ]
}

/** How many instructions stand before the program. */
export const OWN_FRAMES_INSTRUCTIONS = ownFrames(0, []).length
