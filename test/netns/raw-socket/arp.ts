/**
 * ARP with the kernel of another namespace (first argument), over a real cable: we ask and it answers;
 * it asks for an address that no kernel has, we answer, and it believes us.
 */
import {
  type ArpPacket,
  BROADCAST_MAC,
  decodeArp,
  decodeEthernet,
  encodeArp,
  encodeEthernet,
  ETHERTYPE,
  NEIGHBOUR_FILTER,
} from '@steelyard/arp-lib'
import { formatAddress, formatMac, type Mac, parseAddress } from '@steelyard/net'
import { kernelIo, type PacketSocket } from '@steelyard/raw-socket'
import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'

const other = process.argv[2] ?? assert.fail('the namespace of the neighbour is missing')
const ours = parseAddress('192.0.2.1')!
const theirs = parseAddress('192.0.2.2')!
const announced = parseAddress('192.0.2.77')!

const io = kernelIo()
const netlink = io.openNetlink()
const link = netlink.dumpLinks().find(({ name }) => name === 'near') ?? assert.fail('there is no near')
const socket = io.openPacket({ ifindex: link.index, filter: NEIGHBOUR_FILTER })

function sendArp(to: Mac, packet: ArpPacket): void {
  socket.send(
    encodeEthernet({ destination: to, source: link.mac, etherType: ETHERTYPE.arp, payload: encodeArp(packet) }),
  )
}

function awaitArp(from: PacketSocket, wanted: (packet: ArpPacket) => boolean): ArpPacket {
  for (let polls = 0; polls < 100; polls++) {
    io.poll([from.fd], 100)
    for (let frame = from.receive(); frame !== undefined; frame = from.receive()) {
      const ethernet = decodeEthernet(frame.bytes)
      const packet = ethernet.ok ? decodeArp(ethernet.value.payload) : ethernet
      if (packet.ok && wanted(packet.value)) return packet.value
    }
  }
  return assert.fail('no such ARP packet came')
}

const nobody = new Uint8Array(6)
const asked = performance.now()
const question = { senderMac: link.mac, senderIp: ours, targetMac: nobody, targetIp: theirs } as const
sendArp(BROADCAST_MAC, { operation: 'request', ...question })
const reply = awaitArp(socket, ({ operation }) => operation === 'reply')
const answeredMs = performance.now() - asked
assert.equal(formatAddress(reply.senderIp), formatAddress(theirs))
assert.equal(formatMac(reply.targetMac), formatMac(link.mac))

// A datagram to the announced address has the other kernel ask for it.
const target = formatAddress(announced)
const sender = spawn('ip', ['netns', 'exec', other, 'bash', '-c', `echo hello > /dev/udp/${target}/9`])
const request = awaitArp(
  socket,
  ({ operation, targetIp }) => operation === 'request' && formatAddress(targetIp) === target,
)
sendArp(request.senderMac, {
  operation: 'reply',
  senderMac: link.mac,
  senderIp: announced,
  targetMac: request.senderMac,
  targetIp: request.senderIp,
})
let known = ''
for (let polls = 0; polls < 50 && !known.includes('lladdr'); polls++) {
  known = execFileSync('ip', ['-n', other, 'neighbour', 'show', target], { encoding: 'utf8' })
  io.poll([], 20)
}
assert.ok(known.includes(`lladdr ${formatMac(link.mac)}`), `the neighbour knows ${JSON.stringify(known)}`)
sender.kill()
console.log(`the other kernel answered our ARP request after ${answeredMs.toFixed(2)} ms and believed our reply`)
