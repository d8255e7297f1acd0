import type { Announcement, Plan } from './plan.ts'

/** What is different from one plan to the next, by Service key. */
export type PlanChanges = {
  readonly began: readonly Change[]
  readonly ended: readonly (Change & {
    /** With which addresses it goes on, when they are what changed. */ readonly next?: Announcement
  })[]
  /** Announced as before, on other interfaces. */
  readonly altered: readonly string[]
  /** What this node should announce and cannot, since now. */
  readonly failed: readonly Change[]
  /** Announced by another node than before; not by this one, before or now. */
  readonly moved: readonly string[]
}

type Change = { readonly key: string; readonly announcement: Announcement }

export const NOTHING_PLANNED: Plan = { owners: new Map(), announced: new Map(), failed: new Map() }

/** A changed set of addresses is an end and a beginning; the order of addresses has no say, for plans have them sorted. */
export function planChanges(before: Plan, now: Plan): PlanChanges {
  const began: Change[] = []
  const altered: string[] = []
  for (const [key, announcement] of now.announced) {
    const was = before.announced.get(key)
    if (!sameIps(was, announcement)) began.push({ key, announcement })
    else if (!sameInterfaces(was, announcement)) altered.push(key)
  }
  return { began, ended: endedOf(before, now), altered, failed: failedOf(before, now), moved: movedOf(before, now) }
}

function endedOf(before: Plan, now: Plan): PlanChanges['ended'] {
  const ended: PlanChanges['ended'][number][] = []
  for (const [key, announcement] of before.announced) {
    const next = now.announced.get(key)
    if (next === undefined) ended.push({ key, announcement })
    else if (!sameIps(next, announcement)) ended.push({ key, announcement, next })
  }
  return ended
}

function failedOf(before: Plan, now: Plan): Change[] {
  const failed: Change[] = []
  for (const [key, announcement] of now.failed) {
    const was = before.failed.get(key)
    if (!sameIps(was, announcement) || !sameInterfaces(was, announcement)) failed.push({ key, announcement })
  }
  return failed
}

function movedOf(before: Plan, now: Plan): string[] {
  const moved: string[] = []
  for (const [key, owner] of now.owners) {
    if (before.owners.get(key) === owner || now.announced.has(key) || before.announced.has(key)) continue
    moved.push(key)
  }
  return moved
}

function sameIps(a: Announcement | undefined, b: Announcement): boolean {
  return a !== undefined && (a.ips === b.ips || a.ips.join(' ') === b.ips.join(' '))
}

function sameInterfaces(a: Announcement | undefined, b: Announcement): boolean {
  return a !== undefined && (a.interfaces === b.interfaces || textOf(a) === textOf(b))
}

function textOf({ interfaces }: Announcement): string {
  return interfaces === 'all' ? '*' : interfaces.join(' ')
}
