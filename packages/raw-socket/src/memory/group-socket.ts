import { groupMac, isGroup, isLinkLocal } from '@steelyard/arp-lib'
import { type Address, formatAddress, type Mac, sameAddress } from '@steelyard/net'
import { checkAddress } from '../checks.ts'
import { checkGroup, checkGroupOptions, checkIcmp6 } from '../group-arguments.ts'
import { type Handle, openFd } from '../handle.ts'
import type { GroupSocket, GroupSocketOptions, ReceivedIcmp6 } from '../link-io.ts'
import { SystemCallError } from '../system-call-error.ts'
import { icmp6Frame, readIcmp6Frame } from './icmp6-frame.ts'
import { transmit } from './nic.ts'
import { closeDescriptor, enqueue, type GroupState, type Host, type Nic, openDescriptor, received } from './state.ts'

type State = { readonly host: Host; readonly nic: Nic; readonly handle: Handle; readonly socket: GroupState }

/** A raw ICMPv6 socket of an interface in memory. It sends no MLD reports: the segment is a hub. */
export function openMemoryGroups(host: Host, options: GroupSocketOptions): GroupSocket {
  const { ifindex, receiveTypes } = checkGroupOptions(options)
  const nic = host.nics.get(ifindex)
  if (nic === undefined) throw new SystemCallError('setsockopt', 'ENODEV', 'SO_BINDTOIFINDEX')
  const socket: GroupState = { types: new Set(receiveTypes), queue: [], joined: new Set() }
  const handle = openDescriptor(host, 'ICMPv6 socket', { isReady: () => socket.queue.length > 0 })
  nic.groups.add(socket)
  const state = { host, nic, handle, socket }
  return {
    get fd() {
      return handle.fd
    },
    join: (group) => join(state, checkGroup(group)),
    leave: (group) => leave(state, checkGroup(group)),
    send: (to, message) => send(state, checkAddress('to', to, 6), checkIcmp6(message)),
    receive: () => receive(state),
    close: () => {
      nic.groups.delete(socket)
      closeDescriptor(host, handle)
    },
  }
}

function isGone({ host, nic }: State): boolean {
  return host.nics.get(nic.link.index) !== nic
}

function join(state: State, group: Address): void {
  openFd(state.handle)
  const key = formatAddress(group)
  if (state.socket.joined.has(key)) return
  if (isGone(state)) throw new SystemCallError('setsockopt', 'ENODEV', 'IPV6_JOIN_GROUP')
  state.socket.joined.add(key)
}

function leave({ handle, socket }: State, group: Address): void {
  openFd(handle)
  socket.joined.delete(formatAddress(group))
}

const HOP_LIMIT = 255

function send(state: State, to: Address, message: Uint8Array): void {
  const { nic, handle } = state
  openFd(handle)
  if (isGone(state) || !nic.link.up) throw new SystemCallError('sendto', 'ENETUNREACH', handle.what)
  const source = sourceFor(nic, to)
  if (source === undefined) throw new SystemCallError('sendto', 'EADDRNOTAVAIL', handle.what)
  const mac = macOf(state, to)
  // As where a neighbour does not answer: the packet waits for it, and is dropped in silence.
  if (mac === undefined) return
  const macs = { from: nic.link.mac, to: mac }
  transmit(nic, icmp6Frame(macs, { source, destination: to, hopLimit: HOP_LIMIT, message }))
}

/** An address of the interface, of the scope it is sent to where there is one (RFC 6724 rule 2, in short). */
function sourceFor(nic: Nic, to: Address): Address | undefined {
  const usable = nic.addresses.filter(({ address, tentative }) => address.family === 6 && !tentative)
  const wantsLinkLocal = isGroup(to) || isLinkLocal(to)
  const fitting = usable.find(({ address }) => isLinkLocal(address) === wantsLinkLocal)
  return (fitting ?? usable[0])?.address
}

function macOf({ host, nic }: State, to: Address): Mac | undefined {
  if (isGroup(to)) return groupMac(to)
  const known = [...host.neighbours.values()].find(
    ({ index, address }) => index === nic.link.index && sameAddress(address, to),
  )
  return known?.mac
}

function receive({ host, handle, socket }: State): ReceivedIcmp6 | undefined {
  openFd(handle)
  const frame = socket.queue.shift()
  const packet = frame && readIcmp6Frame(frame)
  if (packet === undefined) return undefined
  const { source, destination, hopLimit, message } = packet
  return { bytes: received(host, message), source, destination, hopLimit }
}

/** Gives a frame to the sockets that asked for its type: what is for this host, or for a group. */
export function offerIcmp6(nic: Nic, frame: Uint8Array): void {
  if (nic.groups.size === 0) return
  const packet = readIcmp6Frame(frame)
  if (packet === undefined || !isForUs(nic, packet.destination)) return
  const type = packet.message[0] ?? 0
  for (const { types, queue } of nic.groups) {
    if (types.has(type)) enqueue(queue, frame)
  }
}

/** That somebody here joined the group has been seen by its MAC. */
function isForUs(nic: Nic, destination: Address): boolean {
  return isGroup(destination) || nic.addresses.some(({ address }) => sameAddress(address, destination))
}
