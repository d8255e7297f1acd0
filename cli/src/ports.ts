import type { Api } from '@steelyard/kube'

/** A cluster to ask, and what else the kubeconfig says. */
export type Connection = {
  readonly api: Api
  /** The namespace of the context. */
  readonly namespace: string
  /** For messages. */
  readonly server: string
  readonly close: () => void
}

/** The machine the command runs on; what cannot be read or run is undefined. */
export type Host = {
  readonly readText: (path: string) => string | undefined
  readonly list: (folder: string) => readonly string[]
  /** Standard output of a program that succeeded. */
  readonly run: (program: string, ...args: readonly string[]) => Promise<string | undefined>
}

/** All that a command reaches outside of itself. */
export type Ports = {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly now: () => Date
  /** Rejects with `KubeConfigError`. */
  readonly connect: (kubeconfig: string) => Promise<Connection>
  /** Rejects with the system's error. `-` is standard input. */
  readonly readFile: (path: string) => Promise<string>
  /** Files of a folder, sorted; undefined = it is not a folder. */
  readonly listFolder: (path: string) => Promise<readonly string[] | undefined>
  readonly host: Host
  readonly out: (text: string) => void
  readonly err: (text: string) => void
  /** Standard output is a terminal. */
  readonly isTerminal: boolean
}
