import { CABLE } from '../../netns/bgp/network.ts'
import { type Namespaces, openNamespaces } from '../../netns/namespaces.ts'

/**
 * A node between two networks that have the same addresses: `eth0` in the main table, with the router `plain`
 * behind it, and `e1` in the VRF `red`, with the router `red` behind it. A cable without addresses leads to `red` too.
 */
export type VrfNetwork = {
  readonly spaces: Namespaces
  readonly us: string
  readonly red: string
  readonly plain: string
  /** Makes the VRF, and takes e1 and the cable into it. */
  readonly makeVrf: () => void
  readonly removeVrf: () => void
}

export const VRF = 'red'
/** The routers' addresses, the same on both sides. */
export const ROUTER = { ipv4: '192.0.2.2', ipv6: '2001:db8::2' } as const
/** Ours, the same on both sides. */
export const OURS = { ipv4: '192.0.2.1', ipv6: '2001:db8::1' } as const
/** What our kernel lists first of the IPv6 addresses of `eth0`; `e1` does not have it. */
export const PLAIN_IPV6 = '2001:db8::11'
/** A second one of the router `red`, which `plain` does not have. */
export const ONLY_RED = '192.0.2.3'
/** More of ours on `e1`: one for each peer that is set up otherwise. */
export const SOURCES = { bare: '192.0.2.31', calling: '192.0.2.32', strict: '192.0.2.33' } as const
/** Of the VRF's own device, as of a loopback. */
export const LOOPBACK = '203.0.113.9'
const TABLE = '10'
const NO_DAD = 'net.ipv6.conf.default.accept_dad=0'

export function openVrfNetwork(prefix: string): VrfNetwork {
  const spaces = openNamespaces(prefix)
  const [us, red, plain] = ['u', 'r', 'p'].map((label) => spaces.add(label)) as [string, string, string]
  // An IPv6 address goes when its interface changes its table, and is another one when it comes back.
  for (const namespace of [us, red, plain]) spaces.run(namespace, 'sysctl', '-qw', NO_DAD)
  spaces.connect({ namespace: us, name: 'eth0' }, { namespace: plain, name: 'e0' })
  spaces.connect({ namespace: us, name: 'e1' }, { namespace: red, name: 'e0' })
  spaces.connect({ namespace: us, name: CABLE }, { namespace: red, name: CABLE })
  const give = (namespace: string, device: string, ...addresses: readonly string[]): void => {
    for (const address of addresses) spaces.ip(namespace, 'addr', 'replace', address, 'dev', device)
  }
  give(us, 'eth0', `${OURS.ipv4}/24`, `${OURS.ipv6}/64`, `${PLAIN_IPV6}/64`)
  give(plain, 'e0', `${ROUTER.ipv4}/24`, `${ROUTER.ipv6}/64`)
  give(red, 'e0', `${ROUTER.ipv4}/24`, `${ONLY_RED}/24`, `${ROUTER.ipv6}/64`)
  spaces.ip(red, 'route', 'add', LOOPBACK, 'via', OURS.ipv4)
  const makeVrf = (): void => {
    spaces.ip(us, 'link', 'add', VRF, 'type', 'vrf', 'table', TABLE)
    spaces.ip(us, 'link', 'set', VRF, 'up')
    give(us, VRF, `${LOOPBACK}/32`)
    for (const port of ['e1', CABLE]) spaces.ip(us, 'link', 'set', port, 'master', VRF)
    give(us, 'e1', `${OURS.ipv4}/24`, ...Object.values(SOURCES).map((source) => `${source}/24`), `${OURS.ipv6}/64`)
  }
  makeVrf()
  return { spaces, us, red, plain, makeVrf, removeVrf: () => void spaces.ip(us, 'link', 'del', VRF) }
}
