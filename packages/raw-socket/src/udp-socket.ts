import {
  AF_INET,
  AF_INET6,
  IP_PKTINFO,
  IP_RECVTTL,
  IP_TOS,
  IP_TTL,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPV6_MULTICAST_HOPS,
  IPV6_RECVHOPLIMIT,
  IPV6_RECVPKTINFO,
  IPV6_TCLASS,
  IPV6_UNICAST_HOPS,
  IPV6_V6ONLY,
  SO_REUSEADDR,
  SOCK_DGRAM,
  SOL_SOCKET,
} from './constants.ts'
import { readArrival } from './control-messages.ts'
import { bindToDevice, checkTarget, localPort } from './internet-socket.ts'
import { type Handle } from './handle.ts'
import {
  bindTo,
  closeHandle,
  type Kernel,
  openSocket,
  prioritise,
  receiveMessage,
  sendMessage,
  setInteger,
  widenReceiveBuffer,
} from './kernel.ts'
import { internetSockaddr, readInternetSockaddr } from './sockaddr.ts'
import type { Datagram, UdpOptions, UdpSocket } from './transport-io.ts'
import { checkDatagram, checkUdpOptions, type UdpArguments } from './udp-arguments.ts'

/** Opens a UDP socket: see `TransportIo.openUdp`. `device` needs CAP_NET_RAW before Linux 5.7. */
export function openUdpSocket(kernel: Kernel, options: UdpOptions): UdpSocket {
  const checked = checkUdpOptions(options)
  const { address, port, ifindex, device, shared } = checked
  const domain = address.family === 4 ? AF_INET : AF_INET6
  const handle = openSocket(kernel, { what: 'UDP socket', domain, type: SOCK_DGRAM, protocol: 0 }, (opened) => {
    for (const option of address.family === 4 ? ipv4Options(checked) : ipv6Options(checked)) {
      setInteger(kernel, opened, option, option.value)
    }
    prioritise(kernel, opened, checked.trafficClass)
    widenReceiveBuffer(kernel, opened)
    if (shared) setInteger(kernel, opened, { level: SOL_SOCKET, name: SO_REUSEADDR, about: 'SO_REUSEADDR' }, 1)
    if (device !== undefined) bindToDevice(kernel, opened, device)
    bindTo(kernel, opened, internetSockaddr({ address, port, ifindex }))
  })
  const bound = localPort(kernel, handle)
  return {
    port: bound,
    get fd() {
      return handle.fd
    },
    send: (to, bytes) => {
      const name = internetSockaddr(checkTarget(to, address.family))
      sendMessage(kernel, handle, checkDatagram(bytes), name)
    },
    receive: () => receiveDatagram(kernel, handle),
    close: () => closeHandle(kernel, handle),
  }
}

type IntegerOption = { readonly level: number; readonly name: number; readonly about: string; readonly value: number }

function ipv4Options({ ttl, trafficClass }: UdpArguments): IntegerOption[] {
  return [
    { level: IPPROTO_IP, name: IP_TTL, about: 'IP_TTL', value: ttl },
    { level: IPPROTO_IP, name: IP_TOS, about: 'IP_TOS', value: trafficClass },
    { level: IPPROTO_IP, name: IP_RECVTTL, about: 'IP_RECVTTL', value: 1 },
    { level: IPPROTO_IP, name: IP_PKTINFO, about: 'IP_PKTINFO', value: 1 },
  ]
}

function ipv6Options({ ttl: hopLimit, trafficClass }: UdpArguments): IntegerOption[] {
  return [
    { level: IPPROTO_IPV6, name: IPV6_V6ONLY, about: 'IPV6_V6ONLY', value: 1 },
    { level: IPPROTO_IPV6, name: IPV6_UNICAST_HOPS, about: 'IPV6_UNICAST_HOPS', value: hopLimit },
    { level: IPPROTO_IPV6, name: IPV6_TCLASS, about: 'IPV6_TCLASS', value: trafficClass },
    { level: IPPROTO_IPV6, name: IPV6_MULTICAST_HOPS, about: 'IPV6_MULTICAST_HOPS', value: hopLimit },
    { level: IPPROTO_IPV6, name: IPV6_RECVHOPLIMIT, about: 'IPV6_RECVHOPLIMIT', value: 1 },
    { level: IPPROTO_IPV6, name: IPV6_RECVPKTINFO, about: 'IPV6_RECVPKTINFO', value: 1 },
  ]
}

function receiveDatagram(kernel: Kernel, handle: Handle): Datagram | undefined {
  const message = receiveMessage(kernel, handle)
  if (message === undefined) return undefined
  const { address: source, port: sourcePort } = readInternetSockaddr(message.name)
  return { bytes: message.bytes, source, sourcePort, ...readArrival(message.control, kernel.addon.wordSize) }
}
