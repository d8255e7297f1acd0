/**
 * The command in a process namespace of its own, to be spawned: with it, and with this process, everything it started
 * dies, also by SIGKILL, and whatever it forked away.
 */
export function confined(command: readonly string[]): readonly [string, ...string[]] {
  return [
    'setpriv',
    '--pdeathsig',
    'KILL',
    'unshare',
    '--pid',
    '--fork',
    '--kill-child',
    '--mount-proc',
    '--',
    ...command,
  ]
}
