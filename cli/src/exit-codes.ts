/** What the command ends with; docs/cli.md says the same. */
export const EXIT = {
  /** Done. */
  fine: 0,
  /** Something else went wrong. */
  failed: 1,
  /** The answer is one that a script should stop at: an address would move, a check found a fault, it does not answer. */
  finding: 2,
  /** No kubeconfig that can be used, or no answer from the cluster. */
  unreachable: 3,
  /** The cluster says no: rights are missing. */
  forbidden: 4,
  /** What was asked about is not there. */
  notFound: 5,
  /** A command line, or a file, that cannot be read. */
  usage: 64,
} as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]
