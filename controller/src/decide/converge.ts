import { formatAddress, parseAddress } from '@steelyard/net'
import type { ServiceView } from '@steelyard/model'
import type { Place } from './address-map.ts'
import { addressesOf, type Ledger, refusal, seat, slotAt, tenantAt, unseat } from './ledger.ts'
import { CLEARED, type Desired, type Tell } from './outcome.ts'
import type { Pools } from './pools.ts'
import type { Tenant } from './sharing.ts'
import type { Spot } from './spots.ts'
import { type Stage, STEPS, type Verdict } from './steps.ts'
import { type Wish, wishOf } from './wish.ts'

export type Outcome = {
  /** What the Service should show; undefined: leave it as it is. */
  readonly desired?: Desired
  readonly tells: readonly Tell[]
  /** Where something must change before another try makes sense; empty when it needs no other try. */
  readonly waits: readonly Spot[]
  /** For the log alone. */
  readonly problem?: string
}

type Draft = {
  readonly wish: Wish
  present: Stage['present']
  places: readonly Place[]
  cleared: boolean
  stopped: boolean
  problem: string | undefined
  readonly tells: Tell[]
  readonly waits: Spot[]
}

/**
 * Brings one Service to what it should have: the thirteen steps, with the ledger following each. Serial by nature:
 * what one Service is given the next one cannot get.
 * @param view the Service as it will be once all earlier decisions about it are stored
 * @param visible addresses the API shows, or may be about to show, as the Service's: they stay its own until
 *   something else is stored, so that an address is never seen on two Services
 */
export function converge(
  { ledger, pools }: { readonly ledger: Ledger; readonly pools: Pools },
  view: ServiceView,
  visible: ReadonlySet<string>,
): Outcome {
  const before = seatsOf(ledger, view.key)
  const wish = wishOf(view)
  const draft: Draft = {
    wish,
    present: presentOf(view),
    places: [],
    cleared: false,
    stopped: false,
    problem: undefined,
    tells: [],
    waits: [],
  }
  for (const step of STEPS) {
    if (draft.stopped) break
    apply(ledger, draft, step({ ledger, pools, wish, present: draft.present, places: draft.places }))
  }
  for (const known of before) if (visible.has(formatAddress(known.place.address))) keepSeat(ledger, known, wish.tenant)
  return outcomeOf(draft)
}

/** Where a Service would stay as it is, were it looked at now: of all that it shows, or of nothing. Changes nothing. */
export function placesToKeep(
  { ledger, pools }: { readonly ledger: Ledger; readonly pools: Pools },
  view: ServiceView,
): readonly Place[] {
  const wish = wishOf(view)
  const present = presentOf(view)
  let places: readonly Place[] = []
  for (const step of STEPS) {
    const verdict = step({ ledger, pools, wish, present, places })
    if (verdict.kind === 'clear' || verdict.kind === 'forget') return []
    if (verdict.kind === 'stop') return places
    // The first to hold are those present; what comes later is added to them.
    if (verdict.kind === 'hold' && places.length === 0) places = verdict.places
  }
  return places
}

function apply(ledger: Ledger, draft: Draft, verdict: Verdict): void {
  switch (verdict.kind) {
    case 'goOn':
      return
    case 'forget':
      return vacate(ledger, draft.wish.view.key)
    case 'hold':
      settle(ledger, draft.wish.tenant, verdict.places)
      draft.places = verdict.places
      draft.tells.push(...(verdict.tells ?? []))
      draft.waits.push(...(verdict.waits ?? []))
      return
    case 'clear':
      vacate(ledger, draft.wish.view.key)
      Object.assign(draft, { present: [], places: [], cleared: true, stopped: verdict.stop, problem: verdict.problem })
      if (verdict.tell !== undefined) draft.tells.push(verdict.tell)
      return
    case 'stop':
      draft.stopped = true
      draft.tells.push(verdict.tell)
      draft.waits.push(...(verdict.waits ?? []))
  }
}

/** Step 13. A stop after a clear still shows that all is cleared; a stop without one leaves the Service alone. */
function outcomeOf({ places, cleared, stopped, tells, waits, problem }: Draft): Outcome {
  const [first] = places
  const held: Desired | undefined = first && {
    addresses: places.map(({ address }) => formatAddress(address)),
    pool: first.pool.name,
  }
  const desired = cleared && held === undefined ? CLEARED : stopped ? undefined : held
  return { tells, waits, ...(desired && { desired }), ...(problem !== undefined && { problem }) }
}

/** Entries with nothing but a host name are nobody's addresses. Undefined when one has something else. */
function presentOf({ ingress }: ServiceView): Stage['present'] {
  const texts = ingress.flatMap(({ ip }) => (ip === undefined || ip === '' ? [] : [ip]))
  const addresses = texts.flatMap((text) => parseAddress(text) ?? [])
  return addresses.length === texts.length ? addresses : undefined
}

type Seat = { readonly place: Place; readonly tenant: Tenant }

function seatsOf(ledger: Ledger, service: string): Seat[] {
  return addressesOf(ledger, service).flatMap((text) => {
    const place = ledger.slots.get(text)?.place
    const tenant = tenantAt(ledger, text, service)
    return place && tenant ? [{ place, tenant }] : []
  })
}

/** As what the Service is by now, for that is what the API shows; as what it was, if it fits no more. */
function keepSeat(ledger: Ledger, { place, tenant }: Seat, now: Tenant): void {
  if (slotAt(ledger, place.address)?.tenants.has(now.service) === true) return
  seat(ledger, place, refusal(ledger, place, now) === undefined ? now : tenant)
}

function settle(ledger: Ledger, tenant: Tenant, places: readonly Place[]): void {
  const kept = new Set(places.map(({ address }) => formatAddress(address)))
  for (const text of addressesOf(ledger, tenant.service)) if (!kept.has(text)) unseat(ledger, text, tenant.service)
  for (const place of places) seat(ledger, place, tenant)
}

/** Lets go of all that a Service has. */
export function vacate(ledger: Ledger, service: string): void {
  for (const text of addressesOf(ledger, service)) unseat(ledger, text, service)
}
