import { ApiError, KubeConfigError } from '@steelyard/kube'
import { errorText } from '@steelyard/program'
import { EXIT, type ExitCode } from './exit-codes.ts'

/** Ends the command with one line. */
export class CliError extends Error {
  readonly exitCode: ExitCode
  constructor(exitCode: ExitCode, message: string) {
    super(message)
    this.name = 'CliError'
    this.exitCode = exitCode
  }
}

const FORBIDDEN = new Set([401, 403])

/** Anything thrown as one line and an exit code. */
export function failureOf(error: unknown): { readonly exitCode: ExitCode; readonly message: string } {
  if (error instanceof CliError) return { exitCode: error.exitCode, message: error.message }
  if (error instanceof KubeConfigError) return { exitCode: EXIT.unreachable, message: error.message }
  if (error instanceof ApiError) return apiFailure(error)
  return { exitCode: EXIT.failed, message: errorText(error).replaceAll(/\s+/g, ' ') }
}

function apiFailure(error: ApiError): { readonly exitCode: ExitCode; readonly message: string } {
  if (error.status === 0)
    return { exitCode: EXIT.unreachable, message: `the cluster does not answer: ${error.message}` }
  if (error.status === 401)
    return { exitCode: EXIT.forbidden, message: `the cluster does not know you: ${error.message}` }
  if (FORBIDDEN.has(error.status)) return { exitCode: EXIT.forbidden, message: `not allowed: ${error.message}` }
  return { exitCode: error.status === 404 ? EXIT.notFound : EXIT.failed, message: error.message }
}
