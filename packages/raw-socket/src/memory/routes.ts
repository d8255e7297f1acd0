import { isLinkLocal } from '@steelyard/arp-lib'
import { type Address, parsePrefix, type Prefix, prefixContains, prefixOf, sameAddress } from '@steelyard/net'
import type { Host, Nic } from './state.ts'

/** Which interface a packet leaves by, and from which address; `local`: it does not leave at all. */
export type Route = { readonly nic: Nic | undefined; readonly source: Address; readonly isLocal: boolean }

const LOOPBACK: readonly (Prefix | undefined)[] = ['127.0.0.0/8', '::1/128'].map(parsePrefix)

function isLoopback(address: Address): boolean {
  return LOOPBACK.some((prefix) => prefix !== undefined && prefixContains(prefix, address))
}

/** `0.0.0.0` or `::`. */
export function isUnspecified({ words }: Address): boolean {
  return words.every((word) => word === 0)
}

/** Whether an address is this host's own: of its loopback, or of an interface. */
export function isOwnAddress(host: Host, address: Address): boolean {
  return isLoopback(address) || [...host.nics.values()].some((nic) => hasAddress(nic, address))
}

export function hasAddress({ addresses }: Nic, address: Address): boolean {
  return addresses.some((other) => sameAddress(other.address, address))
}

/**
 * The way to a destination: to one's own address it is short, to one on the network of an interface it is that
 * interface, and to any other the first that somebody with that address hangs on, as if every segment had a
 * router. undefined: there is none.
 * @param ifindex the only interface that may be used; 0: any
 */
export function routeTo(host: Host, destination: Address, ifindex: number): Route | undefined {
  if (!isLinkLocal(destination) && isOwnAddress(host, destination)) {
    return { nic: undefined, source: destination, isLocal: true }
  }
  const nics = [...host.nics.values()].filter(({ link }) => link.up && (ifindex === 0 || link.index === ifindex))
  if (isLinkLocal(destination) && ifindex === 0) return undefined
  const onLink = nics.find((nic) => sourceOn(nic, destination) !== undefined)
  const nic = onLink ?? nics.find(({ plug }) => plug?.macOf(destination) !== undefined)
  const source = nic && (sourceOn(nic, destination) ?? anySource(nic, destination))
  return nic && source && { nic, source, isLocal: false }
}

/** The address of an interface that is on the same network. */
function sourceOn({ addresses }: Nic, destination: Address): Address | undefined {
  return addresses.find(({ address, prefixLength, tentative }) => {
    if (tentative || address.family !== destination.family) return false
    return prefixContains(prefixOf(address, prefixLength), destination)
  })?.address
}

function anySource({ addresses }: Nic, { family }: Address): Address | undefined {
  return addresses.find(({ address }) => address.family === family && !isLinkLocal(address))?.address
}
