import { nextCheckAt, nextRoundAt } from '@steelyard/arp-lib'
import type { LinkDesired, LinkFact } from '../messages.ts'
import { select } from './announced.ts'
import { burstOn, reconcileChannels, retryChannels } from './channels.ts'
import { runChecks } from './checks.ts'
import { befriend, forgetConflicts, nextEndAt, takeEnded } from './conflict-watch.ts'
import { compileExclusion } from './exclusion.ts'
import { noteFailure, tell } from './failures.ts'
import { receiveFrame, sendRounds } from './frames.ts'
import { joinMissing } from './groups.ts'
import { kernelView, noteEvent, silencedBy } from './kernel-view.ts'
import { applyPace, checkOf, scheduleOf } from './pace.ts'
import { applyMembership } from './member-desired.ts'
import { hearGateway, hearMembers, membersDeadline, tickMembers } from './membership.ts'
import { hearRouters, reconcileRouters, restartRouters, routersDeadline, tickRouters } from './router-discovery.ts'
import { interfacesFact } from './seen-interfaces.ts'
import { gate } from './silence.ts'
import type { LinkConfig, LinkEffect, LinkEvent, LinkState } from './state.ts'
import { forget, report, reportAt } from './tally.ts'
import { wantedOf } from './wanted.ts'

/**
 * Everything the link worker decides. Changes `state` in place and returns what to do, in order.
 * A turn of the loop ends with `tick`; until `nextDeadline` nothing is due then.
 * @param now milliseconds of a monotonic clock.
 */
export function step(state: LinkState, event: LinkEvent, now: number, config: LinkConfig): LinkEffect[] {
  const effects: LinkEffect[] = []
  switch (event.kind) {
    case 'desired':
      applyDesired(state, event.desired, { now, config }, effects)
      break
    case 'scanned':
      state.view = kernelView(event.links, event.addresses)
      state.rescanAt = now + config.rescanMs
      reconcileChannels(state, now, effects)
      settleChannels(state, effects)
      reconcileRouters(state, { now, config }, effects)
      break
    case 'kernel':
      applyKernel(state, event, { now, config }, effects)
      break
    case 'overrun':
      state.rescanAt = now
      break
    case 'frame':
      hearGateway(state, event, { now, config }, effects)
      receiveFrame(state, event, { now, config }, effects)
      break
    case 'failed':
      noteFailure(state, event, { now, config }, effects)
      break
    case 'member':
      hearMembers(state, event.what, { now, config }, effects)
      break
    case 'routers':
      hearRouters(state, event.what, { now, config }, effects)
      break
    case 'tick':
      state.tally.worstLagMs = Math.max(state.tally.worstLagMs, event.lagMs)
      tick(state, now, config, effects)
      break
  }
  return gate(state, effects)
}

type At = { readonly now: number; readonly config: LinkConfig }

function applyDesired(state: LinkState, desired: LinkDesired, at: At, effects: LinkEffect[]): void {
  const wanted = wantedOf(desired.addresses)
  for (const ip of state.wanted.keys()) if (!wanted.has(ip)) release(state, ip, effects)
  state.wanted = wanted
  state.standby = wantedOf(desired.standby ?? [])
  state.peerMacs = new Set(desired.peerMacs)
  state.defends = desired.defend ?? true
  tellAll(befriend(state.conflicts, state.peerMacs), effects)
  applyPace(state, desired.schedule, at)
  state.exclusion = compileExclusion(desired.excludeInterfaces)
  for (const message of state.exclusion.problems) {
    tell(state, { call: 'excludeInterfaces', errno: 'EINVAL', message }, at, effects)
  }
  reconcileChannels(state, at.now, effects)
  for (const channel of state.channels.values()) select(state, channel, at.now, effects)
  applyMembership(state, desired.membership, at, effects)
  state.routers.wanted = new Set(desired.unnumbered)
  reconcileRouters(state, at, effects)
}

/** Nothing is remembered of an address that is not wanted any more. */
function release(state: LinkState, ip: string, effects: LinkEffect[]): void {
  forget(state.tally, ip)
  state.known.delete(ip)
  tellAll(forgetConflicts(state.conflicts, ip), effects)
}

function tellAll(facts: readonly LinkFact[], effects: LinkEffect[]): void {
  for (const fact of facts) effects.push({ kind: 'tell', fact })
}

function applyKernel(
  state: LinkState,
  { events }: Extract<LinkEvent, { kind: 'kernel' }>,
  at: At,
  effects: LinkEffect[],
): void {
  if (state.view === undefined) return
  for (const event of events) noteEvent(state.view, event)
  const silenced = silencedBy(events)
  reconcileChannels(state, at.now, effects)
  burstOn(state, silenced, at.now)
  restartRouters(state, silenced, at)
  reconcileRouters(state, at, effects)
}

/** The rescan is also when a group that could not be joined is tried again, and a long quiet forgives failures. */
function settleChannels(state: LinkState, effects: LinkEffect[]): void {
  for (const channel of state.channels.values()) {
    if (channel.isOpen) channel.failures = 0
    joinMissing(channel, effects)
  }
}

function tick(state: LinkState, now: number, config: LinkConfig, effects: LinkEffect[]): void {
  if (state.rescanAt <= now) {
    state.rescanAt = now + config.rescanMs
    effects.push({ kind: 'scan' })
  }
  retryChannels(state, now, effects)
  tickMembers(state, { now, config }, effects)
  tickRouters(state, { now, config }, effects)
  runChecks(state, { now, config }, effects)
  sendRounds(state, now, config, effects)
  tellInterfaces(state, effects)
  tellAll(takeEnded(state.conflicts, now), effects)
  const due = reportAt(state.tally, config)
  if (due !== undefined && due <= now) effects.push({ kind: 'tell', fact: report(state.tally, now) })
}

function tellInterfaces(state: LinkState, effects: LinkEffect[]): void {
  if (state.view === undefined || !state.isInterfacesStale) return
  state.isInterfacesStale = false
  const fact = interfacesFact(state)
  const text = JSON.stringify(fact)
  if (text !== state.interfacesTold) effects.push({ kind: 'tell', fact })
  state.interfacesTold = text
  if (!state.isReadyTold) effects.push({ kind: 'tell', fact: { kind: 'ready' } })
  state.isReadyTold = true
}

/** When `tick` has something to do again. There is always a rescan ahead. */
export function nextDeadline(state: LinkState, config: LinkConfig): number {
  const retries = [...state.channels.values()].flatMap(({ isOpen, retryAt }) => (isOpen ? [] : [retryAt]))
  const others = [
    nextRoundAt(state.schedule, scheduleOf(state, config)),
    nextCheckAt(state.checks, checkOf(state, config)),
    nextEndAt(state.conflicts),
    reportAt(state.tally, config),
  ]
  return Math.min(
    state.rescanAt,
    membersDeadline(state),
    routersDeadline(state),
    ...retries,
    ...others.map((at) => at ?? Number.POSITIVE_INFINITY),
  )
}
