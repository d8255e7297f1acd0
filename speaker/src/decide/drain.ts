import type { Node } from '@steelyard/model'
import type { Drain } from './release.ts'

/** On a Node: its speaker gives away what it has, and takes nothing until this is gone. */
export const MAINTENANCE_ANNOTATION = 'steelyard.dev/maintenance'

export type DrainRules = {
  /** A cordoned node counts as in maintenance. */
  readonly drainUnschedulable: boolean
}

/** Whether this node is to give away what it has. `"false"` as the annotation's value is as good as none. */
export function drainOf(node: Node | undefined, { drainUnschedulable }: DrainRules): Drain {
  const asked = node?.metadata.annotations?.[MAINTENANCE_ANNOTATION]
  if (asked !== undefined && asked !== 'false') return 'paced'
  return drainUnschedulable && node?.spec?.unschedulable === true ? 'paced' : 'none'
}
