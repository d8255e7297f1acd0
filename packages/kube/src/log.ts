/** What the log lines of this package carry; a `Logger` of the programs will do. */
export type LogFields = {
  readonly op?: string
  readonly error?: unknown
  readonly reason?: string
  readonly retryInMs?: number
  readonly holder?: string
  readonly dropped?: number
}

/** Where this package logs to. Nothing secret is ever given to it. */
export type Log = {
  readonly debug: (message: string, fields?: LogFields) => void
  readonly info: (message: string, fields?: LogFields) => void
  readonly warn: (message: string, fields?: LogFields) => void
}
