import { type Namespaces, openNamespaces } from '../namespaces.ts'

/** The router on a LAN with us, and a machine of ours behind a gateway, two hops from the router. */
export type Network = {
  readonly spaces: Namespaces
  readonly us: string
  readonly router: string
  readonly far: string
  /** Takes the router off the LAN, or puts it back; we see no carrier go. */
  readonly plugRouter: (isPlugged: boolean) => void
}

export const ROUTER = { ipv4: '192.0.2.2', ipv6: '2001:db8::2' } as const
/** What our kernel lists first of its IPv6 addresses: the next hop of IPv6 routes on IPv4 sessions. */
export const OURS = { ipv4: '192.0.2.1', ipv6: '2001:db8::1' } as const
export const FAR = '198.18.0.2'
/** Another cable between us and the router, without addresses: by this name on both ends. */
export const CABLE = 'e9'

/** One address of ours for each peer, so that one router can have them all at once. */
export function ourAddress(host: number, family: 'ipv4' | 'ipv6'): string {
  return family === 'ipv4' ? `192.0.2.${host}` : `2001:db8::${host}`
}

/** @param hosts the last parts of the addresses that we shall have */
export function openNetwork(prefix: string, hosts: readonly number[]): Network {
  const spaces = openNamespaces(prefix)
  const [lan, us, router, gateway, far] = ['l', 'u', 'r', 'g', 'f'].map((label) => spaces.add(label))
  if (lan === undefined || us === undefined || router === undefined || gateway === undefined || far === undefined) {
    throw new Error('namespaces are missing')
  }
  spaces.ip(lan, 'link', 'add', 'br0', 'type', 'bridge', 'forward_delay', '0')
  spaces.ip(lan, 'link', 'set', 'br0', 'up')
  for (const [namespace, port] of [
    [us, 'pu'],
    [router, 'pr'],
    [gateway, 'pg'],
  ] as const) {
    spaces.connect({ namespace: lan, name: port }, { namespace, name: 'e0' })
    spaces.ip(lan, 'link', 'set', port, 'master', 'br0')
  }
  spaces.connect({ namespace: us, name: CABLE }, { namespace: router, name: CABLE })
  spaces.connect({ namespace: gateway, name: 'e1' }, { namespace: far, name: 'e0' })
  // Of the IPv6 addresses of an interface the kernel lists the newest first: OURS last.
  const ofPeers = hosts.map((host) => ({ ipv4: ourAddress(host, 'ipv4'), ipv6: ourAddress(host, 'ipv6') }))
  giveAddresses(spaces, us, [...ofPeers, OURS])
  giveAddresses(spaces, router, [ROUTER])
  spaces.ip(gateway, 'addr', 'add', '192.0.2.254/24', 'dev', 'e0')
  spaces.ip(gateway, 'addr', 'add', '198.18.0.1/24', 'dev', 'e1')
  spaces.run(gateway, 'sysctl', '-qw', 'net.ipv4.ip_forward=1')
  spaces.ip(far, 'addr', 'add', `${FAR}/24`, 'dev', 'e0')
  spaces.ip(far, 'route', 'add', 'default', 'via', '198.18.0.1')
  spaces.ip(router, 'route', 'add', '198.18.0.0/24', 'via', '192.0.2.254')
  return {
    spaces,
    us,
    router,
    far,
    plugRouter: (isPlugged) => void spaces.ip(lan, 'link', 'set', 'pr', isPlugged ? 'up' : 'down'),
  }
}

function giveAddresses(
  spaces: Namespaces,
  namespace: string,
  addresses: readonly { readonly ipv4: string; readonly ipv6: string }[],
): void {
  for (const { ipv4, ipv6 } of addresses) {
    spaces.ip(namespace, 'addr', 'add', `${ipv4}/24`, 'dev', 'e0')
    spaces.ip(namespace, 'addr', 'add', `${ipv6}/64`, 'dev', 'e0', 'nodad')
  }
}
