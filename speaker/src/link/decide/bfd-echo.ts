import { udpFrame } from '@steelyard/arp-lib'
import { ECHO_PORT, TTL } from '@steelyard/bfd'
import { formatAddress } from '@steelyard/net'
import { echoPort } from './bfd-ports.ts'
import type { BfdDatagram, BfdWatch, FoundNeighbour } from './bfd-state.ts'
import { type BfdTurn, order } from './bfd-turn.ts'

const macKey = (ifindex: number, address: string): string => `${ifindex} ${address}`

/**
 * RFC 5881 section 4: a datagram to ourselves, handed to the peer, whose forwarding sends it back. No socket of IP
 * sends that, for the kernel would deliver it here; so it goes as a frame.
 */
export function sendEcho(turn: BfdTurn, { met, peer, packets }: BfdWatch, bytes: Uint8Array): void {
  if (met === undefined) return
  const { part, state } = turn
  const to = part.macs.get(macKey(met.ifindex, formatAddress(peer)))
  const from = state.view?.links.get(met.ifindex)?.mac
  const port = echoPort(turn, met.ifindex, peer.family)
  if (to === undefined || from === undefined || port === undefined) return
  const { local } = met
  const datagram = { source: local, sourcePort: ECHO_PORT, destination: local, port: ECHO_PORT, ttl: TTL, bytes }
  packets.echoSent++
  order(turn, { kind: 'sendEcho', key: port.key, frame: udpFrame({ from, to }, datagram) })
}

/**
 * Some (FRR for IPv6) address their echoes to the peer and expect its BFD to send them back with one hop less, by
 * which they know them. Nothing but a neighbour that echoes were agreed on with is answered.
 */
export function loopBack(turn: BfdTurn, key: string, { bytes, source, sourcePort, ttl, ifindex }: BfdDatagram): void {
  if (ttl !== TTL || sourcePort === 0 || !turn.part.echoPeers.has(formatAddress(source))) return
  const to = { address: source, port: sourcePort, ...(ifindex === undefined ? {} : { ifindex }) }
  order(turn, { kind: 'sendBack', key, to, bytes })
}

/** Only the neighbours that echoes go to are kept. */
export function noteNeighbours({ part }: BfdTurn, found: readonly FoundNeighbour[]): void {
  for (const { index, address, mac } of found) {
    const text = formatAddress(address)
    if (!part.echoPeers.has(text)) continue
    if (mac === undefined) part.macs.delete(macKey(index, text))
    else part.macs.set(macKey(index, text), mac)
  }
}
