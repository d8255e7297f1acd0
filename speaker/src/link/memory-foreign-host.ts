import {
  answerFrame,
  decodeEthernet,
  gratuitousFrames,
  isGroupMac,
  type LinkView,
  probeFrame,
} from '@steelyard/arp-lib'
import { address, mac, type MemoryLan } from './memory-lan.ts'

/** A machine on the segment that has addresses of its own, and answers for them as any kernel does. */
export type ForeignHost = {
  /** What it has, as text; a test changes it. */
  readonly addresses: Set<string>
  /** Tells everybody of an address, whether it has it or not. */
  readonly announce: (ip: string) => void
  /** Asks whether it may use an address. */
  readonly probe: (ip: string) => void
}

/** @param last the last octet of its MAC. */
export function addForeignHost(lan: MemoryLan, last: string, ...ips: readonly string[]): ForeignHost {
  const own = mac(last)
  const link: LinkView = { mac: own, arp: true, ndp: true, ownMacs: [own] }
  const addresses = new Set(ips)
  const plug = lan.segment.plug({
    deliver: (bytes) => {
      const ethernet = decodeEthernet(bytes)
      const isForAll = ethernet.ok && isGroupMac(ethernet.value.destination)
      const answer = answerFrame({ bytes, packetType: isForAll ? 'broadcast' : 'host' }, link, addresses)
      if (answer.kind === 'reply') plug.send(answer.frame)
    },
  })
  return {
    addresses,
    announce: (ip) => gratuitousFrames(address(ip), link).forEach(plug.send),
    probe: (ip) => plug.send(probeFrame(address(ip), link)),
  }
}
