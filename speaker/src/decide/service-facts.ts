import type { ServableEndpoint, ServiceView } from '@steelyard/model'
import { type Addressed, type AddressingRules, type ServiceAddress, type WithdrawalReason } from './addresses.ts'
import { type AdvertisementsByPool, type Announceable, layer2Scope, type Layer2Reason } from './layer2.ts'

/** Why a node does not announce a Service: the contract's word for it, and a sentence. */
export type Withheld = {
  readonly reason: WithdrawalReason | Layer2Reason
  readonly message: string
}

export type AnnounceableService = {
  readonly kind: 'announceable'
  /** `namespace/name`. */
  readonly key: string
  readonly createdAt: string
  /** Ascending, each once; never empty. */
  readonly addresses: readonly ServiceAddress[]
  readonly ips: readonly string[]
  readonly scope: Announceable
  /** Equal for Services that the same nodes may announce on the same terms. */
  readonly termsKey: string
}

/** All that announcing on the LAN needs to know of one Service; made anew only when it, its endpoints or the configuration change. */
export type ServiceFacts =
  | AnnounceableService
  /** No node may announce it. */
  | { readonly kind: 'withheld'; readonly key: string; readonly why: Withheld }

export type ServiceRules = AddressingRules & {
  readonly advertisements: AdvertisementsByPool
  /** Of the configuration: under another one, terms of the same name may be others. */
  readonly revision: number
}

/** @param addressed what `addressesOf` says of the Service, which other protocols start from as well */
export function layer2Facts(
  service: ServiceView,
  endpoints: readonly ServableEndpoint[],
  addressed: Addressed,
  rules: Omit<ServiceRules, keyof AddressingRules>,
): ServiceFacts {
  const { key, createdAt } = service
  if (addressed.kind === 'withdrawn') return { kind: 'withheld', key, why: addressed }
  const { addresses, pool } = addressed
  const scope = layer2Scope(service, endpoints, rules.advertisements.get(pool) ?? [])
  if (scope.kind === 'withheld') return { kind: 'withheld', key, why: scope }
  const ips = addresses.map(({ ip }) => ip)
  return { kind: 'announceable', key, createdAt, addresses, ips, scope, termsKey: termsKey(scope, rules.revision) }
}

function termsKey({ advertisements, servingNodes }: Announceable, revision: number): string {
  const names = advertisements.map(({ name }) => name).join(' ')
  const terms = `${revision} ${names}`
  return servingNodes === undefined ? terms : `${terms}\n${servingNodes.join(' ')}`
}

/** A Service that is not announced for one of these has, so far, nothing to do with us. */
export const NOT_YET_OURS: ReadonlySet<string> = new Set<Withheld['reason']>([
  'serviceDeleted',
  'notLoadBalancer',
  'noIPAllocated',
])

/** Whether two states of one Service come to the same for whatever is announced. Absent = there is no such Service. */
export function sameFacts(a: ServiceFacts | undefined, b: ServiceFacts | undefined): boolean {
  return effectOf(a) === effectOf(b)
}

function effectOf(facts: ServiceFacts | undefined): string {
  if (facts === undefined) return ''
  if (facts.kind === 'withheld') return NOT_YET_OURS.has(facts.why.reason) ? '' : facts.why.reason
  return [facts.createdAt, facts.ips.join(' '), facts.termsKey].join('\n')
}
