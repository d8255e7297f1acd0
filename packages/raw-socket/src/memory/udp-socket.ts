import { type Address, type Mac, sameAddress } from '@steelyard/net'
import { type Handle, openFd } from '../handle.ts'
import { checkTarget } from '../internet-socket.ts'
import { SystemCallError } from '../system-call-error.ts'
import type { Datagram, UdpOptions, UdpSocket, UdpTarget } from '../transport-io.ts'
import { checkDatagram, checkUdpOptions } from '../udp-arguments.ts'
import { transmit } from './nic.ts'
import { hasAddress, isOwnAddress, isUnspecified, type Route, routeTo } from './routes.ts'
import { closeDescriptor, enqueue, type Host, type Nic, openDescriptor, received, type UdpState } from './state.ts'
import { readUdpFrame, udpFrame, type UdpPacket } from '@steelyard/arp-lib'

type State = { readonly host: Host; readonly handle: Handle; readonly socket: UdpState; readonly ttl: number }

/** A UDP socket of a host in memory: datagrams go as real packets over the segments its interfaces are plugged into. */
export function openMemoryUdp(host: Host, options: UdpOptions): UdpSocket {
  const { address, port, ttl, ifindex, device, shared } = checkUdpOptions(options)
  const only = device === undefined ? ifindex : indexOf(host, device)
  if (!isBindable(host, address, ifindex)) throw new SystemCallError('bind', 'EADDRNOTAVAIL', 'UDP socket')
  const bound = { address, ifindex: only, shared }
  const socket: UdpState = { ...bound, port: freePort(host, port, bound), queue: [] }
  const handle = openDescriptor(host, 'UDP socket', { isReady: () => socket.queue.length > 0 })
  host.udps.add(socket)
  const state = { host, handle, socket, ttl }
  return {
    port: socket.port,
    get fd() {
      return handle.fd
    },
    send: (to, bytes) => send(state, to, bytes),
    receive: () => receive(state),
    close: () => {
      host.udps.delete(socket)
      closeDescriptor(host, handle)
    },
  }
}

function indexOf(host: Host, device: Uint8Array): number {
  const name = new TextDecoder().decode(device)
  const nic = [...host.nics.values()].find(({ link }) => link.name === name)
  if (nic === undefined) throw new SystemCallError('setsockopt', 'ENODEV', 'SO_BINDTODEVICE')
  return nic.link.index
}

function isBindable(host: Host, address: Address, ifindex: number): boolean {
  if (isUnspecified(address)) return true
  const nic = host.nics.get(ifindex)
  return nic === undefined ? isOwnAddress(host, address) : hasAddress(nic, address)
}

type Bound = Pick<UdpState, 'address' | 'ifindex' | 'shared'>

const FIRST_EPHEMERAL = 32_768
const LAST_EPHEMERAL = 60_999

function freePort(host: Host, wanted: number, bound: Bound): number {
  if (wanted !== 0) {
    if (isTaken(host, wanted, bound)) throw new SystemCallError('bind', 'EADDRINUSE', 'UDP socket')
    return wanted
  }
  for (let port = FIRST_EPHEMERAL; port <= LAST_EPHEMERAL; port++) if (!isTaken(host, port, bound)) return port
  throw new SystemCallError('bind', 'EADDRINUSE', 'UDP socket')
}

/** Two sockets can have one port when an address, or an interface, tells their datagrams apart. */
function isTaken({ udps }: Host, port: number, { address, ifindex, shared }: Bound): boolean {
  return [...udps].some((other) => {
    if (other.port !== port || other.address.family !== address.family) return false
    if (shared && other.shared) return false
    if (other.ifindex !== 0 && ifindex !== 0 && other.ifindex !== ifindex) return false
    return isUnspecified(other.address) || isUnspecified(address) || sameAddress(other.address, address)
  })
}

function send({ host, handle, socket, ttl }: State, to: UdpTarget, bytes: Uint8Array): void {
  openFd(handle)
  const { address: destination, port, ifindex } = checkTarget(to, socket.address.family)
  checkDatagram(bytes)
  const route = routeTo(host, destination, ifindex === 0 ? socket.ifindex : ifindex)
  if (route === undefined) throw new SystemCallError('sendto', 'ENETUNREACH', handle.what)
  const source = isUnspecified(socket.address) ? route.source : socket.address
  const packet = { source, sourcePort: socket.port, destination, port, ttl, bytes: bytes.slice() }
  if (route.isLocal) offerUdp(host, packet, LOOPBACK_IFINDEX)
  else carry(route, packet)
}

/** Where Linux has it. What goes to an address of one's own never sees another interface. */
const LOOPBACK_IFINDEX = 1

/** With nobody there it is lost without a word, as where no neighbour answers. */
function carry({ nic }: Route, packet: UdpPacket): void {
  const to: Mac | undefined = nic?.plug?.macOf(packet.destination)
  if (nic !== undefined && to !== undefined) transmit(nic, udpFrame({ from: nic.link.mac, to }, packet))
}

function receive({ host, handle, socket }: State): Datagram | undefined {
  openFd(handle)
  const next = socket.queue.shift()
  if (next === undefined) return undefined
  const { source, sourcePort, destination, ttl, bytes, ifindex } = next
  return { bytes: received(host, bytes), source, sourcePort, destination, ifindex, ttl }
}

/** Gives a datagram from the wire to the socket that it is for. */
export function offerUdpFrame(host: Host, nic: Nic, frame: Uint8Array): void {
  if (host.udps.size === 0) return
  const packet = readUdpFrame(frame)
  if (packet !== undefined && hasAddress(nic, packet.destination)) offerUdp(host, packet, nic.link.index)
}

/** The best match gets it: bound to the very address before any, to the interface before all. */
function offerUdp(host: Host, packet: UdpPacket, ifindex: number): void {
  const { destination, port } = packet
  const fits = [...host.udps].filter((socket) => isFor(socket, { destination, port, ifindex }))
  const [best] = fits.toSorted((a, b) => exactness(b) - exactness(a))
  if (best !== undefined) enqueue(best.queue, { ...packet, ifindex })
}

type Arriving = { readonly destination: Address; readonly port: number; readonly ifindex: number }

function isFor(socket: UdpState, { destination, port, ifindex }: Arriving): boolean {
  if (socket.port !== port || socket.address.family !== destination.family) return false
  if (socket.ifindex !== 0 && socket.ifindex !== ifindex) return false
  return isUnspecified(socket.address) || sameAddress(socket.address, destination)
}

function exactness({ address, ifindex }: UdpState): number {
  return (isUnspecified(address) ? 0 : 2) + (ifindex === 0 ? 0 : 1)
}
