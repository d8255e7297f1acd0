import type { Announcement, Plan, Withheld } from './plan.ts'

/** What is different from one plan to the next, in words that logs, Events and status objects need. */
export type PlanChanges = {
  readonly began: readonly { readonly key: string; readonly announcement: Announcement }[]
  readonly ended: readonly { readonly key: string; readonly announcement: Announcement; readonly why: Withheld }[]
  /** Announced as before, on other interfaces. */
  readonly altered: readonly string[]
  /** What this node should announce and cannot, since now. */
  readonly failed: readonly { readonly key: string; readonly announcement: Announcement }[]
  /** Not announced, as before, but for another reason. */
  readonly explained: readonly { readonly key: string; readonly why: Withheld }[]
}

export const NOTHING_PLANNED: Plan = {
  owners: new Map(),
  announced: new Map(),
  withheld: new Map(),
  failed: new Map(),
}

/** A changed set of addresses is an end and a beginning; the order of addresses has no say, for plans have them sorted. */
export function planChanges(before: Plan, now: Plan): PlanChanges {
  const began = [...now.announced].filter(([key, announcement]) => !sameIps(before.announced.get(key), announcement))
  const altered = [...now.announced].filter(
    ([key, announcement]) =>
      sameIps(before.announced.get(key), announcement) && !sameAnnouncement(before.announced.get(key), announcement),
  )
  const failed = [...now.failed].filter(
    ([key, announcement]) => !sameAnnouncement(before.failed.get(key), announcement),
  )
  const explained = [...now.withheld].filter(
    ([key, { reason }]) => !before.announced.has(key) && before.withheld.get(key)?.reason !== reason,
  )
  return {
    began: began.map(([key, announcement]) => ({ key, announcement })),
    ended: endedOf(before, now),
    altered: altered.map(([key]) => key),
    failed: failed.map(([key, announcement]) => ({ key, announcement })),
    explained: explained.map(([key, why]) => ({ key, why })),
  }
}

function endedOf(before: Plan, now: Plan): PlanChanges['ended'] {
  return [...before.announced].flatMap(([key, announcement]) => {
    const next = now.announced.get(key)
    if (sameIps(next, announcement)) return []
    return [{ key, announcement, why: next === undefined ? whyEnded(now, key) : readdressed(next) }]
  })
}

function whyEnded({ withheld }: Plan, key: string): Withheld {
  return withheld.get(key) ?? { reason: 'serviceDeleted', message: 'the Service is gone' }
}

function readdressed({ ips }: Announcement): Withheld {
  return { reason: 'loadBalancerIPChanged', message: `its addresses are now ${ips.join(', ')}` }
}

function sameIps(a: Announcement | undefined, b: Announcement): boolean {
  return a !== undefined && a.ips.join(' ') === b.ips.join(' ')
}

function sameAnnouncement(a: Announcement | undefined, b: Announcement): boolean {
  return sameIps(a, b) && textOf(a?.interfaces) === textOf(b.interfaces)
}

function textOf(interfaces: Announcement['interfaces'] | undefined): string {
  return interfaces === 'all' ? '*' : (interfaces ?? []).join(' ')
}
