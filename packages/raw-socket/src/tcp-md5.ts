import { type Address, writer } from '@steelyard/net'
import { checkAddress, checkBytes, isRecord, nameOf } from './checks.ts'
import { TCP_MD5SIG_MAXKEYLEN } from './constants.ts'
import { HOST_ORDER } from './host-order.ts'
import { internetSockaddr } from './sockaddr.ts'
import type { Md5Key } from './transport-io.ts'

/** @throws TypeError, RangeError; never with the key in the message. */
export function checkMd5Key(name: string, value: unknown, family: 4 | 6): Md5Key {
  if (!isRecord(value)) throw new TypeError(`${name} must be a key with its peer, not ${nameOf(value)}`)
  return {
    peer: checkAddress(`${name}.peer`, value['peer'], family),
    key: checkBytes(`${name}.key`, value['key'], [1, TCP_MD5SIG_MAXKEYLEN]),
  }
}

/** `struct sockaddr_storage`, which the peer's address stands in. */
const SOCKADDR_ROOM = 128

/** `struct tcp_md5sig` (linux/tcp.h). A key of no length takes the peer's key away. */
export function md5Request(peer: Address, key: Uint8Array): Uint8Array {
  const sockaddr = internetSockaddr({ address: peer, port: 0, ifindex: 0 })
  const flags = 0
  const prefixLength = 0
  const ifindex = 0
  const out = writer()
    .bytes(sockaddr)
    .bytes(new Uint8Array(SOCKADDR_ROOM - sockaddr.length))
    .u8(flags)
    .u8(prefixLength)
  HOST_ORDER.putU32(HOST_ORDER.putU16(out, key.length), ifindex)
  return out
    .bytes(key)
    .bytes(new Uint8Array(TCP_MD5SIG_MAXKEYLEN - key.length))
    .done()
}
