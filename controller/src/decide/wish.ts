import type { Family } from '@steelyard/net'
import {
  type AnnotationValue,
  readAnnotations,
  requestedAddresses,
  type RequestedAddresses,
  type ServiceView,
} from '@steelyard/model'
import { type Tenant, tenantOf } from './sharing.ts'

/** What a Service needs and asks for, read once per pass. */
export type Wish = {
  readonly view: ServiceView
  readonly tenant: Tenant
  /** One or both, IPv4 first; undefined when the clusterIPs do not tell. */
  readonly families: readonly Family[] | undefined
  /** Two families are wanted, and one will do. */
  readonly prefersBoth: boolean
  readonly explicit: RequestedAddresses
  /** The pool it names. */
  readonly pool: AnnotationValue | undefined
}

export function wishOf(view: ServiceView): Wish {
  const families = familiesOf(view)
  const pool = readAnnotations(view).addressPool
  return {
    view,
    tenant: tenantOf(view),
    families,
    prefersBoth: families?.length === 2 && view.familyPolicy === 'PreferDualStack',
    explicit: requestedAddresses(view),
    pool: pool === undefined || pool.value === '' ? undefined : pool,
  }
}

/** The number of clusterIPs decides, not the policy: PreferDualStack with one clusterIP is single stack. */
function familiesOf({ clusterIps }: ServiceView): readonly Family[] | undefined {
  const families = clusterIps.map(({ family }) => family)
  if (families.length === 1) return families
  return families.length === 2 && families[0] !== families[1] ? [4, 6] : undefined
}

export function familyName(family: Family): string {
  return `IPv${family}`
}

export function familyNames(families: readonly Family[]): string {
  return families.map(familyName).join(' and ')
}

export function otherFamily(family: Family): Family {
  return family === 4 ? 6 : 4
}
