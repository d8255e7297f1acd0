import { answerFrame, gratuitousFrames, noteTalker, spend, takeDue, talkerFrames, talkersOf } from '@steelyard/arp-lib'
import { ofRoundKey } from './announced.ts'
import { hearClaim } from './claims.ts'
import { look } from './looks.ts'
import { scheduleOf } from './pace.ts'
import { send } from './sending.ts'
import type { Channel, LinkConfig, LinkEffect, LinkEvent, LinkState } from './state.ts'
import { count, countIgnored } from './tally.ts'

type FrameEvent = Extract<LinkEvent, { kind: 'frame' }>

type At = { readonly now: number; readonly config: LinkConfig }

/** Answers a frame that came in, and remembers who asked. */
export function receiveFrame(state: LinkState, frame: FrameEvent, at: At, effects: LinkEffect[]): void {
  const channel = state.channels.get(frame.key)
  if (channel === undefined || !channel.isOpen) return
  const answer = answerFrame(frame, channel.link, channel.announced, channel.checked)
  if (answer.kind === 'claim') return hearClaim(state, { channel, claim: answer }, at, effects)
  if (answer.ask !== undefined) noteTalker(state.talkers, talkedOf(channel, answer.ask.target), answer.ask, at.now)
  if (answer.kind === 'ignored') return countIgnored(state.tally, answer.reason)
  count(state.tally, answer.ip, 'requests')
  send(state, { channel, ip: answer.ip, as: 'responses' }, [answer.frame], effects)
  if (answer.claim !== undefined) hearClaim(state, { channel, claim: answer.claim }, at, effects)
}

/** Sends the rounds of announcing that are due; with the last of a burst, and with each refresh, it looks who else has the address. */
export function sendRounds(state: LinkState, now: number, config: LinkConfig, effects: LinkEffect[]): void {
  const schedule = scheduleOf(state, config)
  for (const round of takeDue(state.schedule, now, schedule, config.random)) {
    const { channelKey, ip } = ofRoundKey(round.key)
    const channel = state.channels.get(channelKey)
    const address = channel?.announced.get(ip)
    if (channel === undefined || address === undefined) continue
    const frames = gratuitousFrames(address, channel.link)
    const direct = config.talkerRounds.includes(round.round) ? toTalkers(state, channel, ip, round.startedAt) : []
    spend(state.schedule, direct.length)
    send(state, { channel, ip, as: 'gratuitous' }, [...frames, ...direct], effects)
    if (round.round >= schedule.burstGapsMs.length) look(state, channel, ip, effects)
  }
}

function toTalkers(state: LinkState, channel: Channel, ip: string, before: number): Uint8Array[] {
  const address = channel.announced.get(ip)
  if (address === undefined) return []
  return talkersOf(state.talkers, talkedOf(channel, ip), before).flatMap((talker) =>
    talkerFrames(address, channel.link, talker),
  )
}

/** What the memory of talkers calls an address on an interface. */
function talkedOf({ plan }: Channel, ip: string): string {
  return `${plan.ifindex} ${ip}`
}
