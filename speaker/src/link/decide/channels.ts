import { sameBytes } from '@steelyard/net'
import { backoffMs } from '@steelyard/runtime'
import type { UsableInterface } from '../messages.ts'
import { burst, mute, select } from './announced.ts'
import { joinMissing } from './groups.ts'
import type { Channel, LinkConfig, LinkEffect, LinkState } from './state.ts'
import { type ChannelPlan, usableChannels } from './usable-channels.ts'

/** Brings the channels up to what the kernel has: sockets for new ones, none for those that are gone. */
export function reconcileChannels(state: LinkState, now: number, effects: LinkEffect[]): void {
  if (state.view === undefined) return
  state.ownMacs = [...state.view.links.values()].map(({ mac }) => mac)
  const plans = new Map(usableChannels(state.view, state.exclusion.excludes).map((plan) => [plan.key, plan]))
  for (const channel of state.channels.values()) {
    if (!plans.has(channel.plan.key)) lose(state, channel, effects)
  }
  for (const plan of plans.values()) {
    const channel = state.channels.get(plan.key)
    if (channel === undefined) gain(state, plan, now, effects)
    else update(state, channel, { plan, now }, effects)
  }
  // What is there besides what can be used counts too.
  state.isInterfacesStale = true
}

function lose(state: LinkState, channel: Channel, effects: LinkEffect[]): void {
  state.isInterfacesStale = true
  mute(state, channel)
  state.channels.delete(channel.plan.key)
  if (channel.isOpen) effects.push({ kind: 'close', key: channel.plan.key })
}

function gain(state: LinkState, plan: ChannelPlan, now: number, effects: LinkEffect[]): void {
  const link = linkView(state, plan)
  const held = { announced: new Map(), checked: new Map(), standby: new Map(), groups: new Map() }
  const channel: Channel = { plan, link, isOpen: false, failures: 0, retryAt: now, ...held }
  state.channels.set(plan.key, channel)
  open(state, channel, effects)
  select(state, channel, now, effects)
}

function linkView({ ownMacs }: LinkState, { protocol, mac }: ChannelPlan): Channel['link'] {
  return { mac, arp: protocol === 'arp', ndp: protocol === 'ndp', ownMacs }
}

function open(state: LinkState, channel: Channel, effects: LinkEffect[]): void {
  state.isInterfacesStale = true
  channel.isOpen = true
  effects.push({ kind: 'open', plan: channel.plan })
}

type Update = { readonly plan: ChannelPlan; readonly now: number }

/** A new name may select other addresses; a new MAC is news for every neighbour. */
function update(state: LinkState, channel: Channel, { plan, now }: Update, effects: LinkEffect[]): void {
  const before = channel.plan
  channel.plan = plan
  channel.link = linkView(state, plan)
  if (before.name !== plan.name) {
    state.isInterfacesStale = true
    select(state, channel, now, effects)
  }
  if (channel.isOpen && !sameBytes(before.mac, plan.mac)) burst(state, channel, now)
}

/** The channel lost its socket, or got none: it is tried again after a while. */
export function suspend(state: LinkState, channel: Channel, now: number, { retry, random }: LinkConfig): void {
  state.isInterfacesStale = true
  channel.isOpen = false
  channel.failures += 1
  channel.retryAt = now + backoffMs(channel.failures, retry, random)
  mute(state, channel)
}

export function retryChannels(state: LinkState, now: number, effects: LinkEffect[]): void {
  for (const channel of state.channels.values()) {
    if (channel.isOpen || channel.retryAt > now) continue
    open(state, channel, effects)
    joinMissing(channel, effects)
    burst(state, channel, now)
  }
}

/**
 * The burst anew on interfaces that lost their carrier and have it again already, so that the
 * channel never went: what was behind the switch's port may have forgotten us all the same. And on
 * those that hang at another port now, where nobody has heard of us.
 */
export function burstOn(state: LinkState, ifindexes: ReadonlySet<number>, now: number): void {
  for (const channel of state.channels.values()) {
    if (channel.isOpen && ifindexes.has(channel.plan.ifindex)) burst(state, channel, now)
  }
}

/** The interfaces that can be announced on now, by name. */
export function usableInterfaces({ channels }: LinkState): UsableInterface[] {
  const found = new Map<string, UsableInterface>()
  for (const { plan, isOpen } of channels.values()) {
    if (!isOpen) continue
    const known = found.get(plan.name) ?? { name: plan.name, arp: false, ndp: false }
    found.set(plan.name, { ...known, [plan.protocol]: true })
  }
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
}
