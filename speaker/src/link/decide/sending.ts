import { gratuitousFrames, spend } from '@steelyard/arp-lib'
import type { Channel, LinkEffect, LinkState } from './state.ts'
import { count } from './tally.ts'

export type Sending = { readonly channel: Channel; readonly ip: string; readonly as: 'responses' | 'gratuitous' }

/** Counts what it orders; a failure takes it back. */
export function send(
  state: LinkState,
  { channel, ip, as }: Sending,
  frames: readonly Uint8Array[],
  effects: LinkEffect[],
): void {
  count(state.tally, ip, as, frames.length)
  for (const frame of frames) effects.push({ kind: 'send', key: channel.plan.key, frame, ip, as })
}

/** One round beside the schedule, at once. */
export function announceOnce(state: LinkState, channel: Channel, ip: string, effects: LinkEffect[]): void {
  const address = channel.announced.get(ip)
  if (address === undefined) return
  const frames = gratuitousFrames(address, channel.link)
  spend(state.schedule, frames.length)
  send(state, { channel, ip, as: 'gratuitous' }, frames, effects)
}

export type Probing = { readonly channel: Channel; readonly ip: string; readonly frame: Uint8Array }

/** A probe announces nothing, so it is not counted as if it did. */
export function sendProbe(state: LinkState, { channel, ip, frame }: Probing, effects: LinkEffect[]): void {
  spend(state.schedule, 1)
  effects.push({ kind: 'send', key: channel.plan.key, frame, ip, as: 'probes' })
}
