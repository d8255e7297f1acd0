import { enter, exit } from './groups.ts'
import type { Channel, LinkEffect, LinkState } from './state.ts'
import { isWantedOn } from './wanted.ts'

/**
 * So many addresses of others are listened for on one interface: each costs a membership, of which
 * a kernel with little option memory (`net.core.optmem_max`) allows some three hundred a socket.
 */
const MOST_STANDBY = 128

/**
 * Solicitations go to a group, and only who has joined it hears them: who asks for an address that
 * another node has is known here, for when it moves, by joining its group beforehand. ARP needs none
 * of this, its requests are broadcast.
 */
export function standBy(state: LinkState, channel: Channel, effects: LinkEffect[]): void {
  if (channel.plan.protocol !== 'ndp') return
  for (const { ip, address } of state.standby.values()) {
    if (channel.standby.size >= MOST_STANDBY) return
    if (channel.standby.has(ip) || !isListenedFor(state, channel, ip)) continue
    channel.standby.set(ip, address)
    enter(channel, address, effects)
  }
}

/** The other way. After what is announced has joined for itself, so that a group in use is not left in between. */
export function standDown(state: LinkState, channel: Channel, effects: LinkEffect[]): void {
  for (const [ip, address] of channel.standby) {
    if (isListenedFor(state, channel, ip)) continue
    channel.standby.delete(ip)
    exit(channel, address, effects)
  }
}

function isListenedFor({ standby, wanted }: LinkState, channel: Channel, ip: string): boolean {
  return isWantedOn(standby.get(ip), channel) && !isWantedOn(wanted.get(ip), channel)
}
