import { type DestinationStream, pino } from 'pino'
import { errorText } from './error-text.ts'

/** The words of `--log-level`, from everything to nothing. */
export const LOG_LEVELS = ['all', 'debug', 'info', 'warn', 'error', 'none'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

/** What a line may carry beside its message. The named ones are what operators filter by, so their spelling is contractual. */
export type LogFields = {
  /** `ipAllocated`, `clearAssignment`, `serviceAnnounced`, `serviceWithdrawn`, `sessionUp`, `sessionDown`. */
  readonly event?: string
  /** What was being done when it happened. */
  readonly op?: string
  /** An Error is written as its message and those of its causes. */
  readonly error?: unknown
  /** `namespace/name`. */
  readonly service?: string
  readonly ips?: readonly string[]
  readonly pool?: string
  readonly protocol?: string
  readonly reason?: string
  readonly [more: string]: unknown
}

/** Never give it a secret: what is logged is read by many. */
export type Logger = {
  readonly debug: (message: string, fields?: LogFields) => void
  readonly info: (message: string, fields?: LogFields) => void
  readonly warn: (message: string, fields?: LogFields) => void
  readonly error: (message: string, fields?: LogFields) => void
  /** The same log for another part of the program, which its lines name as `caller`. */
  readonly from: (caller: string) => Logger
}

const PINO_LEVEL: Readonly<Record<LogLevel, string>> = {
  all: 'trace',
  debug: 'debug',
  info: 'info',
  warn: 'warn',
  error: 'error',
  none: 'silent',
}

/**
 * A log of JSON lines: `ts` (RFC 3339), `level`, `caller`, `msg`, then the fields. `caller` is the name the
 * part of the program gives itself: a stack trace would name a line of the bundle, which helps nobody.
 * @param to standard output unless a test wants to read the lines; written at once, so that a crash loses none.
 */
export function createLogger(options: {
  readonly level: LogLevel
  readonly caller: string
  readonly to?: DestinationStream
}): Logger {
  const root = pino(
    {
      level: PINO_LEVEL[options.level],
      base: null,
      timestamp: () => `,"ts":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: errorText },
    },
    options.to ?? pino.destination({ fd: 1, sync: true }),
  )
  return named(root, options.caller)
}

function named(root: pino.Logger, caller: string): Logger {
  const child = root.child({ caller })
  return {
    debug: (message, fields) => child.debug(fields ?? {}, message),
    info: (message, fields) => child.info(fields ?? {}, message),
    warn: (message, fields) => child.warn(fields ?? {}, message),
    error: (message, fields) => child.error(fields ?? {}, message),
    from: (other) => named(root, other),
  }
}
