import { CONTROL_PORT, MULTIHOP_PORT, type Outcome } from '@steelyard/bfd'
import { isLinkLocal } from '@steelyard/arp-lib'
import { sendEcho } from './bfd-echo.ts'
import type { BfdTarget, BfdWatch } from './bfd-state.ts'
import { type BfdTurn, order, tellFault } from './bfd-turn.ts'

/** Carries out what a session decided. */
export function carry(turn: BfdTurn, { entry, effects }: Outcome): void {
  const watch = turn.part.byDiscriminator.get(entry.session.discriminator)
  if (watch === undefined) return
  for (const effect of effects) {
    if (effect.kind === 'send') send(turn, watch, effect.bytes)
    else if (effect.kind === 'echo') sendEcho(turn, watch, effect.bytes)
    else if (effect.kind === 'changed') turn.part.isStale = true
    else tellFault(turn, watch, { call: 'echo', errno: 'EchoesMissing', message: ECHOES_MISSING })
  }
}

const ECHOES_MISSING =
  'echoes do not come back, so they do not count: the router must forward packets to their sender (on Linux ' +
  'ip_forward, or forwarding for IPv6)'

function send(turn: BfdTurn, watch: BfdWatch, bytes: Uint8Array): void {
  if (watch.entry === undefined || !watch.sender.isOpen) return
  watch.packets.controlSent++
  order(turn, { kind: 'send', id: watch.entry.session.discriminator, to: targetOf(watch), bytes })
}

function targetOf({ desired, entry, peer }: BfdWatch): BfdTarget {
  const port = desired.multihop ? MULTIHOP_PORT : CONTROL_PORT
  const ifindex = isLinkLocal(peer) ? entry?.at.ifindex : undefined
  return { address: peer, port, ...(ifindex === undefined ? {} : { ifindex }) }
}
