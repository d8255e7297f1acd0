import { errorText, type Logger } from '@steelyard/program'

/** Tells of failures that come in crowds: one line when they begin, one when they are over. */
export type FailureLog = {
  readonly failed: (error: unknown) => void
  readonly worked: () => void
}

/** @param what in words that follow "could not": "write ServiceL2Status objects" */
export function failureLog(what: string, log: Logger): FailureLog {
  let failures = 0
  return {
    failed: (error) => {
      failures++
      if (failures === 1) log.warn(`could not ${what}: trying again`, { error })
      else log.debug(`could not ${what}`, { error: errorText(error) })
    },
    worked: () => {
      if (failures > 0) log.info(`could ${what} again`, { failures })
      failures = 0
    },
  }
}
