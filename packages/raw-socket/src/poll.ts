import { checkInteger, nameOf } from './checks.ts'
import { checked, type Kernel } from './kernel.ts'
import { LONGEST_POLL_MS } from './link-io.ts'

/** As many as the addon keeps room for. */
const MOST_POLLED = 4096

/**
 * Checks the arguments of `LinkIo.poll` and gives the wait in whole milliseconds.
 * @throws RangeError for a closed socket's -1.
 */
export function checkPoll(fds: readonly number[], timeoutMs: number): number {
  if (!Array.isArray(fds)) throw new TypeError(`fds must be an array, not ${nameOf(fds)}`)
  checkInteger('the length of fds', fds.length, [0, MOST_POLLED])
  fds.forEach((fd, at) => checkInteger(`fds[${at}]`, fd, [0, 2 ** 31 - 1]))
  if (typeof timeoutMs !== 'number') throw new TypeError(`timeoutMs must be a number, not ${nameOf(timeoutMs)}`)
  if (Number.isNaN(timeoutMs)) throw new RangeError('timeoutMs must be a number of milliseconds, not NaN')
  return Math.ceil(Math.min(Math.max(timeoutMs, 0), LONGEST_POLL_MS))
}

/** poll(2): see `LinkIo.poll`. EBADF: one of `fds` is not open in this thread. */
export function pollKernel(kernel: Kernel, fds: readonly number[], timeoutMs: number): readonly number[] {
  const waitMs = checkPoll(fds, timeoutMs)
  const polled = Int32Array.from(fds)
  const count = checked(kernel.addon.poll(polled, fds.length, waitMs), 'poll')
  return Array.from(polled.subarray(0, count))
}
