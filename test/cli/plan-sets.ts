import { ANNOTATIONS, type KubeObject, type Service } from '@steelyard/model'
import { POOL_SETS } from './plan-pool-sets.ts'
import { SERVICE_SETS } from './plan-service-sets.ts'
import type { PlanSet } from './plan-set.ts'

/** What a plan is compared by: with a controller on an API in memory, and with a real cluster. */
export const PLAN_SETS: readonly PlanSet[] = [...POOL_SETS, ...SERVICE_SETS]

/** Of what `plan -o json` prints. */
export type Planned = {
  readonly addresses: readonly { readonly service: string; readonly after: readonly string[]; readonly pool?: string }[]
  readonly moves: boolean
}
/** By the key of the Service. */
export type Shown = Readonly<Record<string, { readonly ips: readonly string[]; readonly pool: string | undefined }>>

export function shown(services: readonly Service[]): Shown {
  return Object.fromEntries(
    services.map((one) => [
      keyOf(one),
      {
        ips: (one.status?.loadBalancer?.ingress ?? []).flatMap(({ ip }) => ip ?? []),
        pool: one.metadata.annotations?.[ANNOTATIONS.allocatedFromPool],
      },
    ]),
  )
}

/** Before, with what the plan says would be otherwise. */
export function expected(before: Shown, { addresses }: Planned, { applied = [], deleted = [] }: PlanSet): Shown {
  const services = (objects: readonly KubeObject[]): readonly string[] =>
    objects.filter(({ kind }) => kind === 'Service').map(keyOf)
  const created = services(applied).map((key) => [key, { ips: [], pool: undefined }])
  const changed = addresses.map(({ service, after, pool }) => [service, { ips: after, pool }])
  const all = { ...Object.fromEntries(created), ...before, ...Object.fromEntries(changed) } as Record<
    string,
    Shown[string]
  >
  for (const key of services(deleted)) delete all[key]
  return all
}

function keyOf({ metadata }: KubeObject): string {
  return `${metadata.namespace}/${metadata.name}`
}
