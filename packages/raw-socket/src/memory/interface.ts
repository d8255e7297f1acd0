import { type Address, formatAddress, type Mac, sameAddress } from '@steelyard/net'
import type { AddressScope, InterfaceAddress, Link, Neighbour } from '../link-io.ts'
import { offerIcmp6 } from './group-socket.ts'
import { joinedGroups, packetTypeOf } from './nic.ts'
import { offer } from './packet-socket.ts'
import type { EthernetSegment } from './segment.ts'
import { type Host, type Nic, tell } from './state.ts'
import { offerUdpFrame } from './udp-socket.ts'
import { hasAddress } from './routes.ts'

export type MemoryInterfaceOptions = {
  readonly name: string
  readonly mac: Mac
  /** Left out, no cable is plugged in: there is no carrier. */
  readonly segment?: EthernetSegment
  /** Left out, the next that no interface had yet. */
  readonly index?: number
  readonly link?: LinkChange
}

/** What can be changed of an interface. It is `running` when it is up and has a carrier. */
export type LinkChange = Partial<Omit<Link, 'index' | 'running'>> & { readonly carrier?: boolean }

export type MemoryInterface = {
  readonly index: number
  readonly change: (change: LinkChange) => void
  /** The kernel tells that it hangs at another place of the network, as of a bond that uses another port. */
  readonly move: () => void
  /** Also for an address that is there already, when something about it changed. */
  readonly addAddress: (address: MemoryAddress) => void
  readonly removeAddress: (address: Address) => void
  readonly setNeighbour: (address: Address, mac: Mac) => void
  readonly removeNeighbour: (address: Address) => void
  /** The IPv6 groups that sockets joined here, as text. */
  readonly groups: () => readonly string[]
  readonly remove: () => void
}

export type MemoryAddress = {
  readonly address: Address
  readonly prefixLength: number
  readonly scope?: AddressScope
  readonly tentative?: boolean
}

/** Adds an interface to a host and tells those who listen. */
export function addInterface(host: Host, options: MemoryInterfaceOptions): MemoryInterface {
  const index = options.index ?? host.nextIndex
  host.nextIndex = Math.max(host.nextIndex, index + 1)
  const nic: Nic = {
    link: {
      index,
      name: options.name,
      mac: options.mac,
      mtu: 1500,
      up: true,
      running: false,
      broadcast: true,
      noArp: false,
      loopback: false,
    },
    carrier: options.segment !== undefined,
    plug: undefined,
    addresses: [],
    packets: new Set(),
    groups: new Set(),
  }
  nic.plug = options.segment?.plug({
    deliver: (frame) => deliver(host, nic, frame),
    macOf: (address) => (hasAddress(nic, address) ? nic.link.mac : undefined),
  })
  host.nics.set(index, nic)
  change(host, nic, options.link ?? {})
  return {
    index,
    change: (wanted) => change(host, nic, wanted),
    move: () => tell(host, { kind: 'link', change: 'new', link: nic.link, moved: true }),
    addAddress: (address) => addAddress(host, nic, address),
    removeAddress: (address) => removeAddress(host, nic, address),
    setNeighbour: (address, mac) => setNeighbour(host, { index, address, mac, state: 'permanent' }),
    removeNeighbour: (address) => removeNeighbour(host, index, address),
    groups: () => joinedGroups(nic),
    remove: () => remove(host, nic),
  }
}

function deliver(host: Host, nic: Nic, frame: Uint8Array): void {
  const packetType = packetTypeOf(nic, frame)
  if (packetType === undefined) return
  for (const socket of nic.packets) offer(socket, nic, { frame, packetType })
  if (packetType === 'otherhost') return
  offerIcmp6(nic, frame)
  offerUdpFrame(host, nic, frame)
}

function change(host: Host, nic: Nic, { carrier, ...fields }: LinkChange): void {
  const wasUp = nic.link.up
  nic.carrier = carrier ?? nic.carrier
  const link = { ...nic.link, ...fields }
  nic.link = { ...link, running: link.up && nic.carrier }
  if (wasUp && !link.up) failPackets(nic)
  tell(host, { kind: 'link', change: 'new', link: nic.link })
}

function failPackets(nic: Nic): void {
  for (const socket of nic.packets) socket.error = 'ENETDOWN'
}

function addAddress(host: Host, nic: Nic, wanted: MemoryAddress): void {
  const { address, prefixLength, scope = 'global', tentative = false } = wanted
  const added: InterfaceAddress = { index: nic.link.index, address, prefixLength, scope, tentative }
  nic.addresses = [...nic.addresses.filter((other) => !sameAddress(other.address, address)), added]
  tell(host, { kind: 'address', change: 'new', address: added })
}

function removeAddress(host: Host, nic: Nic, address: Address): void {
  const removed = nic.addresses.filter((other) => sameAddress(other.address, address))
  nic.addresses = nic.addresses.filter((other) => !removed.includes(other))
  for (const gone of removed) tell(host, { kind: 'address', change: 'deleted', address: gone })
}

function neighbourKey(index: number, address: Address): string {
  return `${index} ${formatAddress(address)}`
}

function setNeighbour(host: Host, neighbour: Neighbour): void {
  host.neighbours.set(neighbourKey(neighbour.index, neighbour.address), neighbour)
  tell(host, { kind: 'neighbour', change: 'new', neighbour })
}

function removeNeighbour(host: Host, index: number, address: Address): void {
  const key = neighbourKey(index, address)
  const neighbour = host.neighbours.get(key)
  if (neighbour === undefined) return
  host.neighbours.delete(key)
  tell(host, { kind: 'neighbour', change: 'deleted', neighbour })
}

function remove(host: Host, nic: Nic): void {
  if (host.nics.get(nic.link.index) !== nic) return
  if (nic.link.up) failPackets(nic)
  for (const { address } of nic.addresses) removeAddress(host, nic, address)
  for (const { index, address } of host.neighbours.values()) {
    if (index === nic.link.index) removeNeighbour(host, index, address)
  }
  nic.plug?.unplug()
  host.nics.delete(nic.link.index)
  nic.link = { ...nic.link, up: false, running: false }
  tell(host, { kind: 'link', change: 'deleted', link: nic.link })
}
