/** With CAP_NET_RAW and no other capability, as in the speaker's container, everything can be opened and used. */
import { parseAddress } from '@steelyard/net'
import { kernelIo } from '@steelyard/raw-socket'
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'

const NET_RAW = '0000000000002000'
const status = readFileSync('/proc/self/status', 'utf8')
assert.equal(/CapEff:\s+(\w+)/.exec(status)?.[1], NET_RAW)

const io = kernelIo()
const netlink = io.openNetlink()
const near = netlink.dumpLinks().find(({ name }) => name === 'near') ?? assert.fail('there is no near')
const packet = io.openPacket({ ifindex: near.index, filter: [{ code: 0x06, jt: 0, jf: 0, k: 65535 }] })
packet.joinMulticastMac(Uint8Array.of(0x33, 0x33, 0, 0, 0, 9))
packet.joinAllMulticast()
packet.send(new Uint8Array(60))
const groups = io.openGroups({ ifindex: near.index, receiveTypes: [134] })
groups.join(Uint8Array.of(0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, 1, 2, 3))
const address = parseAddress('127.0.0.1')!
io.openUdp({ address, port: 0, ttl: 255, trafficClass: 0xc0, device: 'lo' })
const peer = address
io.openTcp({
  family: 4,
  ttl: 255,
  minimumTtl: 255,
  device: 'lo',
  source: address,
  md5Keys: [{ peer, key: Uint8Array.of(1) }],
})
io.setSlice(100_000)
io.adoptWake(io.openWake().handle).wake()
assert.ok(netlink.dumpNeighbours().length >= 0)
console.log('everything opens with NET_RAW alone')
