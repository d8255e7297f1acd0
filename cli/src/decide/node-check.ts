import { type CheckResult, fault, notChecked, ok, warning } from './check-result.ts'
import { listed } from './finding.ts'
import { type ArpSettings, IPVS_DEVICE, kernelVerdict, STRICT_ARP_ADVICE } from '@steelyard/speaker'
import { BGP_PORT } from '@steelyard/bgp-ts'
import { firewallChecks } from './firewall.ts'

export type InterfaceFacts = {
  readonly name: string
  readonly isUp: boolean
  readonly mtu: number
  /** Of another network namespace's pair, a bridge of containers, a tunnel of the network plugin. */
  readonly isOfPlugin: boolean
  /** `net.ipv4.conf.NAME`, where it can be read. */
  readonly rpFilter: number | undefined
  readonly arpIgnore: number | undefined
  readonly arpAnnounce: number | undefined
}
export type NodeFacts = {
  readonly interfaces: readonly InterfaceFacts[]
  /** `net.ipv4.conf.all`. */
  readonly rpFilterAll: number | undefined
  readonly arpIgnoreAll: number | undefined
  readonly arpAnnounceAll: number | undefined
  /** Ports that something listens on, by protocol. */
  readonly listening: { readonly tcp: ReadonlySet<number>; readonly udp: ReadonlySet<number> } | undefined
  /** What `nft list ruleset` or `iptables-save` prints; undefined = neither could be run. */
  readonly ruleset: { readonly tool: 'nft' | 'iptables'; readonly text: string } | undefined
}

/** What this machine shows of whether addresses will be reached through it. */
export function nodeChecks(facts: NodeFacts): readonly CheckResult[] {
  const own = facts.interfaces.filter(({ isOfPlugin }) => !isOfPlugin)
  return [
    interfaceCheck(own),
    ...mtuCheck(own),
    rpFilterCheck(facts, own),
    arpCheck(facts, own),
    ...firewallChecks(facts),
    bgpPortCheck(facts),
  ]
}

function interfaceCheck(own: readonly InterfaceFacts[]): CheckResult {
  const up = own.filter(({ isUp }) => isUp).map(({ name }) => name)
  if (up.length > 0) return ok('interfaces', `${listed(up)} can announce`)
  const names =
    own.length === 0
      ? 'there is none but those of the network plugin'
      : `${listed(own.map(({ name }) => name))}: no carrier`
  return fault('interfaces', names, 'bring up the interface that faces the network of the clients')
}

/** IPv6 needs 1280 (RFC 8200 section 5). */
const LEAST_MTU = 1280

function mtuCheck(own: readonly InterfaceFacts[]): readonly CheckResult[] {
  const up = own.filter(({ isUp }) => isUp)
  if (up.length === 0) return []
  const told = listed(up.map(({ name, mtu }) => `${name} ${mtu}`))
  const small = up.filter(({ mtu }) => mtu < LEAST_MTU)
  if (small.length > 0)
    return [fault('MTU', `${told}: below ${LEAST_MTU}`, 'raise it: IPv6 does not work with less, and much else badly')]
  if (new Set(up.map(({ mtu }) => mtu)).size > 1) {
    return [warning('MTU', `${told}: they differ`, 'see that hosts and nodes of one network have the same')]
  }
  return [ok('MTU', told)]
}

const STRICT = 1

/** The kernel uses the larger of the two values (ip-sysctl). */
function rpFilterCheck({ rpFilterAll }: NodeFacts, own: readonly InterfaceFacts[]): CheckResult {
  if (rpFilterAll === undefined) return notChecked('rp_filter', '/proc/sys/net/ipv4/conf cannot be read')
  const strict = own.filter(({ rpFilter }) => Math.max(rpFilterAll, rpFilter ?? 0) === STRICT).map(({ name }) => name)
  if (strict.length === 0) return ok('rp_filter', 'not strict')
  if (own.filter(({ isUp }) => isUp).length < 2)
    return ok('rp_filter', `strict on ${listed(strict)}, which is the only way in and out`)
  return warning(
    'rp_filter',
    `strict on ${listed(strict)}: packets are dropped that come in where answers do not go out`,
    'set net.ipv4.conf.all.rp_filter and that of the interface to 2 (loose), or route answers back the same way',
  )
}

/** As the speaker of this node judges it, whose interfaces are those that are not of a network plugin. */
function arpCheck(facts: NodeFacts, own: readonly InterfaceFacts[]): CheckResult {
  const name = 'ARP settings'
  const { status, message } = kernelVerdict(arpSettingsOf(facts, own))
  if (status === 'True') return fault(name, message, STRICT_ARP_ADVICE)
  return status === 'False' ? ok(name, message) : notChecked(name, message)
}

function arpSettingsOf(
  { interfaces, arpIgnoreAll: ignore, arpAnnounceAll: announce }: NodeFacts,
  own: readonly InterfaceFacts[],
): ArpSettings {
  return {
    all: ignore === undefined || announce === undefined ? undefined : { ignore, announce },
    interfaces: new Map(
      own.map(({ name, arpIgnore = 0, arpAnnounce = 0 }) => [name, { ignore: arpIgnore, announce: arpAnnounce }]),
    ),
    hasIpvsDevice: interfaces.some(({ name }) => name === IPVS_DEVICE),
  }
}

function bgpPortCheck({ listening }: NodeFacts): CheckResult {
  const name = 'BGP port'
  if (listening === undefined) return notChecked(name, '/proc/net/tcp cannot be read')
  if (!listening.tcp.has(BGP_PORT)) return ok(name, `nothing listens on TCP ${BGP_PORT}`)
  return warning(
    name,
    `something listens on TCP ${BGP_PORT}`,
    'a network plugin, or a speaker with a passive peer: both at once do not go together',
  )
}
