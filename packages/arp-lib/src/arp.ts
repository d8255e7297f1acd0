import {
  type Address,
  addressBytes,
  addressFromBytes,
  type Decoded,
  decoded,
  type Mac,
  type Reader,
  reader,
  WireError,
  writer,
} from '@steelyard/net'
import {
  ARP_HARDWARE_ETHERNET,
  ARP_OPERATION,
  type ArpOperation,
  ETHERTYPE,
  IPV4_BYTES,
  MAC_BYTES,
} from './constants.ts'

/** An ARP packet for Ethernet and IPv4, the only pair there is on such a LAN. RFC 826. */
export type ArpPacket = {
  readonly operation: ArpOperation
  readonly senderMac: Mac
  readonly senderIp: Address
  readonly targetMac: Mac
  readonly targetIp: Address
}

export function encodeArp(packet: ArpPacket): Uint8Array {
  return writer()
    .u16(ARP_HARDWARE_ETHERNET)
    .u16(ETHERTYPE.ipv4)
    .u8(MAC_BYTES)
    .u8(IPV4_BYTES)
    .u16(ARP_OPERATION[packet.operation])
    .bytes(packet.senderMac)
    .bytes(addressBytes(packet.senderIp))
    .bytes(packet.targetMac)
    .bytes(addressBytes(packet.targetIp))
    .done()
}

/** Reads an ARP packet; bytes after it are Ethernet's padding, or a trailer, and no error. */
export function decodeArp(payload: Uint8Array): Decoded<ArpPacket> {
  return decoded(() => {
    const from = reader(payload)
    wanted(from, 'hardware type', from.u16(), ARP_HARDWARE_ETHERNET)
    wanted(from, 'protocol type', from.u16(), ETHERTYPE.ipv4)
    wanted(from, 'hardware length', from.u8(), MAC_BYTES)
    wanted(from, 'protocol length', from.u8(), IPV4_BYTES)
    return {
      operation: operationOf(from, from.u16()),
      senderMac: from.bytes(MAC_BYTES),
      senderIp: addressOf(from),
      targetMac: from.bytes(MAC_BYTES),
      targetIp: addressOf(from),
    }
  })
}

function operationOf(from: Reader, code: number): ArpOperation {
  if (code === ARP_OPERATION.request) return 'request'
  if (code === ARP_OPERATION.reply) return 'reply'
  throw new WireError(`ARP operation ${code} is neither request nor reply`, from.offset())
}

function addressOf(from: Reader): Address {
  const address = addressFromBytes(from.bytes(IPV4_BYTES))
  if (address === undefined) throw new WireError('no address', from.offset())
  return address
}

function wanted(from: Reader, field: string, found: number, value: number): void {
  if (found !== value) throw new WireError(`${field} is ${found}, not ${value}`, from.offset())
}
