import { poolAt, type PoolIndex, type ServiceView } from '@steelyard/model'
import { type Address, compareAddresses, formatAddress, parseAddress } from '@steelyard/net'

/** Why a Service is announced by no protocol at all. The first that applies, in this order. */
export type WithdrawalReason =
  | 'serviceDeleted'
  | 'notLoadBalancer'
  | 'noIPAllocated'
  | 'invalidIP'
  | 'ipNotAllowed'
  | 'loadBalancerIPChanged'
  | 'internalError'

export type ServiceAddress = { readonly ip: string; readonly address: Address }

export type Addressed =
  | {
      readonly kind: 'addressed'
      /** Ascending, each once: the order of the status says nothing. */
      readonly addresses: readonly ServiceAddress[]
      readonly pool: string
    }
  | { readonly kind: 'withdrawn'; readonly reason: WithdrawalReason; readonly message: string }

/** What announcing a Service starts from, or why it cannot be announced. */
export type AddressingRules = { readonly pools: PoolIndex; readonly loadBalancerClass: string }

/**
 * The addresses of a Service, all of one pool. Whoever wrote them: the speaker trusts any allocator, but
 * announces nothing that no pool holds.
 */
export function addressesOf(service: ServiceView | undefined, rules: AddressingRules): Addressed {
  if (service === undefined) return withdrawn('serviceDeleted', 'the Service is gone')
  if (!service.isLoadBalancer) return withdrawn('notLoadBalancer', 'spec.type is not LoadBalancer')
  const { loadBalancerClass = '' } = service
  if (loadBalancerClass !== rules.loadBalancerClass) {
    const ours = rules.loadBalancerClass === '' ? 'only Services without one' : JSON.stringify(rules.loadBalancerClass)
    return withdrawn(
      'notLoadBalancer',
      `spec.loadBalancerClass is ${JSON.stringify(loadBalancerClass)}; this speaker serves ${ours}`,
    )
  }
  if (service.ingress.length === 0) return withdrawn('noIPAllocated', 'status.loadBalancer.ingress is empty')
  const addresses = parseIngress(service.ingress)
  return Array.isArray(addresses) ? inOnePool(addresses, rules.pools) : addresses
}

function withdrawn(reason: WithdrawalReason, message: string): Extract<Addressed, { kind: 'withdrawn' }> {
  return { kind: 'withdrawn', reason, message }
}

function parseIngress(ingress: ServiceView['ingress']): ServiceAddress[] | Extract<Addressed, { kind: 'withdrawn' }> {
  const byIp = new Map<string, ServiceAddress>()
  for (const [index, { ip = '' }] of ingress.entries()) {
    const address = parseAddress(ip)
    if (address === undefined) {
      const message = `status.loadBalancer.ingress[${index}].ip is ${JSON.stringify(ip)}, not an IP address`
      return withdrawn('invalidIP', message)
    }
    byIp.set(formatAddress(address), { ip: formatAddress(address), address })
  }
  return [...byIp.values()].sort((a, b) => compareAddresses(a.address, b.address))
}

function inOnePool(addresses: readonly ServiceAddress[], pools: PoolIndex): Addressed {
  const found = addresses.map(({ address }) => poolAt(pools, address)?.name)
  const [pool] = found
  if (pool !== undefined && found.every((name) => name === pool)) return { kind: 'addressed', addresses, pool }
  const places = addresses.map(({ ip }, index) => `${ip} is in ${found[index] ?? 'no pool'}`)
  return withdrawn('ipNotAllowed', `${places.join(', ')}; all addresses must be in one pool`)
}
