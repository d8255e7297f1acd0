import { announce, announceAgain, silence, solicitedNodeGroup } from '@steelyard/arp-lib'
import { type Address, formatAddress } from '@steelyard/net'
import type { Channel, Group, LinkEffect, LinkState, Wanted } from './state.ts'

/** Frames in one round: an ARP request and a reply, or one advertisement. */
const FRAMES = { arp: 2, ndp: 1 } as const
const FAMILY = { arp: 4, ndp: 6 } as const

/** What the schedule calls an address on a channel. */
export const roundKey = (channel: Channel, ip: string): string => `${channel.plan.key} ${ip}`
/** The other way: the channel's key and the address. */
export function ofRoundKey(key: string): { channelKey: string; ip: string } {
  const at = key.lastIndexOf(' ')
  return { channelKey: key.slice(0, at), ip: key.slice(at + 1) }
}

/** Brings the addresses of one channel up to what is wanted: the new start their burst, the others fall silent at once. */
export function select(state: LinkState, channel: Channel, now: number, effects: LinkEffect[]): void {
  for (const [ip, address] of channel.announced) {
    if (!isWantedOn(state.wanted.get(ip), channel)) drop(state, channel, { ip, address }, effects)
  }
  for (const wanted of state.wanted.values()) {
    if (isWantedOn(wanted, channel) && !channel.announced.has(wanted.ip)) add(state, channel, { wanted, now }, effects)
  }
}

function isWantedOn(wanted: Wanted | undefined, { plan }: Channel): boolean {
  if (wanted === undefined || wanted.address.family !== FAMILY[plan.protocol]) return false
  return wanted.on === 'all' || wanted.on.has(plan.name)
}

type Addition = { readonly wanted: Wanted; readonly now: number }

function add(state: LinkState, channel: Channel, { wanted, now }: Addition, effects: LinkEffect[]): void {
  channel.announced.set(wanted.ip, wanted.address)
  if (channel.isOpen) announce(state.schedule, roundKey(channel, wanted.ip), FRAMES[channel.plan.protocol], now)
  if (channel.plan.protocol === 'ndp') enter(channel, wanted.address, effects)
}

function drop(state: LinkState, channel: Channel, gone: { ip: string; address: Address }, effects: LinkEffect[]): void {
  channel.announced.delete(gone.ip)
  silence(state.schedule, roundKey(channel, gone.ip))
  if (channel.plan.protocol === 'ndp') exit(channel, gone.address, effects)
}

/** Nothing more is due on a channel that has no socket. What it announced stays known for when it has one again. */
export function mute(state: LinkState, channel: Channel): void {
  for (const ip of channel.announced.keys()) silence(state.schedule, roundKey(channel, ip))
  for (const group of channel.groups.values()) group.isJoined = false
}

/** The burst of every address anew: the channel has just got its socket, or another MAC. */
export function burst(state: LinkState, channel: Channel, now: number): void {
  const frames = FRAMES[channel.plan.protocol]
  for (const ip of channel.announced.keys()) announceAgain(state.schedule, roundKey(channel, ip), frames, now)
}

/** The burst of one address anew, wherever it is announced. */
export function announceAnew(state: LinkState, channel: Channel, ip: string, now: number): void {
  if (!channel.isOpen || !channel.announced.has(ip)) return
  announceAgain(state.schedule, roundKey(channel, ip), FRAMES[channel.plan.protocol], now)
}

/** Addresses that end alike share a group, so its members are counted. */
function enter(channel: Channel, address: Address, effects: LinkEffect[]): void {
  const group = solicitedNodeGroup(address)
  const text = formatAddress(group)
  const known = channel.groups.get(text)
  if (known !== undefined) {
    known.members += 1
    return
  }
  const entered = { address: group, members: 1, isJoined: false }
  channel.groups.set(text, entered)
  join(channel, entered, effects)
}

function exit(channel: Channel, address: Address, effects: LinkEffect[]): void {
  const text = formatAddress(solicitedNodeGroup(address))
  const group = channel.groups.get(text)
  if (group === undefined) return
  group.members -= 1
  if (group.members > 0) return
  channel.groups.delete(text)
  if (group.isJoined) effects.push({ kind: 'leave', key: channel.plan.key, group: group.address })
}

/** Joins what is not joined yet, or could not be. */
export function joinMissing(channel: Channel, effects: LinkEffect[]): void {
  for (const group of channel.groups.values()) join(channel, group, effects)
}

function join(channel: Channel, group: Group, effects: LinkEffect[]): void {
  if (!channel.isOpen || group.isJoined) return
  group.isJoined = true
  effects.push({ kind: 'join', key: channel.plan.key, group: group.address })
}
