import {
  BROADCAST_MAC,
  decodeArp,
  decodeEthernet,
  decodeNdp,
  encodeArp,
  encodeEthernet,
  encodeNdp,
  ETHERTYPE,
  groupMac,
  isLinkLocal,
  solicitedNodeGroup,
} from '@steelyard/arp-lib'
import { type Address, type Mac, parseAddress, prefixContains, prefixOf, sameAddress } from '@steelyard/net'
import type { Asked, MemberLife } from './member-state.ts'
import type { Channel, LinkEffect, LinkState } from './state.ts'

/** A gateway on the same LAN answers within a few milliseconds. */
const ANSWER_MS = 100
const UNKNOWN_MAC = new Uint8Array(6)

/**
 * Asks the gateway whether it is there, over the interface that leads to it and from the node's own address
 * there. An address that this node announces would not do: whose it is is the very question.
 * @returns false when there is nobody, or no way, to ask
 */
export function askGateway(state: LinkState, life: MemberLife, now: number, effects: LinkEffect[]): boolean {
  const { gateway: wanted } = life.desired
  const gateway = wanted && parseAddress(wanted.ip)
  if (wanted === undefined || gateway === undefined) return false
  const channel = channelTo(state, gateway, wanted.interface)
  const own = channel && ownAddress(state, channel, gateway)
  if (channel === undefined || own === undefined) return false
  life.asked = { gateway, channelKey: channel.plan.key, until: now + ANSWER_MS }
  const frame =
    gateway.family === 4 ? arpQuestion(gateway, own, channel.plan.mac) : solicitation(gateway, own, channel.plan.mac)
  effects.push({ kind: 'member', act: { kind: 'ask', key: channel.plan.key, frame } })
  return true
}

function channelTo({ channels }: LinkState, { family }: Address, name: string): Channel | undefined {
  const protocol = family === 4 ? 'arp' : 'ndp'
  return [...channels.values()].find(({ plan, isOpen }) => isOpen && plan.name === name && plan.protocol === protocol)
}

/** The address in the gateway's network; of IPv6 any of the same scope will do. */
function ownAddress({ view }: LinkState, { plan }: Channel, gateway: Address): Address | undefined {
  const own = [...(view?.addresses.get(plan.ifindex)?.values() ?? [])].filter(
    ({ address }) => address.family === gateway.family && isLinkLocal(address) === isLinkLocal(gateway),
  )
  const near = own.find(
    ({ address, prefixLength = 0 }) => prefixLength > 0 && prefixContains(prefixOf(address, prefixLength), gateway),
  )
  return (near ?? own[0])?.address
}

function arpQuestion(gateway: Address, own: Address, mac: Mac): Uint8Array {
  const addresses = { senderMac: mac, senderIp: own, targetMac: UNKNOWN_MAC, targetIp: gateway }
  const payload = encodeArp({ operation: 'request', ...addresses })
  return encodeEthernet({ destination: BROADCAST_MAC, source: mac, etherType: ETHERTYPE.arp, payload })
}

function solicitation(target: Address, source: Address, mac: Mac): Uint8Array {
  const destination = solicitedNodeGroup(target)
  const payload = encodeNdp({ kind: 'solicitation', source, destination, target, sourceLinkLayer: mac })
  return encodeEthernet({ destination: groupMac(destination), source: mac, etherType: ETHERTYPE.ipv6, payload })
}

/** Whether a frame that came in is the gateway's answer. */
export function isAnswer(
  { gateway, channelKey }: Asked,
  frame: { readonly key: string; readonly bytes: Uint8Array },
): boolean {
  if (frame.key !== channelKey) return false
  const ethernet = decodeEthernet(frame.bytes)
  if (!ethernet.ok) return false
  const { etherType, payload } = ethernet.value
  if (etherType === ETHERTYPE.arp) {
    const arp = decodeArp(payload)
    return arp.ok && arp.value.operation === 'reply' && sameAddress(arp.value.senderIp, gateway)
  }
  const ndp = decodeNdp(payload)
  return ndp.ok && ndp.value.kind === 'advertisement' && ndp.value.solicited && sameAddress(ndp.value.target, gateway)
}
