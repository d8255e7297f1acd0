import { setFlagsFromString } from 'node:v8'

/**
 * V8 trades memory for speed, and lets a heap that holds little but sees much pass by (lists, watches) grow to
 * several times of what is alive. Neither program needs that speed; both stand on every node or beside them.
 * Measured with 800 Services created one after the other: 128 MiB of RSS without, 104 with (113 without the
 * last), for 15 % more CPU.
 */
const FLAGS = [
  // The young generation stays at 1 MiB instead of growing to 16.
  '--semi-space-growth-factor=1',
  // The old one is collected when it is a fifth larger than what was alive, not twice.
  '--heap-growing-percent=20',
  // The optimising compiler stays out: its code alone is 6 MiB of the binary. The one below it does the work.
  '--no-opt',
]

/** To be called first of all: it holds for whatever is allocated from then on, in worker threads too. */
export function preferSmallHeap(): void {
  for (const flag of FLAGS) setFlagsFromString(flag)
}
