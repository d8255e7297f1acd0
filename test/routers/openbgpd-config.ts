import type { NeighbourOptions, RouteFamily, RouterOptions } from './router.ts'

const FAMILIES = ['ipv4', 'ipv6'] as const
const NAMES: Readonly<Record<RouteFamily, string>> = { ipv4: 'IPv4', ipv6: 'IPv6' }

export function openbgpdConfig({ asn, routerId, neighbours }: RouterOptions, socket: string): string {
  return `${[
    `AS ${asn}`,
    `router-id ${routerId}`,
    'fib-update no',
    'connect-retry 1',
    // A next hop that no route of the kernel leads to would hide the routes.
    'nexthop qualify via default',
    `socket "${socket}"`,
    ...listenLines(neighbours),
    'allow from any',
    'allow to any',
    ...neighbours.map(neighbourBlock),
  ].join('\n')}\n`
}

/** By address: on its listener for all addresses it checks no MD5 signatures. */
function listenLines(neighbours: readonly NeighbourOptions[]): string[] {
  const own = new Set(neighbours.flatMap(({ localAddress }) => (localAddress === undefined ? [] : [localAddress])))
  return [...own].map((address) => `listen on ${address}`)
}

function neighbourBlock(neighbour: NeighbourOptions): string {
  const { address = '', interface: device, asn, holdSeconds = 9 } = neighbour
  return [
    `neighbor ${address}${device === undefined ? '' : `%${device}`} {`,
    `  remote-as ${asn}`,
    `  holdtime ${holdSeconds}`,
    '  announce enhanced refresh yes',
    ...FAMILIES.map(
      (family) => `  announce ${NAMES[family]} ${neighbour.families.includes(family) ? 'unicast' : 'none'}`,
    ),
    ...optionLines(neighbour).map((line) => `  ${line}`),
    '}',
  ].join('\n')
}

function optionLines(neighbour: NeighbourOptions): string[] {
  const { password, ebgpMultihop, localAddress, localAsn, passive, ttlSecurity, fourOctetAsn } = neighbour
  return [
    ...(password === undefined ? [] : [`tcp md5sig password "${password}"`]),
    ...(ebgpMultihop === undefined ? [] : [`multihop ${ebgpMultihop}`]),
    // With it, the listener would check no MD5 signature of this neighbour; one that waits does not need it.
    ...(localAddress === undefined || passive === true ? [] : [`local-address ${localAddress}`]),
    ...(localAsn === undefined ? [] : [`local-as ${localAsn}`]),
    ...(passive === true ? ['passive'] : []),
    ...(ttlSecurity === true ? ['ttl-security yes'] : []),
    ...(fourOctetAsn === false ? ['announce as-4byte no'] : []),
  ]
}
