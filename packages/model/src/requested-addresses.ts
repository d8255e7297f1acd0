import { type Address, formatAddress, parseAddress } from '@steelyard/net'
import { type AnnotationValue, readAnnotations } from './annotations.ts'
import type { ServiceView } from './service.ts'

/** The addresses that a Service asks for by name. */
export type RequestedAddresses =
  | { readonly kind: 'none' }
  /** One, or two of different families, in the order they were written. `source` is the annotation key or the field. */
  | { readonly kind: 'addresses'; readonly addresses: readonly Address[]; readonly source: string }
  /** `message` tells what was found and what is accepted. */
  | { readonly kind: 'malformed'; readonly message: string }

const SPEC_FIELD = 'spec.loadBalancerIP'
const ACCEPTED = 'one IP address, or an IPv4 and an IPv6 address separated by a comma'

/**
 * Reads `metallb.io/loadBalancerIPs` or `spec.loadBalancerIP`. Both together are malformed even when
 * they agree, since they could be changed apart. An annotation that is present but empty asks for nothing.
 */
export function requestedAddresses(view: Pick<ServiceView, 'annotations' | 'specLoadBalancerIp'>): RequestedAddresses {
  const annotation = readAnnotations(view).loadBalancerIps
  const byAnnotation = annotation === undefined || annotation.value === '' ? undefined : annotation
  const byField = view.specLoadBalancerIp
  if (byAnnotation !== undefined && byField !== undefined) return bothGiven(byAnnotation, byField)
  if (byAnnotation !== undefined) return readList(byAnnotation.key, byAnnotation.value)
  return byField === undefined ? { kind: 'none' } : readOne(byField)
}

function bothGiven({ key, value }: AnnotationValue, field: string): RequestedAddresses {
  return malformed(
    `both annotation ${key} ("${value}") and ${SPEC_FIELD} ("${field}") ask for an address; accepted: one of the two`,
  )
}

function readOne(text: string): RequestedAddresses {
  const address = parseAddress(text)
  return address === undefined
    ? malformed(`${SPEC_FIELD} is "${text}"; accepted: one IP address`)
    : { kind: 'addresses', addresses: [address], source: SPEC_FIELD }
}

function readList(key: string, value: string): RequestedAddresses {
  const addresses: Address[] = []
  for (const text of value.split(',').map((part) => part.trim())) {
    const address = parseAddress(text)
    if (address === undefined) {
      return malformed(`annotation ${key} is "${value}": "${text}" is no IP address; accepted: ${ACCEPTED}`)
    }
    addresses.push(address)
  }
  const families = new Set(addresses.map(({ family }) => family))
  if (families.size === addresses.length) return { kind: 'addresses', addresses, source: key }
  const texts = addresses.map(formatAddress).join(', ')
  return malformed(`annotation ${key} asks for ${texts}: several addresses of one family; accepted: ${ACCEPTED}`)
}

function malformed(message: string): RequestedAddresses {
  return { kind: 'malformed', message }
}
