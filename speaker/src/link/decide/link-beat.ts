import { BEAT_ETHERTYPE, BEAT_GROUP_MAC } from '@steelyard/membership'
import { decodeEthernet, encodeEthernet } from '@steelyard/arp-lib'
import { type Mac, sameBytes } from '@steelyard/net'

/** A sealed message is longer than the least that Ethernet carries, so no padding follows it. */
export function beatFrame(from: Mac, bytes: Uint8Array): Uint8Array {
  return encodeEthernet({ destination: BEAT_GROUP_MAC, source: from, etherType: BEAT_ETHERTYPE, payload: bytes })
}

/** The sealed message of a frame; undefined when it is none for us. Shares the frame's memory. */
export function readBeatFrame(frame: Uint8Array): Uint8Array | undefined {
  const ethernet = decodeEthernet(frame)
  if (!ethernet.ok || ethernet.value.etherType !== BEAT_ETHERTYPE) return undefined
  return sameBytes(ethernet.value.destination, BEAT_GROUP_MAC) ? ethernet.value.payload : undefined
}
