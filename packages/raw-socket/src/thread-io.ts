import { checkInteger } from './checks.ts'
import { checked, type Kernel } from './kernel.ts'

/** What a thread asks of the kernel for itself. */
export type ThreadIo = {
  /**
   * Asks the scheduler to give the calling thread short slices, so that it runs sooner when it wakes
   * and others are at work (sched_setattr(2), EEVDF of Linux 6.12 and newer). Policy and niceness stay.
   * @param nanoseconds the kernel takes 100 000 to 100 000 000 of it
   * @returns the slice that the thread has now; 0: this kernel knows no such thing, and nothing changed
   * @throws SystemCallError when the kernel, or a seccomp filter, refuses
   */
  readonly setSlice: (nanoseconds: number) => number
}

const SLICE_BOUNDS = [1, 2 ** 31 - 1] as const

export function setThreadSlice({ addon }: Kernel, nanoseconds: number): number {
  const slice = addon.setSlice(checkInteger('nanoseconds', nanoseconds, SLICE_BOUNDS))
  return checked(slice, 'sched_setattr')
}
