/**
 * Asks for addresses on an interface, each of `count` requests from an address of its own and
 * `intervalMs` after the one before. Arguments: interface, target, count, intervalMs. What comes back
 * is for the capture to see.
 */
import {
  BROADCAST_MAC,
  encodeArp,
  encodeEthernet,
  encodeNdp,
  ETHERTYPE,
  groupMac,
  solicitedNodeGroup,
} from '@steelyard/arp-lib'
import { type Address, type Mac, parseAddress } from '@steelyard/net'
import { kernelIo, type PacketSocket } from '@steelyard/raw-socket'
import { setTimeout as sleep } from 'node:timers/promises'

const NO_FRAMES = [{ code: 0x06, jt: 0, jf: 0, k: 0 }]

function request(mac: Mac, target: Address, index: number): Uint8Array {
  const [high, low] = [index >> 8, index & 0xff]
  if (target.family === 4) {
    const senderIp: Address = { family: 4, words: [((198 << 24) | (18 << 16) | (high << 8) | low) >>> 0] }
    const packet = {
      operation: 'request',
      senderMac: mac,
      senderIp,
      targetMac: new Uint8Array(6),
      targetIp: target,
    } as const
    const payload = encodeArp(packet)
    return encodeEthernet({ destination: BROADCAST_MAC, source: mac, etherType: ETHERTYPE.arp, payload })
  }
  const source: Address = { family: 6, words: [0xfe80_0000, 0, 0x0a00_0000, index + 1] }
  const destination = solicitedNodeGroup(target)
  const payload = encodeNdp({ kind: 'solicitation', source, destination, target, sourceLinkLayer: mac })
  return encodeEthernet({ destination: groupMac(destination), source: mac, etherType: ETHERTYPE.ipv6, payload })
}

function openSocket(name: string): { socket: PacketSocket; mac: Mac } {
  const io = kernelIo()
  const netlink = io.openNetlink({ topics: ['link'] })
  const link = netlink.dumpLinks().find((candidate) => candidate.name === name)
  if (link === undefined) throw new Error(`there is no interface ${name} here`)
  return { socket: io.openPacket({ ifindex: link.index, filter: NO_FRAMES }), mac: link.mac }
}

const [name = '', targetText = '', count = '0', intervalMs = '0'] = process.argv.slice(2)
const target = parseAddress(targetText)
if (target === undefined) throw new Error(`${targetText} is not an address`)
const { socket, mac } = openSocket(name)
for (let index = 0; index < Number(count); index++) {
  socket.send(request(mac, target, index))
  await sleep(Number(intervalMs))
}
