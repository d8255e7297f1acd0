import type { ServiceView } from '@steelyard/model'
import { nearestName } from '@steelyard/program'
import { EXIT } from './exit-codes.ts'
import { CliError } from './failure.ts'

/** `namespace/name`, or a name in the namespace of the context, as a key. */
export function serviceKey(text: string, namespace: string): string {
  const parts = text.split('/')
  if (parts.length > 2 || parts.some((part) => part === '')) {
    throw new CliError(EXIT.usage, `${JSON.stringify(text)} names no Service; accepted: NAMESPACE/NAME, or NAME`)
  }
  return parts.length === 2 ? text : `${namespace}/${text}`
}

export function serviceAt(views: ReadonlyMap<string, ServiceView>, key: string): ServiceView {
  const view = views.get(key)
  if (view !== undefined) return view
  const known = [...views.values()].filter(({ isLoadBalancer }) => isLoadBalancer).map((one) => one.key)
  const near = nearestName(key, known)
  const hint = near === undefined ? 'steelyard services lists them' : `did you mean ${near}?`
  throw new CliError(EXIT.notFound, `there is no Service ${key}; ${hint}`)
}
