import { isDeepStrictEqual } from 'node:util'
import {
  compileController,
  type ControllerConfig,
  type ControllerObjects,
  describeProblems,
  type KubeObject,
} from '@steelyard/model'
import type { Logger } from '@steelyard/program'

/** What the last pass over the configuration found. `message` tells every mistake, each with object and path. */
export type Verdict = { readonly kind: 'valid' } | { readonly kind: 'refused'; readonly message: string }

export type ConfigPass = {
  /** The last valid configuration; undefined until there was one. It stays in force while a newer one is refused. */
  inForce: ControllerConfig | undefined
  verdict: Verdict | undefined
  /** Passes that refused what they found. */
  refusals: number
}

export function newConfigPass(): ConfigPass {
  return { inForce: undefined, verdict: undefined, refusals: 0 }
}

/**
 * Reads the configuration as it is now. One bad object refuses the whole; there is no retry in time: whatever mends
 * it is an event, and starts the next pass.
 * @returns whether another configuration is in force than before
 */
export function passConfig(pass: ConfigPass, objects: ControllerObjects, log: Logger): boolean {
  const compiled = compileController(objects)
  const before = pass.verdict
  if (!compiled.ok) {
    const message = describeProblems(compiled.problems)
    pass.verdict = { kind: 'refused', message }
    pass.refusals++
    const isKnown = before?.kind === 'refused' && before.message === message
    const kept = pass.inForce === undefined ? 'there is none in force yet' : 'the last valid one stays in force'
    if (!isKnown) log.error(`the configuration is refused, ${kept}: ${message}`, { reason: 'ConfigurationError' })
    return false
  }
  pass.verdict = { kind: 'valid' }
  const isNew = !isDeepStrictEqual(pass.inForce, compiled.config)
  pass.inForce = compiled.config
  if (before?.kind === 'refused') log.info('the configuration is valid again', { pools: compiled.config.pools.length })
  if (isNew) log.info('a configuration is in force', { pools: compiled.config.pools.length })
  return isNew
}

/** Whether a changed object may mean another configuration: a write of its status, ours first of all, does not. */
export function concernsConfig(now: KubeObject | undefined, before: KubeObject | undefined): boolean {
  if (now === undefined || before === undefined || now.metadata.uid !== before.metadata.uid) return true
  const [after, earlier] = [now.metadata.generation, before.metadata.generation]
  if (after !== undefined && earlier !== undefined) return after !== earlier
  return !isDeepStrictEqual(specOf(now), specOf(before))
}

function specOf(object: KubeObject): unknown {
  return Reflect.get(object, 'spec')
}

/** Of a Namespace only its name and labels matter. */
export function concernsNamespaces(now: KubeObject | undefined, before: KubeObject | undefined): boolean {
  return (
    !isDeepStrictEqual(now?.metadata.labels, before?.metadata.labels) || (now === undefined) !== (before === undefined)
  )
}
