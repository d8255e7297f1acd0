/** What a failed call said, for `apiError`. */
export type Failure = {
  /** HTTP status; 0 when no answer came. */
  readonly status: number
  /** The API's reason word (`NotFound`, `Conflict`, `Expired` …), or `Unreachable`, `TimedOut`, `BadAnswer` for ours. */
  readonly reason: string
  readonly message: string
  readonly retryAfterMs?: number
}

/**
 * A call to the Kubernetes API that failed. Its message is one line: the call (verb, resource, object),
 * status, reason and what the server said.
 */
export class ApiError extends Error {
  readonly call: string
  readonly status: number
  readonly reason: string
  /** What the server said, alone. */
  readonly detail: string
  /** How long the server asks to be left alone, in milliseconds. */
  readonly retryAfterMs: number | undefined

  constructor(call: string, failure: Failure) {
    const status = failure.status === 0 ? '' : `${failure.status} `
    super(`${call}: ${status}${failure.reason}: ${oneLine(failure.message)}`)
    this.name = 'ApiError'
    this.call = call
    this.status = failure.status
    this.reason = failure.reason
    this.detail = oneLine(failure.message)
    this.retryAfterMs = failure.retryAfterMs
  }
}

/** Long answers (a proxy's error page) are cut: a message is one line of a log. */
const LONGEST_MESSAGE = 1000

function oneLine(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim()
  return line.length > LONGEST_MESSAGE ? `${line.slice(0, LONGEST_MESSAGE)}…` : line
}

/** The object is not there. */
export function isNotFound(error: unknown): boolean {
  return error instanceof ApiError && error.status === 404
}

/** The object was changed by somebody else since it was read. A name that is taken is `isTaken`. */
export function isConflict(error: unknown): boolean {
  return error instanceof ApiError && error.status === 409 && error.reason === 'Conflict'
}

/** A name that was to be created exists. */
export function isTaken(error: unknown): boolean {
  return error instanceof ApiError && error.status === 409 && error.reason === 'AlreadyExists'
}

/** The resource version, or the page that was to be continued, is too old to be served. */
export function isExpired(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 410 || error.reason === 'Expired')
}
