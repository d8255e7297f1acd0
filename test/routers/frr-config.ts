import type { BfdOptions, BfdPeerOptions, NeighbourOptions, RouterOptions } from './router.ts'

const FAMILIES = ['ipv4', 'ipv6'] as const
const MOST_PATHS = 16

type FrrPeer = Pick<NeighbourOptions, 'address' | 'interface'>

/** How FRR calls a peer: by address, or by interface when it is unnumbered or link-local. */
export function frrNeighbour({ address, interface: device }: FrrPeer): string {
  return address ?? device ?? ''
}

/** FRR's bgpd.conf. Every family is switched on by name, policies are not asked for, and routes are given by hand. */
export function frrConfig(options: RouterOptions): string {
  const { name = 'frr', asn, routerId, neighbours } = options
  return lines([
    `hostname ${name}`,
    'log stdout',
    'debug bgp neighbor-events',
    `router bgp ${asn}`,
    ...indent([
      `bgp router-id ${routerId}`,
      'no bgp ebgp-requires-policy',
      'no bgp default ipv4-unicast',
      'no bgp network import-check',
      'bgp bestpath as-path multipath-relax',
      ...(options.weightedPaths === true ? [] : ['bgp bestpath bandwidth ignore']),
      ...restartLines(neighbours),
      ...neighbours.flatMap(neighbourLines),
      ...FAMILIES.flatMap((family) => familyLines(family, neighbours)),
    ]),
  ])
}

function restartLines(neighbours: readonly NeighbourOptions[]): string[] {
  const restart = neighbours.find(({ gracefulRestart }) => gracefulRestart !== undefined)?.gracefulRestart
  return restart === undefined
    ? []
    : ['bgp graceful-restart', `bgp graceful-restart restart-time ${restart.restartSeconds}`]
}

function neighbourLines(neighbour: NeighbourOptions): string[] {
  const name = frrNeighbour(neighbour)
  const { address, interface: device, asn, holdSeconds = 9, keepaliveSeconds = 3 } = neighbour
  const peer =
    address === undefined ? `neighbor ${name} interface remote-as ${asn}` : `neighbor ${name} remote-as ${asn}`
  const source = device !== undefined && address !== undefined ? `interface ${device}` : undefined
  return [
    peer,
    ...(source === undefined ? [] : [`neighbor ${name} ${source}`]),
    `neighbor ${name} timers ${keepaliveSeconds} ${holdSeconds}`,
    `neighbor ${name} timers connect 1`,
    // Lets a test see at once what another would see after a pause.
    `neighbor ${name} advertisement-interval 0`,
    ...optionLines(neighbour).map((line) => `neighbor ${name} ${line}`),
  ]
}

function optionLines(neighbour: NeighbourOptions): string[] {
  const { password, ebgpMultihop, localAddress, localAsn, passive, bfd, ttlSecurity, extendedNextHop, fourOctetAsn } =
    neighbour
  return [
    ...(password === undefined ? [] : [`password ${password}`]),
    ...(ebgpMultihop === undefined ? [] : [`ebgp-multihop ${ebgpMultihop}`]),
    ...(localAddress === undefined ? [] : [`update-source ${localAddress}`]),
    ...(localAsn === undefined ? [] : [`local-as ${localAsn} no-prepend replace-as`]),
    // It offers four octets or nothing at all.
    ...(fourOctetAsn === false ? ['dont-capability-negotiate'] : []),
    ...(passive === true ? ['passive'] : []),
    ...(bfd === undefined ? [] : [`bfd profile ${profileName(neighbour)}`]),
    ...(ttlSecurity === true ? ['ttl-security hops 1'] : []),
    ...(extendedNextHop === true ? ['capability extended-nexthop'] : []),
  ]
}

function familyLines(family: 'ipv4' | 'ipv6', neighbours: readonly NeighbourOptions[]): string[] {
  const carrying = neighbours.filter(({ families }) => families.includes(family))
  return [
    `address-family ${family} unicast`,
    ...indent([
      `maximum-paths ${MOST_PATHS}`,
      `maximum-paths ibgp ${MOST_PATHS}`,
      ...carrying.map((neighbour) => `neighbor ${frrNeighbour(neighbour)} activate`),
    ]),
    'exit-address-family',
  ]
}

/** FRR's bfdd.conf: one profile for each neighbour that wants BFD, and for each peer of BFD alone. Undefined when there are none. */
export function frrBfdConfig({ name = 'frr', neighbours, bfdPeers = [] }: RouterOptions): string | undefined {
  const profiles = [
    ...neighbours.flatMap((neighbour) =>
      neighbour.bfd === undefined ? [] : bfdProfileLines(neighbour, neighbour.bfd),
    ),
    ...bfdPeers.flatMap((peer) => bfdProfileLines(peer, peer)),
  ]
  if (profiles.length === 0) return undefined
  return lines([`hostname ${name}`, 'log stdout', 'bfd', ...indent([...profiles, ...bfdPeers.flatMap(bfdPeerLines)])])
}

/** Within `bfd`: the numbers of one peer. */
export function bfdProfileLines(peer: FrrPeer, bfd: BfdOptions): readonly string[] {
  return [`profile ${profileName(peer)}`, ...indent(profileLines(bfd)), 'exit']
}

function bfdPeerLines(peer: BfdPeerOptions): string[] {
  const { address, interface: device, localAddress, multihop } = peer
  const words = [
    `peer ${address}`,
    ...(multihop === true ? ['multihop'] : []),
    ...(localAddress === undefined ? [] : [`local-address ${localAddress}`]),
    ...(device === undefined ? [] : [`interface ${device}`]),
  ]
  return [words.join(' '), ` profile ${profileName(peer)}`, 'exit']
}

function profileLines(bfd: BfdOptions): string[] {
  return [
    ...(bfd.transmitInterval === undefined ? [] : [`transmit-interval ${bfd.transmitInterval}`]),
    ...(bfd.receiveInterval === undefined ? [] : [`receive-interval ${bfd.receiveInterval}`]),
    ...(bfd.detectMultiplier === undefined ? [] : [`detect-multiplier ${bfd.detectMultiplier}`]),
    ...(bfd.echoInterval === undefined
      ? []
      : [`echo transmit-interval ${bfd.echoInterval}`, `echo receive-interval ${bfd.echoInterval}`, 'echo-mode']),
    ...(bfd.passive === true ? ['passive-mode'] : []),
    ...(bfd.minimumTtl === undefined ? [] : [`minimum-ttl ${bfd.minimumTtl}`]),
  ]
}

/** Within `bfd`: shuts BFD with a neighbour down, or opens it again. */
export function bfdLines(neighbour: FrrPeer, wanted: boolean): readonly string[] {
  return [`profile ${profileName(neighbour)}`, wanted ? 'no shutdown' : 'shutdown', 'exit']
}

function profileName(neighbour: FrrPeer): string {
  return `to-${frrNeighbour(neighbour).replaceAll(/[.:]/g, '-')}`
}

function indent(text: readonly string[]): string[] {
  return text.map((line) => ` ${line}`)
}

function lines(text: readonly string[]): string {
  return `${text.join('\n')}\n`
}
