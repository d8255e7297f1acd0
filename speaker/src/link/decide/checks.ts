import { probeFrame, takeChecks } from '@steelyard/arp-lib'
import { admit, ofRoundKey } from './announced.ts'
import { checkOf } from './pace.ts'
import { sendProbe } from './sending.ts'
import type { Channel, LinkConfig, LinkEffect, LinkState } from './state.ts'

type At = { readonly now: number; readonly config: LinkConfig }

/** Sends the probes that are due, and announces what nobody has answered for. */
export function runChecks(state: LinkState, { now, config }: At, effects: LinkEffect[]): void {
  for (const { kind, key } of takeChecks(state.checks, now, checkOf(state, config))) {
    const { channelKey, ip } = ofRoundKey(key)
    const channel = state.channels.get(channelKey)
    if (channel === undefined) continue
    if (kind === 'passed') pass(state, channel, { ip, now }, effects)
    else probe(state, channel, ip, effects)
  }
}

function probe(state: LinkState, channel: Channel, ip: string, effects: LinkEffect[]): void {
  const address = channel.checked.get(ip) ?? channel.announced.get(ip)
  if (address !== undefined) sendProbe(state, { channel, ip, frame: probeFrame(address, channel.link) }, effects)
}

function pass(
  state: LinkState,
  channel: Channel,
  { ip, now }: { readonly ip: string; readonly now: number },
  effects: LinkEffect[],
): void {
  state.known.add(ip)
  const address = channel.checked.get(ip)
  if (address !== undefined) admit(state, channel, { ip, address, now })
  effects.push({ kind: 'tell', fact: { kind: 'checked', ip, interface: channel.plan.name } })
}
