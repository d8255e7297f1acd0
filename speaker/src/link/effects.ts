import { ETHERTYPE, NEIGHBOUR_FILTER } from '@steelyard/arp-lib'
import { addressBytes, NETWORK_CONTROL } from '@steelyard/net'
import { SystemCallError } from '@steelyard/raw-socket'
import { carryOutBfd, closeBfd } from './bfd-sockets.ts'
import type { Attempt, Fallible, LinkEffect, LinkEvent } from './decide/state.ts'
import { step } from './decide/step.ts'
import type { ChannelPlan } from './decide/usable-channels.ts'
import type { ChannelSockets, LinkLoop } from './link-loop.ts'
import { carryOutAct, closeMembers } from './member-sockets.ts'
import { carryOutRouterAct, closeRouters } from './router-sockets.ts'

/** Lets the core decide about an event and carries out what it wants, and what follows from that. */
export function happen(loop: LinkLoop, event: LinkEvent): void {
  const effects = decide(loop, event)
  for (let effect = effects.shift(); effect !== undefined; effect = effects.shift()) {
    const followUp = carryOut(loop, effect)
    if (followUp !== undefined) effects.unshift(...decide(loop, followUp))
  }
}

function decide({ world, state }: LinkLoop, event: LinkEvent): LinkEffect[] {
  return step(state, event, world.now(), world.config)
}

/** What the kernel refuses becomes an event; any other error is our bug and ends the worker. */
function carryOut(loop: LinkLoop, effect: LinkEffect): LinkEvent | undefined {
  if (effect.kind === 'tell') loop.world.tell(effect.fact)
  else if (effect.kind === 'close') close(loop, effect.key)
  else if (effect.kind === 'member') return carryOutAct(loop, effect.act)
  else if (effect.kind === 'routers') return carryOutRouterAct(loop, effect.act)
  else if (effect.kind === 'bfd') return carryOutBfd(loop, effect.act)
  else return attempt(effect, () => act(loop, effect))
  return undefined
}

/** @returns the event of a refusal, or what `call` returned. */
export function attempt(tried: Attempt, call: () => LinkEvent | undefined): LinkEvent | undefined {
  try {
    return call()
  } catch (error) {
    if (!(error instanceof SystemCallError)) throw error
    return { kind: 'failed', tried, error }
  }
}

function act(loop: LinkLoop, effect: Fallible): LinkEvent | undefined {
  if (effect.kind === 'scan') return scan(loop)
  if (effect.kind === 'send') return send(loop, effect)
  if (effect.kind === 'open') loop.sockets.set(effect.plan.key, open(loop, effect.plan))
  else loop.sockets.get(effect.key)?.groups?.[effect.kind](addressBytes(effect.group))
  return undefined
}

/** Events are subscribed to before the dump, so that nothing falls between the two. */
function scan(loop: LinkLoop): LinkEvent {
  loop.netlink ??= loop.world.io.openNetlink({ topics: ['link', 'address'] })
  return { kind: 'scanned', links: loop.netlink.dumpLinks(), addresses: loop.netlink.dumpAddresses() }
}

/**
 * Each protocol's socket takes its EtherType only: one for all types would have the kernel copy
 * every packet that this machine sends.
 */
function open({ world: { io } }: LinkLoop, { ifindex, protocol }: ChannelPlan): ChannelSockets {
  const etherType = protocol === 'arp' ? ETHERTYPE.arp : ETHERTYPE.ipv6
  const packet = io.openPacket({ ifindex, filter: NEIGHBOUR_FILTER, etherType, trafficClass: NETWORK_CONTROL })
  try {
    return { packet, groups: protocol === 'ndp' ? io.openGroups({ ifindex }) : undefined }
  } catch (error) {
    packet.close()
    throw error
  }
}

/** A socket that was lost earlier in this turn sends nothing, and the core must not count that. */
function send(loop: LinkLoop, effect: Extract<Fallible, { kind: 'send' }>): LinkEvent | undefined {
  const sockets = loop.sockets.get(effect.key)
  if (sockets === undefined) return { kind: 'failed', tried: effect, error: new SystemCallError('sendto', 'ENODEV') }
  sockets.packet.send(effect.frame)
  return undefined
}

function close(loop: LinkLoop, key: string): void {
  const sockets = loop.sockets.get(key)
  loop.sockets.delete(key)
  sockets?.groups?.close()
  sockets?.packet.close()
}

/** Gives all descriptors back. Neighbours that were watched over are told that this is no outage. */
export function closeAll(loop: LinkLoop): void {
  happen(loop, { kind: 'bfd', what: { kind: 'leave' } })
  closeBfd(loop.bfd)
  for (const key of loop.sockets.keys()) close(loop, key)
  closeMembers(loop.members)
  closeRouters(loop.routers)
  loop.netlink?.close()
  loop.netlink = undefined
}
