import { type Decoded, decoded, type Mac, reader, WireError, writer } from '@steelyard/net'
import { ETHERNET_HEADER_BYTES, GROUP_BIT, LOWEST_ETHERTYPE, MAC_BYTES } from './constants.ts'

/** An Ethernet II frame without its check sequence, as a packet socket hands it over. */
export type EthernetFrame = {
  readonly destination: Mac
  readonly source: Mac
  readonly etherType: number
  readonly payload: Uint8Array
}

export function encodeEthernet(frame: EthernetFrame): Uint8Array {
  return writer().bytes(frame.destination).bytes(frame.source).u16(frame.etherType).bytes(frame.payload).done()
}

/**
 * Reads the header. `payload` shares the memory of `bytes`, and may end in padding.
 * A frame of the older 802.3 kind, whose type field is a length, is refused.
 */
export function decodeEthernet(bytes: Uint8Array): Decoded<EthernetFrame> {
  return decoded(() => {
    const from = reader(bytes)
    const destination = from.bytes(MAC_BYTES)
    const source = from.bytes(MAC_BYTES)
    const etherType = from.u16()
    if (etherType < LOWEST_ETHERTYPE) throw new WireError(`EtherType ${etherType} is a length`, from.offset())
    return { destination, source, etherType, payload: bytes.subarray(ETHERNET_HEADER_BYTES) }
  })
}

/** Whether this names many stations: no station sends from such an address, so none is answered there. */
export function isGroupMac(mac: Mac): boolean {
  return ((mac[0] ?? 0) & GROUP_BIT) !== 0
}
