import type { NeighbourOptions, RouterOptions } from './router.ts'

export function gobgpConfig({ asn, routerId, neighbours }: RouterOptions): string {
  return `${['[global.config]', `as = ${asn}`, `router-id = "${routerId}"`, ...neighbours.flatMap(neighbourLines)].join(
    '\n',
  )}\n`
}

function neighbourLines(neighbour: NeighbourOptions): string[] {
  const { address, interface: device, asn, holdSeconds = 9, keepaliveSeconds = 3, families } = neighbour
  return [
    '[[neighbors]]',
    '[neighbors.config]',
    `peer-as = ${asn}`,
    address === undefined
      ? `neighbor-interface = "${device ?? ''}"`
      : `neighbor-address = "${scoped(address, device)}"`,
    ...(neighbour.password === undefined ? [] : [`auth-password = "${neighbour.password}"`]),
    '[neighbors.timers.config]',
    'connect-retry = 1',
    'idle-hold-time-after-reset = 1',
    `hold-time = ${holdSeconds}`,
    `keepalive-interval = ${keepaliveSeconds}`,
    ...sections(neighbour),
    ...families.flatMap((family) => familyLines(family, neighbour)),
  ]
}

function scoped(address: string, device: string | undefined): string {
  return device === undefined ? address : `${address}%${device}`
}

function sections({ localAddress, passive, ebgpMultihop, ttlSecurity, gracefulRestart }: NeighbourOptions): string[] {
  const { restartSeconds } = gracefulRestart ?? {}
  return [
    '[neighbors.transport.config]',
    ...(localAddress === undefined ? [] : [`local-address = "${localAddress}"`]),
    ...(passive === true ? ['passive-mode = true'] : []),
    ...(ebgpMultihop === undefined
      ? []
      : ['[neighbors.ebgp-multihop.config]', 'enabled = true', `multihop-ttl = ${ebgpMultihop}`]),
    ...(ttlSecurity === true ? ['[neighbors.ttl-security.config]', 'enabled = true', 'ttl-min = 255'] : []),
    '[neighbors.graceful-restart.config]',
    'enabled = true',
    ...(restartSeconds === undefined ? ['helper-only = true'] : [`restart-time = ${restartSeconds}`]),
  ]
}

function familyLines(family: 'ipv4' | 'ipv6', { gracefulRestart }: NeighbourOptions): string[] {
  return [
    '[[neighbors.afi-safis]]',
    '[neighbors.afi-safis.config]',
    `afi-safi-name = "${family}-unicast"`,
    ...(gracefulRestart === undefined ? [] : ['[neighbors.afi-safis.mp-graceful-restart.config]', 'enabled = true']),
  ]
}
