import { setFlagsFromString } from 'node:v8'

/**
 * V8 trades memory for speed, and lets a heap that holds little but sees much pass by (lists, watches) grow to
 * several times of what is alive. Neither program needs that speed; both stand on every node or beside them.
 * Measured with 1000 Services created by eight writers: a speaker takes 96 MiB of RSS instead of 132, for 15 %
 * more processor time.
 */
const FLAGS = [
  // The young generation stays at 1 MiB instead of growing to 16.
  '--semi-space-growth-factor=1',
  // The old one is collected when it has grown by 2 MiB, not by at least 8.
  '--optimize-for-size',
  // The optimising compiler stays out: its code alone is 6 MiB of the binary. The one below it does the work.
  '--no-opt',
]

/** To be called first of all: it holds for whatever is allocated from then on, in worker threads too. */
export function preferSmallHeap(): void {
  for (const flag of FLAGS) setFlagsFromString(flag)
}
