import { AS_TRANS } from '@steelyard/bgp-ts'
import type { NeighbourOptions, RouterOptions } from './router.ts'

/** Not `refresh`: what it writes of those is no JSON. */
const KINDS = ['open', 'update', 'notification', 'keepalive'].map((kind) => `${kind};`).join(' ')

/** @param program that ExaBGP starts, and tells what it hears */
export function exabgpConfig({ asn, routerId, neighbours }: RouterOptions, program: string): string {
  return `${[
    `process listener { run ${program}; encoder json; }`,
    ...neighbours.map((neighbour) => neighbourBlock(asn, routerId, neighbour)),
  ].join('\n')}\n`
}

function neighbourBlock(asn: number, routerId: string, neighbour: NeighbourOptions): string {
  const { address = '', localAddress, families, holdSeconds = 9 } = neighbour
  if (localAddress === undefined) throw new Error(`ExaBGP must be told its own address towards ${address}`)
  return `neighbor ${address} {
  router-id ${routerId};
  local-address ${localAddress};
  local-as ${neighbour.localAsn ?? asn};
  peer-as ${asnSeen(neighbour)};
  hold-time ${holdSeconds};
  passive ${neighbour.passive === true ? 'true' : 'false'};
${optionLines(neighbour)
  .map((line) => `  ${line}\n`)
  .join('')}  family { ${families.map((family) => `${family} unicast;`).join(' ')} }
  capability { ${capabilityWords(neighbour).join(' ')} }
${neighbour.extendedNextHop === true ? '  nexthop { ipv4 unicast ipv6; }\n' : ''}  api { processes [ listener ]; neighbor-changes; receive { parsed; ${KINDS} } }
}`
}

/** Without four octets it looks at the field of two only: AS_TRANS (RFC 6793). */
function asnSeen({ asn, fourOctetAsn }: NeighbourOptions): number {
  return fourOctetAsn === false && asn > 0xff_ff ? AS_TRANS : asn
}

function optionLines({ password, ttlSecurity }: NeighbourOptions): string[] {
  return [
    ...(password === undefined ? [] : [`md5-password '${password}';`]),
    ...(ttlSecurity === true ? ['outgoing-ttl 255;', 'incoming-ttl 255;'] : []),
  ]
}

function capabilityWords({ fourOctetAsn, gracefulRestart, extendedNextHop }: NeighbourOptions): string[] {
  return [
    `asn4 ${fourOctetAsn === false ? 'disable' : 'enable'};`,
    'route-refresh enable;',
    ...(gracefulRestart === undefined ? [] : [`graceful-restart ${gracefulRestart.restartSeconds};`]),
    ...(extendedNextHop === true ? ['nexthop enable;'] : []),
  ]
}
