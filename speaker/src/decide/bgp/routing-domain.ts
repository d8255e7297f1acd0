import type { HostAddress } from './next-hops.ts'

/** What is asked of an interface. */
export type HostLink = {
  readonly index: number
  readonly name: string
  /** What made it: `vrf` for one. */
  readonly kind?: string
  /** The VRF, bridge or bond that it is a port of. */
  readonly masterIndex?: number
}

/**
 * The addresses that are this host's own for a session. A VRF is a network of its own: the same addresses may be in another one.
 * @param device the VRF or other device that the session is bound to; undefined = none, and then no VRF's address counts
 */
export function addressesWithin(
  device: string | undefined,
  links: readonly HostLink[],
  addresses: readonly HostAddress[],
): readonly HostAddress[] {
  const vrfs = new Set(links.flatMap(({ kind, index }) => (kind === 'vrf' ? [index] : [])))
  const domainOf = ({ index, masterIndex }: HostLink): number | undefined =>
    [index, masterIndex].find((one) => one !== undefined && vrfs.has(one))
  const bound = links.find(({ name }) => name === device)?.index
  const isWithin = (link: HostLink): boolean => {
    if (device === undefined) return domainOf(link) === undefined
    return link.index === bound || (bound !== undefined && domainOf(link) === bound)
  }
  const within = new Set(links.filter(isWithin).map(({ index }) => index))
  return addresses.filter(({ index }) => within.has(index))
}
