import { probeFrame } from '@steelyard/arp-lib'
import { takeLooks } from './conflict-watch.ts'
import { sendProbe } from './sending.ts'
import { isSilentAbout } from './silence.ts'
import type { Channel, LinkEffect, LinkState } from './state.ts'

/**
 * Asks the LAN, as whoever wants the address would (RFC 5227 section 2.1.1), whether another machine has an address
 * that is announced here. One that has it answers, to the asker alone: nothing else would ever be heard of it.
 */
export function look(state: LinkState, channel: Channel, ip: string, effects: LinkEffect[]): void {
  const address = channel.announced.get(ip)
  if (address === undefined || isSilentAbout(state, ip)) return
  sendProbe(state, { channel, ip, frame: probeFrame(address, channel.link) }, effects)
}

/** Looks once more at what a peer was heard to use. */
export function runLooks(state: LinkState, now: number, effects: LinkEffect[]): void {
  for (const { ip, interface: name } of takeLooks(state.conflicts, now)) {
    for (const channel of state.channels.values()) {
      if (channel.plan.name === name && channel.isOpen) look(state, channel, ip, effects)
    }
  }
}
