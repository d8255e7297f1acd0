import type { BfdOptions, BfdPeerOptions, NeighbourOptions, RouteFamily, RouterOptions } from './router.ts'

const FAMILIES = ['ipv4', 'ipv6'] as const

/** @param own the prefixes that the router announces itself */
export function birdConfig(
  { routerId, asn, neighbours, bfdPeers = [] }: RouterOptions,
  own: ReadonlySet<string>,
): string {
  return `${[
    'log stderr all;',
    `router id ${routerId};`,
    'protocol device { scan time 1; }',
    'protocol direct { ipv4; ipv6; }',
    ...FAMILIES.map((family) => ownRoutes(family, own)),
    ...(bfdPeers.length > 0 || neighbours.some(({ bfd }) => bfd !== undefined) ? [birdBfd(bfdPeers)] : []),
    ...neighbours.map((neighbour, index) => birdPeer(asn, neighbour, index)),
  ].join('\n')}\n`
}

/** BIRD calls a session by the name of its protocol. */
export function birdName(index: number): string {
  return `peer${index}`
}

function ownRoutes(family: RouteFamily, own: ReadonlySet<string>): string {
  const routes = [...own].filter((prefix) => prefix.includes(':') === (family === 'ipv6'))
  return `protocol static own_${family} { ${family}; ${routes.map((prefix) => `route ${prefix} blackhole;`).join(' ')} }`
}

/** Sessions that BGP asks for have numbers of their own; those of the peers named here stand with the interface. No `accept`: of two the last counts alone. */
function birdBfd(peers: readonly BfdPeerOptions[]): string {
  const numbers = bfdWords(peers[0] ?? {}).join(' ')
  const named = peers.map(({ address, interface: device, localAddress, multihop }) =>
    [
      `neighbor ${address}`,
      ...(device === undefined ? [] : [`dev "${device}"`]),
      ...(localAddress === undefined ? [] : [`local ${localAddress}`]),
      ...(multihop === true ? ['multihop on'] : []),
    ].join(' '),
  )
  const scopes = ['interface "*"', 'multihop'].map((scope) => `${scope} { ${numbers} };`)
  return `protocol bfd { ${scopes.join(' ')} ${named.map((one) => `${one};`).join(' ')} }`
}

function birdPeer(asn: number, neighbour: NeighbourOptions, index: number): string {
  const { address = '', interface: device, asn: peerAsn, holdSeconds = 9, keepaliveSeconds = 3 } = neighbour
  const scope = device === undefined ? '' : `%'${device}'`
  // Without four octets it takes no greater number, although it looks for it in the peer's capability.
  const remote = neighbour.fourOctetAsn === false ? 'external' : `as ${peerAsn}`
  return `protocol bgp ${birdName(index)} {
  local ${neighbour.localAddress === undefined ? '' : `${neighbour.localAddress} `}as ${neighbour.localAsn ?? asn};
  neighbor ${address}${scope} ${remote};
  connect retry time 1; connect delay time 1; error wait time 1, 1; error forget time 1;
  hold time ${holdSeconds}; keepalive time ${keepaliveSeconds};
  debug { states, events };
  ${optionWords(neighbour).join(' ')}
${neighbour.families.map((family) => channel(family, neighbour)).join('\n')}
}`
}

function optionWords(neighbour: NeighbourOptions): string[] {
  const { password, ebgpMultihop, gracefulRestart, passive, bfd, ttlSecurity, fourOctetAsn } = neighbour
  return [
    ...(password === undefined ? [] : [`password "${password}";`]),
    ebgpMultihop === undefined ? 'direct;' : `multihop ${ebgpMultihop};`,
    gracefulRestart === undefined
      ? 'graceful restart aware;'
      : `graceful restart on; graceful restart time ${gracefulRestart.restartSeconds};`,
    ...(passive === true ? ['passive on;'] : []),
    ...(bfd === undefined ? [] : [`bfd { ${bfdWords(bfd).join(' ')} };`]),
    ...(ttlSecurity === true ? ['ttl security on;'] : []),
    ...(fourOctetAsn === false ? ['enable as4 off;'] : []),
  ]
}

function bfdWords(bfd: BfdOptions): string[] {
  return [
    ...(bfd.transmitInterval === undefined ? [] : [`min tx interval ${bfd.transmitInterval} ms;`]),
    ...(bfd.receiveInterval === undefined ? [] : [`min rx interval ${bfd.receiveInterval} ms;`]),
    ...(bfd.detectMultiplier === undefined ? [] : [`multiplier ${bfd.detectMultiplier};`]),
    ...(bfd.passive === true ? ['passive yes;'] : []),
  ]
}

/** Only its own routes are told to a peer: what comes from one is to be read, not passed on. */
function channel(family: RouteFamily, { extendedNextHop }: NeighbourOptions): string {
  const words = family === 'ipv4' && extendedNextHop === true ? ' extended next hop on;' : ''
  return `  ${family} { import all; export where source = RTS_STATIC;${words} };`
}
