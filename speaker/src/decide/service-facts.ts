import { type ServableEndpoint, type ServiceView } from '@steelyard/model'
import { type Addressed, addressesOf, type AddressingRules, type WithdrawalReason } from './addresses.ts'
import { type AdvertisementsByPool, layer2Scope, type Layer2Scope } from './layer2.ts'

/** All that announcing needs to know of one Service; made anew only when it, its endpoints or the configuration change. */
export type ServiceFacts = {
  /** `namespace/name`. */
  readonly key: string
  readonly createdAt: string
  readonly addressed: Addressed
  /** Absent when it has no addresses to announce. */
  readonly layer2?: Layer2Scope
  /** Equal for Services that the same nodes may announce on the same terms. */
  readonly termsKey: string
}

export type ServiceRules = AddressingRules & { readonly advertisements: AdvertisementsByPool }

export function serviceFacts(
  service: ServiceView,
  endpoints: readonly ServableEndpoint[],
  rules: ServiceRules,
): ServiceFacts {
  const { key, createdAt } = service
  const addressed = addressesOf(service, rules)
  if (addressed.kind === 'withdrawn') return { key, createdAt, addressed, termsKey: '' }
  const layer2 = layer2Scope(service, endpoints, rules.advertisements.get(addressed.pool) ?? [])
  return { key, createdAt, addressed, layer2, termsKey: termsKey(layer2) }
}

function termsKey(scope: Layer2Scope): string {
  if (scope.kind === 'withheld') return ''
  const names = scope.advertisements.map(({ name }) => name).join(' ')
  return scope.servingNodes === undefined ? names : `${names}\n${scope.servingNodes.join(' ')}`
}

/** A Service that is not announced for one of these has, so far, nothing to do with us. */
const NOT_YET: ReadonlySet<WithdrawalReason> = new Set(['serviceDeleted', 'notLoadBalancer', 'noIPAllocated'])

/** Whether two states of one Service come to the same for whatever is announced. Absent = there is no such Service. */
export function sameFacts(a: ServiceFacts | undefined, b: ServiceFacts | undefined): boolean {
  return effectOf(a) === effectOf(b)
}

function effectOf(facts: ServiceFacts | undefined): string {
  if (facts === undefined) return ''
  const { addressed, layer2, termsKey } = facts
  if (addressed.kind === 'withdrawn') return NOT_YET.has(addressed.reason) ? '' : addressed.reason
  const ips = addressed.addresses.map(({ ip }) => ip).join(' ')
  return layer2?.kind === 'withheld' ? `${ips}\n${layer2.reason}` : `${ips}\n\n${termsKey}`
}
