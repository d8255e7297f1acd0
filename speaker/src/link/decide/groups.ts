import { solicitedNodeGroup } from '@steelyard/arp-lib'
import { type Address, formatAddress } from '@steelyard/net'
import type { Channel, Group, LinkEffect } from './state.ts'

/** Addresses that end alike share a group, so its members are counted. */
export function enter(channel: Channel, address: Address, effects: LinkEffect[]): void {
  if (channel.plan.protocol !== 'ndp') return
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

export function exit(channel: Channel, address: Address, effects: LinkEffect[]): void {
  if (channel.plan.protocol !== 'ndp') return
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
