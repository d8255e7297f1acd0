import { isLinkLocal } from '@steelyard/arp-lib'
import { CONTROL_PORT, ECHO_PORT, MULTIHOP_PORT, SOURCE_PORTS, TTL } from '@steelyard/bfd'
import { formatAddress, NETWORK_CONTROL } from '@steelyard/net'
import type { BfdAct, BfdReceiver, BfdWatch, EchoPort } from './bfd-state.ts'
import { type BfdTurn, indexOf, order } from './bfd-turn.ts'
import { closed } from './member-state.ts'

type Place = Pick<BfdReceiver, 'family' | 'port' | 'device'>

const keyOf = ({ family, port, device }: Place): string => `${family} ${port} ${device ?? ''}`

/** Opens and closes ports, so that there are those that the sessions need and no others. */
export function settlePorts(turn: BfdTurn): void {
  const { part } = turn
  const needed = new Map([...part.watches.values()].flatMap(placesOf).map((place) => [keyOf(place), place]))
  for (const receiver of part.receivers.values()) if (!needed.has(receiver.key)) closeReceiver(turn, receiver)
  const devices = Map.groupBy(needed.values(), portOf)
  const isShared = (place: Place): boolean => (devices.get(portOf(place))?.length ?? 0) > 1
  // Those that stand alone so far let others in before these come.
  for (const receiver of part.receivers.values()) if (isShared(receiver)) share(turn, receiver)
  for (const [key, place] of needed) {
    if (part.receivers.has(key)) continue
    const receiver: BfdReceiver = { key, ...place, shared: isShared(place), boundTo: undefined, ...closed(turn.now) }
    part.receivers.set(key, receiver)
    openReceiver(turn, receiver)
  }
  settleEchoes(turn)
}

const portOf = ({ family, port }: Place): string => `${family} ${port}`

/**
 * Not from the start: alone on its port, it is told of another BFD program that has it. What waits in the socket is
 * lost, which is a packet of each peer at most.
 */
function share(turn: BfdTurn, receiver: BfdReceiver): void {
  if (receiver.shared) return
  receiver.shared = true
  if (!receiver.isOpen) return
  order(turn, { kind: 'closeReceiver', key: receiver.key })
  openReceiver(turn, receiver)
}

const hasEcho = ({ desired }: BfdWatch): boolean => desired.echoIntervalMs !== undefined && !desired.multihop

function placesOf(watch: BfdWatch): Place[] {
  const { desired, peer } = watch
  const place = { family: peer.family, device: desired.device }
  const control = { ...place, port: desired.multihop ? MULTIHOP_PORT : CONTROL_PORT }
  return hasEcho(watch) ? [control, { ...place, port: ECHO_PORT }] : [control]
}

/** One less than what is sent, so that an echo that was looped back is known from one that is to be. */
const LOOPED_TTL = TTL - 1

function openReceiver(turn: BfdTurn, receiver: BfdReceiver): void {
  const { key, family, port, device, shared } = receiver
  receiver.isOpen = true
  receiver.boundTo = indexOf(turn.state, device)
  const ttl = port === ECHO_PORT ? LOOPED_TTL : TTL
  order(turn, {
    kind: 'openReceiver',
    key,
    family,
    port,
    ttl,
    trafficClass: NETWORK_CONTROL,
    shared,
    ...(device === undefined ? {} : { device }),
  })
}

export function closeReceiver(turn: BfdTurn, receiver: BfdReceiver): void {
  if (receiver.isOpen) order(turn, { kind: 'closeReceiver', key: receiver.key })
  turn.part.receivers.delete(receiver.key)
}

/** Ports of echoes that nobody wants are closed; those that are wanted are opened by the first echo. */
function settleEchoes(turn: BfdTurn): void {
  const { part } = turn
  const before = part.echoPeers
  const echoing = [...part.watches.values()].filter(hasEcho)
  part.echoPeers = new Set(echoing.map(({ peer }) => formatAddress(peer)))
  const used = new Set(echoing.flatMap(({ met, peer }) => (met === undefined ? [] : [`${met.ifindex} ${peer.family}`])))
  for (const port of part.echoPorts.values()) if (!used.has(port.key)) closeEchoPort(turn, port)
  if (part.echoPeers.size === 0 && part.neighbours.isOpen) closeNeighbours(turn)
  if ([...part.echoPeers].some((peer) => !before.has(peer))) listNeighbours(turn)
}

export function closeEchoPort(turn: BfdTurn, port: EchoPort): void {
  if (port.isOpen) order(turn, { kind: 'closeEchoPort', key: port.key })
  turn.part.echoPorts.delete(port.key)
}

function closeNeighbours(turn: BfdTurn): void {
  turn.part.neighbours.isOpen = false
  turn.part.macs.clear()
  order(turn, { kind: 'closeNeighbours' })
}

function listNeighbours(turn: BfdTurn): void {
  turn.part.neighbours.isOpen = true
  order(turn, { kind: 'listNeighbours' })
}

/** The port for echoes by an interface, opened when it is asked for the first time; undefined while it is closed. */
export function echoPort(turn: BfdTurn, ifindex: number, family: 4 | 6): EchoPort | undefined {
  const { part, now } = turn
  const key = `${ifindex} ${family}`
  const port = part.echoPorts.get(key) ?? { key, ifindex, family, ...closed(now) }
  part.echoPorts.set(key, port)
  if (!port.isOpen && port.retryAt <= now) openEchoPort(turn, port)
  return port.isOpen ? port : undefined
}

function openEchoPort(turn: BfdTurn, port: EchoPort): void {
  port.isOpen = true
  order(turn, { kind: 'openEchoPort', key: port.key, ifindex: port.ifindex, family: port.family })
}

/** RFC 5881 section 4: one port for all packets of a session. Whether it is free shows when it is bound. */
export function openSender(turn: BfdTurn, watch: BfdWatch): void {
  const { desired, entry, local, peer, sender } = watch
  if (entry === undefined) return
  sender.isOpen = true
  watch.boundTo = indexOf(turn.state, desired.device ?? desired.interface)
  const { device } = desired
  const ifindex = local !== undefined && isLinkLocal(local) ? entry.at.ifindex : undefined
  const act: BfdAct = {
    kind: 'openSender',
    id: entry.session.discriminator,
    address: local ?? { family: peer.family, words: peer.words.map(() => 0) },
    port: SOURCE_PORTS.first + Math.floor(turn.config.random() * (SOURCE_PORTS.last - SOURCE_PORTS.first + 1)),
    ttl: TTL,
    trafficClass: NETWORK_CONTROL,
    ...(device === undefined ? {} : { device }),
    ...(ifindex === undefined ? {} : { ifindex }),
  }
  order(turn, act)
}

export function closeSender(turn: BfdTurn, { entry, sender }: BfdWatch): void {
  if (entry !== undefined && sender.isOpen) order(turn, { kind: 'closeSender', id: entry.session.discriminator })
  sender.isOpen = false
}

/** Opens what may be opened again, and says when the next may. */
export function retryPorts(turn: BfdTurn): void {
  const { part, now } = turn
  if (part.retryAt > now) return
  for (const receiver of part.receivers.values()) if (isDue(receiver, now)) openReceiver(turn, receiver)
  for (const port of part.echoPorts.values()) if (isDue(port, now)) openEchoPort(turn, port)
  for (const watch of part.byDiscriminator.values()) if (isDue(watch.sender, now)) openSender(turn, watch)
  if (part.echoPeers.size > 0 && isDue(part.neighbours, now)) listNeighbours(turn)
  part.retryAt = Math.min(...openingsOf(turn).map(({ isOpen, retryAt }) => (isOpen ? Infinity : retryAt)))
}

const isDue = ({ isOpen, retryAt }: { readonly isOpen: boolean; readonly retryAt: number }, now: number): boolean =>
  !isOpen && retryAt <= now

function openingsOf({ part }: BfdTurn): (BfdReceiver | EchoPort | BfdWatch['sender'])[] {
  const senders = [...part.byDiscriminator.values()].map(({ sender }) => sender)
  const neighbours = part.echoPeers.size > 0 ? [part.neighbours] : []
  return [...part.receivers.values(), ...part.echoPorts.values(), ...senders, ...neighbours]
}

/** An interface that was made anew under its name is another one: what was bound to the old one hears nothing more. */
export function rebind(turn: BfdTurn): void {
  const { part, state } = turn
  for (const receiver of part.receivers.values()) {
    const index = indexOf(state, receiver.device)
    if (receiver.isOpen) receiver.boundTo ??= index
    if (!receiver.isOpen || index === undefined || index === receiver.boundTo) continue
    order(turn, { kind: 'closeReceiver', key: receiver.key })
    openReceiver(turn, receiver)
  }
  for (const port of part.echoPorts.values()) {
    if (state.view?.links.has(port.ifindex) === false) closeEchoPort(turn, port)
  }
}
