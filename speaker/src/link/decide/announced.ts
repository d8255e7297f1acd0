import { announce, announceAgain, beginCheck, type CheckMode, endCheck, silence } from '@steelyard/arp-lib'
import type { Address } from '@steelyard/net'
import { forgetDefence } from './conflict-watch.ts'
import { enter, exit } from './groups.ts'
import { standBy, standDown } from './standby.ts'
import type { Channel, LinkEffect, LinkState, Wanted } from './state.ts'
import { isWantedOn } from './wanted.ts'

/** Frames in one round: an ARP request and a reply, or one advertisement. */
const FRAMES = { arp: 2, ndp: 1 } as const

/** What the schedule calls an address on a channel. */
export const roundKeyOf = (channelKey: string, ip: string): string => `${channelKey} ${ip}`
export const roundKey = ({ plan }: Channel, ip: string): string => roundKeyOf(plan.key, ip)
/** The other way: the channel's key and the address. */
export function ofRoundKey(key: string): { channelKey: string; ip: string } {
  const at = key.lastIndexOf(' ')
  return { channelKey: key.slice(0, at), ip: key.slice(at + 1) }
}

/**
 * Brings the addresses of one channel up to what is wanted: the new start their burst, or the check
 * before it, the others fall silent at once.
 */
export function select(state: LinkState, channel: Channel, now: number, effects: LinkEffect[]): void {
  standBy(state, channel, effects)
  for (const held of [channel.announced, channel.checked]) {
    for (const [ip, address] of held) {
      if (!isWantedOn(state.wanted.get(ip), channel)) drop(state, channel, { ip, address }, effects)
    }
  }
  for (const wanted of state.wanted.values()) {
    if (isWantedOn(wanted, channel)) hold(state, channel, { wanted, now }, effects)
  }
  standDown(state, channel, effects)
  // Once more, into the room that those gone have left.
  standBy(state, channel, effects)
}

type Addition = { readonly wanted: Wanted; readonly now: number }

function hold(state: LinkState, channel: Channel, { wanted, now }: Addition, effects: LinkEffect[]): void {
  const { ip, address } = wanted
  if (channel.announced.has(ip)) return
  if (channel.checked.has(ip)) {
    if (wanted.check !== 'refuse') release(state, channel, { wanted, now })
    return
  }
  enter(channel, address, effects)
  if (modeOf(state, wanted) === 'refuse') channel.checked.set(ip, address)
  else admit(state, channel, { ip, address, now })
  check(state, channel, { wanted, now })
}

/** The policy has changed: it need not wait for its check any longer. */
function release(state: LinkState, channel: Channel, { wanted, now }: Addition): void {
  endCheck(state.checks, roundKey(channel, wanted.ip))
  admit(state, channel, { ip: wanted.ip, address: wanted.address, now })
  check(state, channel, { wanted, now })
}

/** What was announced once, on whatever interface, is not asked for again as long as it is wanted. */
function modeOf({ known }: LinkState, { ip, check: mode }: Wanted): CheckMode | undefined {
  return known.has(ip) ? undefined : mode
}

/** What is announced already can only be warned of. */
function check(state: LinkState, channel: Channel, { wanted, now }: Addition): void {
  const isWaiting = channel.checked.has(wanted.ip)
  if (!isWaiting && modeOf(state, wanted) === undefined) state.known.add(wanted.ip)
  else if (channel.isOpen) beginCheck(state.checks, roundKey(channel, wanted.ip), isWaiting ? 'refuse' : 'warn', now)
}

/** The address is announced from here on. */
export function admit(
  state: LinkState,
  channel: Channel,
  { ip, address, now }: { readonly ip: string; readonly address: Address; readonly now: number },
): void {
  channel.checked.delete(ip)
  channel.announced.set(ip, address)
  if (channel.isOpen) announce(state.schedule, roundKey(channel, ip), FRAMES[channel.plan.protocol], now)
}

function drop(state: LinkState, channel: Channel, gone: { ip: string; address: Address }, effects: LinkEffect[]): void {
  channel.announced.delete(gone.ip)
  channel.checked.delete(gone.ip)
  quiet(state, channel, gone.ip)
  exit(channel, gone.address, effects)
}

function quiet(state: LinkState, channel: Channel, ip: string): void {
  const key = roundKey(channel, ip)
  silence(state.schedule, key)
  endCheck(state.checks, key)
  forgetDefence(state.conflicts, key)
}

/** Nothing more is due on a channel that has no socket. What it announced stays known for when it has one again. */
export function mute(state: LinkState, channel: Channel): void {
  for (const ip of channel.announced.keys()) quiet(state, channel, ip)
  for (const ip of channel.checked.keys()) quiet(state, channel, ip)
  for (const group of channel.groups.values()) group.isJoined = false
}

/** The burst of every address anew: the channel has just got its socket, another MAC, or its carrier back. */
export function burst(state: LinkState, channel: Channel, now: number): void {
  const frames = FRAMES[channel.plan.protocol]
  for (const ip of channel.announced.keys()) announceAgain(state.schedule, roundKey(channel, ip), frames, now)
  for (const ip of [...channel.announced.keys(), ...channel.checked.keys()]) {
    const wanted = state.wanted.get(ip)
    if (wanted !== undefined) check(state, channel, { wanted, now })
  }
}

/** The burst of one address anew, wherever it is announced. */
export function announceAnew(state: LinkState, channel: Channel, ip: string, now: number): void {
  if (!channel.isOpen || !channel.announced.has(ip)) return
  announceAgain(state.schedule, roundKey(channel, ip), FRAMES[channel.plan.protocol], now)
}
