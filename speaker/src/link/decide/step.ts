import { nextCheckAt, nextRoundAt } from '@steelyard/arp-lib'
import type { LinkDesired, LinkFact } from '../messages.ts'
import { select } from './announced.ts'
import { applyBfd, bfdDeadline, hearBfd, noteBfdLinks, tickBfd } from './bfd.ts'
import { burstOn, reconcileChannels, retryChannels } from './channels.ts'
import { runChecks } from './checks.ts'
import { befriend, forgetConflicts, nextConflictAt, takeEnded } from './conflict-watch.ts'
import { tellDevices } from './devices.ts'
import { compileExclusion } from './exclusion.ts'
import { noteFailure, tell } from './failures.ts'
import { receiveFrame, sendRounds } from './frames.ts'
import { runLooks } from './looks.ts'
import { joinMissing } from './groups.ts'
import { kernelView, movedBy, noteEvent, silencedBy } from './kernel-view.ts'
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
  // A row takes its own kind only, which the compiler cannot follow through the table.
  const take = TAKE[event.kind] as Taker<LinkEvent>
  take(state, event, { now, config }, effects)
  return gate(state, effects)
}

type Taker<E> = (state: LinkState, event: E, at: At, effects: LinkEffect[]) => void
type Takers = { readonly [Kind in LinkEvent['kind']]: Taker<Extract<LinkEvent, { readonly kind: Kind }>> }

/** What each kind of event does. */
const TAKE: Takers = {
  desired: (state, { desired }, at, effects) => applyDesired(state, desired, at, effects),
  scanned: applyScan,
  kernel: (state, event, at, effects) => {
    applyKernel(state, event, at, effects)
    noteBfdLinks(state, at, effects)
    tellDevices(state, effects)
  },
  overrun: (state, _event, { now }) => {
    state.rescanAt = now
  },
  frame: (state, event, at, effects) => {
    hearGateway(state, event, at, effects)
    receiveFrame(state, event, at, effects)
  },
  failed: noteFailure,
  member: (state, { what }, at, effects) => hearMembers(state, what, at, effects),
  routers: (state, { what }, at, effects) => hearRouters(state, what, at, effects),
  bfd: (state, { what }, at, effects) => hearBfd(state, what, at, effects),
  tick: (state, { lagMs }, { now, config }, effects) => {
    state.tally.worstLagMs = Math.max(state.tally.worstLagMs, lagMs)
    tick(state, now, config, effects)
  },
}

function applyScan(
  state: LinkState,
  { links, addresses }: Extract<LinkEvent, { kind: 'scanned' }>,
  at: At,
  effects: LinkEffect[],
): void {
  const { now, config } = at
  state.view = kernelView(links, addresses)
  state.rescanAt = now + config.rescanMs
  reconcileChannels(state, now, effects)
  settleChannels(state, effects)
  reconcileRouters(state, at, effects)
  noteBfdLinks(state, at, effects)
  tellDevices(state, effects)
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
  applyBfd(state, desired.bfd, at, effects)
  state.devices.wanted = desired.devices ?? []
  tellDevices(state, effects)
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
  burstOn(state, new Set([...silenced, ...movedBy(events, state.view)]), at.now)
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
  tickBfd(state, { now, config }, effects)
  retryChannels(state, now, effects)
  tickMembers(state, { now, config }, effects)
  tickRouters(state, { now, config }, effects)
  runChecks(state, { now, config }, effects)
  sendRounds(state, now, config, effects)
  runLooks(state, now, effects)
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
    nextConflictAt(state.conflicts),
    reportAt(state.tally, config),
  ]
  return Math.min(
    state.rescanAt,
    membersDeadline(state),
    routersDeadline(state),
    bfdDeadline(state),
    ...retries,
    ...others.map((at) => at ?? Number.POSITIVE_INFINITY),
  )
}
