import { missProbe } from '@steelyard/arp-lib'
import { formatAddress } from '@steelyard/net'
import type { LinkFault } from '../messages.ts'
import { roundKeyOf } from './announced.ts'
import { suspend } from './channels.ts'
import { noteFault } from './faults.ts'
import { checkOf } from './pace.ts'
import type { Attempt, Channel, FailedCall, LinkConfig, LinkEffect, LinkEvent, LinkState } from './state.ts'
import { count } from './tally.ts'

/** The interface is down or gone. */
export const GONE = new Set(['ENETDOWN', 'ENODEV', 'ENXIO'])

type Failed = Extract<LinkEvent, { kind: 'failed' }>

type At = { readonly now: number; readonly config: LinkConfig }

/** Takes note of a call that the kernel refused, and sees to it that it is tried again. */
export function noteFailure(state: LinkState, { tried, error }: Failed, at: At, effects: LinkEffect[]): void {
  const channel = channelOf(state, tried)
  takeBack(state, channel, tried, at)
  if (channel?.isOpen === true && losesSocket(tried, error)) {
    effects.push({ kind: 'close', key: channel.plan.key })
    suspend(state, channel, at.now, at.config)
  }
  if (!isPassing(tried, error, channel)) tell(state, faultOf(error, channel), at, effects)
}

/** An interface may be gone before netlink has said so. One that is still there at the second attempt has a fault. */
function isPassing(tried: Attempt, { errno }: FailedCall, channel: Channel | undefined): boolean {
  return GONE.has(errno) && (tried.kind !== 'open' || (channel?.failures ?? 0) <= 1)
}

/** Undoes what the core took for done when it ordered it. */
function takeBack(state: LinkState, channel: Channel | undefined, tried: Attempt, { now, config }: At): void {
  if (tried.kind === 'scan') state.rescanAt = now + config.retry.firstMs
  if (tried.kind === 'send') takeBackFrame(state, tried, { now, config })
  if (tried.kind !== 'join') return
  const group = channel?.groups.get(formatAddress(tried.group))
  if (group !== undefined) group.isJoined = false
}

function takeBackFrame(
  state: LinkState,
  { key, ip, as }: Extract<Attempt, { kind: 'send' }>,
  { now, config }: At,
): void {
  if (as === 'probes') missProbe(state.checks, roundKeyOf(key, ip), now, checkOf(state, config))
  else count(state.tally, ip, as, -1)
}

function channelOf({ channels }: LinkState, tried: Attempt): Channel | undefined {
  if (tried.kind === 'scan') return undefined
  return channels.get(tried.kind === 'open' ? tried.plan.key : tried.key)
}

/** A full queue or an interface without memory passes by itself; a socket that cannot be read must be replaced. */
function losesSocket(tried: Attempt, { errno }: FailedCall): boolean {
  return tried.kind === 'open' || tried.kind === 'receive' || (tried.kind === 'send' && GONE.has(errno))
}

function faultOf({ call, errno, message }: FailedCall, channel: Channel | undefined): Omit<LinkFault, 'times'> {
  return { ...(channel === undefined ? {} : { interface: channel.plan.name }), call, errno, message }
}

export function tell(
  state: LinkState,
  fault: Omit<LinkFault, 'times'>,
  { now, config }: At,
  effects: LinkEffect[],
): void {
  const fact = noteFault(state.faults, fault, now, config.faultRepeatMs)
  if (fact !== undefined) effects.push({ kind: 'tell', fact })
}
