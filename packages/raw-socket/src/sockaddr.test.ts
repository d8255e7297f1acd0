import { parseAddress, WireError } from '@steelyard/net'
import assert from 'node:assert/strict'
import { endianness } from 'node:os'
import { describe, it } from 'node:test'
import {
  internetSockaddr,
  netlinkSockaddr,
  packetSockaddr,
  readInternetSockaddr,
  readNetlinkPort,
  readPacketType,
} from './sockaddr.ts'

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const address = (text: string) => parseAddress(text)!

describe('socket addresses', () => {
  it('stand as the kernel of this machine wants them', () => {
    const expected =
      endianness() === 'LE'
        ? [
            '0200 1234 c0000201 0000000000000000',
            '1100 0806 07000000 000000000000000000000000',
            '1000 0000 00000000 05000000',
          ]
        : [
            '0002 1234 c0000201 0000000000000000',
            '0011 0806 00000007 000000000000000000000000',
            '0010 0000 00000000 00000005',
          ]
    const written = [
      internetSockaddr({ address: address('192.0.2.1'), port: 0x1234, ifindex: 0 }),
      packetSockaddr(0x0806, 7),
      netlinkSockaddr(5),
    ]
    assert.deepEqual(
      written.map(hex),
      expected.map((text) => text.replaceAll(' ', '')),
    )
  })

  for (const [text, port, ifindex] of [
    ['192.0.2.1', 65535, 0],
    ['fe80::1', 179, 12],
    ['::', 0, 0],
  ] as const) {
    it(`${text} port ${port} interface ${ifindex} is read as it was written`, () => {
      const name = { address: address(text), port, ifindex }
      const bytes = internetSockaddr(name)
      assert.equal(bytes.length, name.address.family === 4 ? 16 : 28)
      assert.deepEqual(readInternetSockaddr(bytes), name)
    })
  }

  it('of another family, or cut, are refused', () => {
    const bytes = internetSockaddr({ address: address('fe80::1'), port: 1, ifindex: 1 })
    assert.throws(() => readInternetSockaddr(packetSockaddr(3, 1)), /address family 17/)
    for (let length = 0; length < bytes.length; length++) {
      assert.throws(() => readInternetSockaddr(bytes.subarray(0, length)), WireError)
    }
  })

  it('tell a packet’s type and a netlink message’s sender', () => {
    assert.equal(readPacketType(packetSockaddr(3, 1).with(10, 4)), 4)
    assert.equal(readNetlinkPort(netlinkSockaddr(0)), 0)
  })
})
