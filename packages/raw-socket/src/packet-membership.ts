import { type Mac, writer } from '@steelyard/net'
import { PACKET_MR_ALLMULTI, PACKET_MR_MULTICAST } from './constants.ts'
import { HOST_ORDER } from './host-order.ts'

/** `struct packet_mreq` (packet(7)): what an interface is to accept beyond its own frames. */
export function multicastMembership(ifindex: number, mac: Mac): Uint8Array {
  return membership(ifindex, PACKET_MR_MULTICAST, mac)
}

export function allMulticastMembership(ifindex: number): Uint8Array {
  return membership(ifindex, PACKET_MR_ALLMULTI, new Uint8Array(0))
}

const ADDRESS_ROOM = 8

function membership(ifindex: number, type: number, mac: Uint8Array): Uint8Array {
  const out = HOST_ORDER.putU32(writer(), ifindex)
  HOST_ORDER.putU16(HOST_ORDER.putU16(out, type), mac.length)
  return out
    .bytes(mac)
    .bytes(new Uint8Array(ADDRESS_ROOM - mac.length))
    .done()
}
