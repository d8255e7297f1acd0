/**
 * Classic BPF. Source: linux/bpf_common.h and linux/filter.h; the machine is described in "The BSD
 * Packet Filter" (McCanne and Jacobson, 1993) and in the kernel's Documentation/networking/filter.rst.
 */

/** Instruction classes: the low three bits of a code. */
export const BPF_LD = 0x00
export const BPF_LDX = 0x01
export const BPF_ST = 0x02
export const BPF_STX = 0x03
export const BPF_ALU = 0x04
export const BPF_JMP = 0x05
export const BPF_RET = 0x06
export const BPF_MISC = 0x07

/** Widths of a load. */
export const BPF_W = 0x00
export const BPF_H = 0x08
export const BPF_B = 0x10

/** Where a load finds its value. */
export const BPF_IMM = 0x00
export const BPF_ABS = 0x20
export const BPF_IND = 0x40
export const BPF_MEM = 0x60
export const BPF_LEN = 0x80
export const BPF_MSH = 0xa0

/** Operations of BPF_ALU. */
export const BPF_ADD = 0x00
export const BPF_SUB = 0x10
export const BPF_MUL = 0x20
export const BPF_DIV = 0x30
export const BPF_OR = 0x40
export const BPF_AND = 0x50
export const BPF_LSH = 0x60
export const BPF_RSH = 0x70
export const BPF_NEG = 0x80
export const BPF_MOD = 0x90
export const BPF_XOR = 0xa0

/** Conditions of BPF_JMP. */
export const BPF_JA = 0x00
export const BPF_JEQ = 0x10
export const BPF_JGT = 0x20
export const BPF_JGE = 0x30
export const BPF_JSET = 0x40

/** The second operand: the instruction's constant, or the index register. BPF_RET can also return the accumulator. */
export const BPF_K = 0x00
export const BPF_X = 0x08
export const BPF_A = 0x10

/** Copies between the registers (BPF_MISC). */
export const BPF_TAX = 0x00
export const BPF_TXA = 0x80

export const BPF_MAXINSNS = 4096
/** Words of scratch memory. */
export const BPF_MEMWORDS = 16

/** Loads from here on ask for facts that stand beside the frame: -0x1000 as an unsigned word. */
export const SKF_AD_OFF = 0xfffff000
export const SKF_AD_PROTOCOL = 0
export const SKF_AD_PKTTYPE = 4
export const SKF_AD_IFINDEX = 8
export const SKF_AD_VLAN_TAG = 44
export const SKF_AD_VLAN_TAG_PRESENT = 48
/** Loads from here on, up to SKF_AD_OFF, are relative to the network or the link header. */
export const SKF_LL_OFF = 0xffe00000
