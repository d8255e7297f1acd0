import type { ServableEndpoint, ServiceView } from '@steelyard/model'
import { addressesOf } from '../decide/addresses.ts'
import { layer2Facts, type ServiceFacts, type ServiceRules } from '../decide/service-facts.ts'

/** What layer 2 has to know of a Service that stands alone. */
export function serviceFacts(
  service: ServiceView,
  endpoints: readonly ServableEndpoint[],
  rules: ServiceRules,
): ServiceFacts {
  return layer2Facts(service, endpoints, addressesOf(service, rules), rules)
}
