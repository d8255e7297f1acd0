import { decodeEthernet, encodeEthernet } from '@steelyard/arp-lib'
import { type Mac, sameBytes } from '@steelyard/net'

/** IEEE 802: "Local Experimental EtherType 1". What is in it is a sealed message, so others' use of it is only counted. */
export const BEAT_ETHERTYPE = 0x88b5

/** A group of our own making: locally administered, so that it is nobody else's, and not forwarded by name anywhere. */
export const BEAT_MAC: Mac = Uint8Array.of(0x03, 0x53, 0x59, 0x4c, 0x42, 0x01)

/** A sealed message is longer than the least that Ethernet carries, so no padding follows it. */
export function beatFrame(from: Mac, bytes: Uint8Array): Uint8Array {
  return encodeEthernet({ destination: BEAT_MAC, source: from, etherType: BEAT_ETHERTYPE, payload: bytes })
}

/** The sealed message of a frame; undefined when it is none for us. Shares the frame's memory. */
export function readBeatFrame(frame: Uint8Array): Uint8Array | undefined {
  const ethernet = decodeEthernet(frame)
  if (!ethernet.ok || ethernet.value.etherType !== BEAT_ETHERTYPE) return undefined
  return sameBytes(ethernet.value.destination, BEAT_MAC) ? ethernet.value.payload : undefined
}
