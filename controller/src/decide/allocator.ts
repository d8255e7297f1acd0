import {
  ANNOTATION_PREFIX,
  DEPRECATED_ANNOTATION_PREFIX,
  type Pool,
  readAnnotations,
  type ServiceView,
} from '@steelyard/model'
import { parseAddress } from '@steelyard/net'
import { converge, type Outcome, placesToKeep, vacate } from './converge.ts'
import { findPlace, type Ledger, newLedger, refusal, seat } from './ledger.ts'
import { type Desired, LASTING, sameDesired, showing, shows, type Tell } from './outcome.ts'
import { type Pools, poolsOf } from './pools.ts'
import { tenantOf } from './sharing.ts'
import { compareAge, noWaiters, waitAt, type Waiter, type Waiters, waitNoMore } from './waiters.ts'
import { wakeWaiters } from './wake.ts'

/** One Service: what the API shows of it, and what was decided and is not known to be stored yet. */
export type Subject = {
  view: ServiceView
  decided: Desired | undefined
  /** Addresses of a write whose end is not known: the API may come to show them. */
  sent: readonly string[]
  /** What was said last of a state that lasts: said once, however often it is found again. */
  said: ReadonlySet<string>
}

/** All that is decided by, in memory. One writer; every call decides at once and to the end. */
export type Allocator = {
  readonly loadBalancerClass: string
  /** Undefined until there was a valid configuration. */
  pools: Pools | undefined
  ledger: Ledger
  waiters: Waiters
  readonly subjects: Map<string, Subject>
}

/** One Service was looked at. What is to be written of it stands in its `Subject.decided`. */
export type Decision = {
  readonly service: string
  readonly tells: readonly Tell[]
  /** For the log alone. */
  readonly problem?: string
}

/** @param loadBalancerClass the one class that is served; empty: Services without any */
export function newAllocator(loadBalancerClass: string): Allocator {
  return {
    loadBalancerClass,
    pools: undefined,
    ledger: newLedger([]),
    waiters: noWaiters(),
    subjects: new Map(),
  }
}

/**
 * Takes note of a Service as the API has it, without deciding: before the first full pass, so that nobody is given
 * what another one holds.
 */
export function note(allocator: Allocator, view: ServiceView): Subject {
  const known = allocator.subjects.get(view.key)
  if (known !== undefined) {
    known.view = view
    return known
  }
  const subject: Subject = { view, decided: undefined, sent: [], said: new Set() }
  allocator.subjects.set(view.key, subject)
  return subject
}

/** A Service is new or changed, or a write of it ended: decides about it, and about those who wait for what it frees. */
export function observe(allocator: Allocator, view: ServiceView): Decision[] {
  const isAnother = (allocator.subjects.get(view.key)?.view.uid ?? view.uid) !== view.uid
  const before = isAnother ? remove(allocator, view.key) : []
  const subject = note(allocator, view)
  if (allocator.pools === undefined) return before
  return [...before, decide(allocator, allocator.pools, subject), ...serveWaiters(allocator, allocator.pools)]
}

/** Step 1: a Service is gone, and what it had is free for those who wait. */
export function remove(allocator: Allocator, service: string): Decision[] {
  allocator.subjects.delete(service)
  waitNoMore(allocator.waiters, service)
  vacate(allocator.ledger, service)
  return allocator.pools === undefined ? [] : serveWaiters(allocator, allocator.pools)
}

/**
 * A full pass: at the start, and when the pools changed. First everybody is put where he may stay, and then where he is
 * still seen; after that everybody is looked at. Those with more addresses come first, so that holders keep theirs,
 * then the oldest.
 */
export function configure(allocator: Allocator, pools: readonly Pool[]): Decision[] {
  const inForce = poolsOf(pools)
  Object.assign(allocator, { pools: inForce, ledger: newLedger(pools), waiters: noWaiters() })
  const subjects = [...allocator.subjects.values()].sort(byHoldings)
  const ours = subjects.filter(({ view }) => isOurs(allocator, view))
  for (const subject of ours) seatWhereItStays(allocator.ledger, inForce, effective(subject))
  for (const subject of ours) seatAt(allocator.ledger, subject, [...shownBy(effective(subject)), ...visibleOf(subject)])
  allocator.ledger.touched.clear()
  const decisions = subjects.map((subject) => decide(allocator, inForce, subject))
  return [...decisions, ...serveWaiters(allocator, inForce)]
}

function byHoldings(a: Subject, b: Subject): number {
  const difference = effective(b).ingress.length - effective(a).ingress.length
  return difference === 0 ? compareAge(waiterOf(a.view), waiterOf(b.view)) : difference
}

function seatWhereItStays(ledger: Ledger, pools: Pools, view: ServiceView): void {
  for (const place of placesToKeep({ ledger, pools }, view)) seat(ledger, place, tenantOf(view))
}

/** Whether it may be there is judged when it is looked at; who came first is judged here. */
function seatAt(ledger: Ledger, { view }: Subject, texts: Iterable<string>): void {
  const tenant = tenantOf(view)
  for (const text of texts) {
    const address = parseAddress(text)
    const place = address && findPlace(ledger, address)
    if (place !== undefined && refusal(ledger, place, tenant) === undefined) seat(ledger, place, tenant)
  }
}

function serveWaiters(allocator: Allocator, pools: Pools): Decision[] {
  return wakeWaiters(allocator, (service) => {
    const subject = allocator.subjects.get(service)
    return subject === undefined ? { service, tells: [] } : decide(allocator, pools, subject)
  })
}

function decide(allocator: Allocator, pools: Pools, subject: Subject): Decision {
  const { view } = subject
  if (!isOurs(allocator, view)) return leaveAlone(allocator, subject)
  if (subject.decided !== undefined && shows(view, subject.decided)) subject.decided = undefined
  const outcome = converge({ ledger: allocator.ledger, pools }, effective(subject), visibleOf(subject))
  waitAt(allocator.waiters, waiterOf(view), outcome.waits, tenantOf(view))
  const before = subject.decided
  if (outcome.desired !== undefined) subject.decided = shows(view, outcome.desired) ? undefined : outcome.desired
  const isChange = subject.decided !== undefined && !sameDesired(before, subject.decided)
  const news = newsOf(subject, outcome)
  return isChange ? { ...news, tells: [...news.tells, ...deprecations(view)] } : news
}

/** Leaves out what was said before and still is so; what happens once is always said. */
function newsOf(subject: Subject, { tells, problem }: Outcome): Decision {
  const { said } = subject
  const lasting = tells.filter(({ reason }) => LASTING.has(reason))
  subject.said = new Set([...lasting.map(textOf), ...(problem === undefined ? [] : [problem])])
  return {
    service: subject.view.key,
    tells: tells.filter((tell) => !LASTING.has(tell.reason) || !said.has(textOf(tell))),
    ...(problem !== undefined && !said.has(problem) && { problem }),
  }
}

function textOf({ reason, message }: Tell): string {
  return `${reason}: ${message}`
}

/** Another product's Service: not even cleared. */
function leaveAlone(allocator: Allocator, subject: Subject): Decision {
  waitNoMore(allocator.waiters, subject.view.key)
  vacate(allocator.ledger, subject.view.key)
  subject.decided = undefined
  return { service: subject.view.key, tells: [] }
}

function isOurs(allocator: Allocator, view: ServiceView): boolean {
  return (view.loadBalancerClass ?? '') === allocator.loadBalancerClass
}

function deprecations(view: ServiceView): Tell[] {
  return readAnnotations(view).deprecatedKeys.map((key) => ({
    type: 'Warning',
    reason: 'deprecatedAnnotation',
    message: `annotation ${key} is deprecated: write ${ANNOTATION_PREFIX}${key.slice(DEPRECATED_ANNOTATION_PREFIX.length)}`,
  }))
}

function waiterOf({ key, createdAt }: ServiceView): Waiter {
  return { service: key, createdAt }
}

/** The Service as it will be once all that was decided is stored. */
function effective({ view, decided }: Subject): ServiceView {
  return decided === undefined ? view : showing(view, decided)
}

function shownBy({ ingress }: ServiceView): string[] {
  return ingress.flatMap(({ ip }) => ip ?? [])
}

function visibleOf({ view, sent }: Subject): Set<string> {
  return new Set([...shownBy(view), ...sent])
}
