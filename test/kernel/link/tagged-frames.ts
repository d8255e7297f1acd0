import { frameInWords } from '../../../speaker/src/link/memory-lan.ts'
import { type Capture, capture, type Captured } from '../../netns/link/capture.ts'

/** ARP and ICMPv6 that come in by a port of a switch, that is from who hangs there; tagged ones too, as they are on the wire. */
export function captureFrom(namespace: string, port: string): Promise<Capture> {
  // After `vlan` the offsets of a filter are those within a tag, so that it comes last.
  return capture(namespace, port, 'inbound and (arp or icmp6 or (vlan and (arp or icmp6)))')
}

const MACS_BYTES = 12
const TAG_BYTES = 4
/** IEEE 802.1Q. */
const TAGGED = 0x8100
const VLAN_MASK = 0x0fff

/** The frames of a capture so far: the words of a tagged one say which VLAN it is of, as `vlan 10: 0a > ff:…`. */
export function framesOf(capture: Capture | undefined): Captured[] {
  return (capture?.frames ?? []).map((frame) => {
    const view = Buffer.from(frame.bytes)
    if (view.readUInt16BE(MACS_BYTES) !== TAGGED) return frame
    const vlan = view.readUInt16BE(MACS_BYTES + 2) & VLAN_MASK
    const rest = Buffer.concat([view.subarray(0, MACS_BYTES), view.subarray(MACS_BYTES + TAG_BYTES)])
    return { ...frame, text: `vlan ${vlan}: ${frameInWords(rest)}` }
  })
}
