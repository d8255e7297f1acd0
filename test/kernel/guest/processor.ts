import { readFileSync } from 'node:fs'

/**
 * What goes before the command of a guest. Its kernel and its programs are processes that hand one single processor to
 * each other at each system call: on one of the machine's, and before others there, that is two to four times as
 * fast on a busy machine. Who may not be served first is served as all are.
 *
 * @param turn the same for no two guests at a time, where there are processors enough
 */
export function onOneProcessor(turn: number): readonly string[] {
  const allowed = allowedProcessors()
  const one = allowed[turn % Math.max(allowed.length, 1)]
  return ['nice', '-n', '-10', ...(one === undefined ? [] : ['taskset', '--cpu-list', String(one)])]
}

/** Those that this process may run on. */
export function allowedProcessors(): readonly number[] {
  return readProcessors(/^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '')
}

/** Reads a list of processors as the kernel writes it: `0-2,5`. */
export function readProcessors(list: string): readonly number[] {
  return list.split(',').flatMap((range) => {
    const [first = Number.NaN, last = first] = range.split('-').map((text) => Number.parseInt(text, 10))
    return Number.isNaN(first) ? [] : Array.from({ length: last - first + 1 }, (_, index) => first + index)
  })
}
