import type { ArpFields, Frame, NdpFields } from './frame.ts'

/** One line for people. @param nameOf a name for an Ethernet address, such as the node that has it */
export function describeFrame(frame: Frame, nameOf: (mac: string) => string = (mac) => mac): string {
  const way = `${nameOf(frame.source)} > ${nameOf(frame.destination)}`
  if (frame.arp !== undefined) return `${way}  ${describeArp(frame.arp)}`
  if (frame.ndp !== undefined) return `${way}  ${describeNdp(frame.ndp)}`
  if (frame.ip !== undefined)
    return `${way}  IP ${frame.ip.source} > ${frame.ip.destination}, protocol ${frame.ip.protocol}`
  return `${way}  EtherType ${frame.etherType.toString(16)}`
}

/** Gratuitous: it names the same address as sender and as target, for everybody to learn (RFC 5944 section 4.6). */
export function isGratuitous({ senderIp, targetIp }: ArpFields): boolean {
  return senderIp === targetIp
}

function describeArp(arp: ArpFields): string {
  if (isGratuitous(arp)) return `ARP ${arp.operation}, gratuitous: ${arp.senderIp} is at ${arp.senderMac}`
  if (arp.operation === 'request') return `ARP request: who has ${arp.targetIp}? tell ${arp.senderIp}`
  return `ARP reply: ${arp.senderIp} is at ${arp.senderMac}`
}

function describeNdp({ kind, target, source, destination, solicited, override, linkLayer }: NdpFields): string {
  if (kind === 'solicitation') return `NDP solicitation: who has ${target}? from ${source}`
  const flags = [solicited ? 'solicited' : 'unsolicited', ...(override ? ['override'] : [])].join(', ')
  return `NDP advertisement to ${destination}: ${target} is at ${linkLayer ?? 'an address it does not tell'} (${flags})`
}
