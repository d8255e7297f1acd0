/** `fault`: it will not work; `warning`: it may not; `notChecked`: it could not be looked at from here. */
export type CheckResult = {
  readonly check: string
  readonly result: 'ok' | 'warning' | 'fault' | 'notChecked'
  readonly message: string
  readonly advice: string
}

export function ok(check: string, message: string): CheckResult {
  return { check, result: 'ok', message, advice: '' }
}
export function warning(check: string, message: string, advice: string): CheckResult {
  return { check, result: 'warning', message, advice }
}
export function fault(check: string, message: string, advice: string): CheckResult {
  return { check, result: 'fault', message, advice }
}
export function notChecked(check: string, message: string, advice = ''): CheckResult {
  return { check, result: 'notChecked', message, advice }
}
