import { type Address, formatAddress } from '@steelyard/net'
import type { Place } from './address-map.ts'
import { presentPlaces } from './present-places.ts'
import { firstPlaceFor, type Ledger, poolHasFamily } from './ledger.ts'
import type { Tell } from './outcome.ts'
import { spotsOf } from './pick.ts'
import { pickAddresses } from './pick-address.ts'
import type { Pools } from './pools.ts'
import type { Spot } from './spots.ts'
import { familyName, otherFamily, type Wish } from './wish.ts'

/** What one step sees. A step changes nothing: it says what should be done. */
export type Stage = {
  readonly ledger: Ledger
  readonly pools: Pools
  readonly wish: Wish
  /** What the Service shows, in its order; none after a clear. Undefined when an entry is no IP address. */
  readonly present: readonly Address[] | undefined
  /** The present addresses once step 8 found them allowed, or what a later step chose. */
  readonly places: readonly Place[]
}

export type Verdict =
  | { readonly kind: 'goOn' }
  /** Nothing is shown: what the ledger still has is let go. */
  | { readonly kind: 'forget' }
  /** Let go, empty the ingress list, drop the annotation; then go on, or stop. */
  | { readonly kind: 'clear'; readonly stop: boolean; readonly tell?: Tell; readonly problem?: string }
  /** Have these addresses, and no others. */
  | {
      readonly kind: 'hold'
      readonly places: readonly Place[]
      readonly tells?: readonly Tell[]
      readonly waits?: readonly Spot[]
    }
  /** Leave what is shown as it is. */
  | { readonly kind: 'stop'; readonly tell: Tell; readonly waits?: readonly Spot[] }

export type Step = (stage: Stage) => Verdict

const GO_ON: Verdict = { kind: 'goOn' }
const CLEAR_AND_GO_ON: Verdict = { kind: 'clear', stop: false }
const CLEAR_AND_STOP: Verdict = { kind: 'clear', stop: true }

/** Step 3. */
const needLoadBalancer: Step = ({ wish }) => (wish.view.isLoadBalancer ? GO_ON : CLEAR_AND_STOP)

/** Step 4. An operator's matter, hence a log line and no Event; a pool that appears brings all Services back here. */
const needPools: Step = ({ pools }) =>
  pools.byName.size > 0 ? GO_ON : { kind: 'clear', stop: true, problem: 'there is no IPAddressPool' }

/** Step 5. */
const needClusterIp: Step = ({ wish }) => (wish.view.clusterIps.length > 0 ? GO_ON : CLEAR_AND_STOP)

/** Step 6. */
const needTwoClusterIps: Step = ({ wish: { view } }) => {
  if (view.familyPolicy !== 'RequireDualStack' || view.clusterIps.length >= 2) return GO_ON
  const message = `ipFamilyPolicy is RequireDualStack, but there are fewer than two clusterIPs: ${clusterIpsOf(view)}`
  return { kind: 'clear', stop: true, tell: { type: 'Warning', reason: 'not enough clusterips', message } }
}

/** Step 7, first half: what the status shows must be one address, or one of each family. */
const readStatus: Step = ({ present, wish }) => {
  if (present?.length === 0) return { kind: 'forget' }
  const families = new Set(present?.map(({ family }) => family))
  if (present !== undefined && families.size === present.length) return GO_ON
  const shown = wish.view.ingress.map(({ ip, hostname }) => ip ?? hostname).join(', ')
  const message = `the status shows ${shown}: neither one IP address nor one of each family; looking for another address`
  return { kind: 'clear', stop: false, tell: { type: 'Warning', reason: 'nolbIPsIPFamily', message } }
}

/** Step 7, second half: its families must be those of the clusterIPs; one of two is enough where one will do. */
const compareFamilies: Step = ({ present = [], wish }) => {
  if (wish.families === undefined) {
    const message = `the clusterIPs are neither one IP address nor one of each family: ${clusterIpsOf(wish.view)}`
    return { kind: 'stop', tell: { type: 'Warning', reason: 'noclusterIPsIPFamily', message } }
  }
  const shown = present.map(({ family }) => family)
  const isKept = wish.families.every((family) => shown.includes(family)) && shown.length === wish.families.length
  const isOneOfTwo = wish.prefersBoth && shown.length === 1
  return shown.length === 0 || isKept || isOneOfTwo ? GO_ON : CLEAR_AND_GO_ON
}

/** Step 8. */
const keepAllowed: Step = ({ ledger, present = [], wish }) => {
  if (present.length === 0) return GO_ON
  const found = presentPlaces(ledger, present, wish)
  if (found.kind === 'allowed') return { kind: 'hold', places: found.places }
  const message = `${found.message}; looking for another address`
  return { kind: 'clear', stop: false, tell: { type: 'Normal', reason: 'ClearAssignment', message } }
}

/** Step 9. */
const keepInNamedPool: Step = ({ places: [place], wish: { pool } }) =>
  place === undefined || pool === undefined || pool.value === place.pool.name ? GO_ON : CLEAR_AND_GO_ON

/** Step 10. */
const keepRequested: Step = ({ places, wish: { explicit } }) => {
  if (explicit.kind === 'none') return GO_ON
  if (explicit.kind === 'malformed') {
    return { kind: 'stop', tell: { type: 'Warning', reason: 'LoadBalancerFailed', message: explicit.message } }
  }
  const wanted = explicit.addresses.map(formatAddress)
  const isWhole = wanted.length === places.length && places.every((place) => wanted.includes(textOf(place)))
  return places.length === 0 || isWhole ? GO_ON : CLEAR_AND_GO_ON
}

/** Step 11. Whoever named one address wants no other: adding one would make step 10 take both away again. */
const addSecondFamily: Step = ({ ledger, places, wish }) => {
  const [place, second] = places
  if (place === undefined || second !== undefined || !wish.prefersBoth) return GO_ON
  const { pool, address } = place
  const missing = otherFamily(address.family)
  if (wish.explicit.kind === 'addresses') {
    return { kind: 'hold', places, tells: [noSecond(place, `${wish.explicit.source} names one address`)] }
  }
  const added = firstPlaceFor(ledger, pool, missing, wish.tenant)
  if (added !== undefined) return { kind: 'hold', places: [place, added], tells: [allocated([added])] }
  const hasFamily = poolHasFamily(ledger, pool.name, missing)
  const why = `pool ${pool.name} has no ${hasFamily ? 'free ' : ''}${familyName(missing)} address`
  return {
    kind: 'hold',
    places,
    tells: [noSecond(place, why)],
    waits: hasFamily ? spotsOf(pool, missing, wish.tenant) : [],
  }
}

/** Step 12. */
const pick: Step = (stage) => {
  if (stage.places.length > 0) return GO_ON
  const picked = pickAddresses(stage.ledger, stage.pools, stage.wish)
  if (picked.kind === 'refused') {
    const { message, waits } = picked
    return { kind: 'stop', tell: { type: 'Warning', reason: 'AllocationFailed', message }, waits }
  }
  const { places } = picked
  // One of two families: why there is no second, and what it waits for, is what step 11 finds.
  const second = places.length === 1 ? addSecondFamily({ ...stage, places }) : GO_ON
  if (second.kind !== 'hold') return { kind: 'hold', places, tells: [allocated(places)] }
  return { ...second, places, tells: [allocated(places), ...(second.tells ?? [])] }
}

/**
 * After all: what no step may lead to. One Service is cleared and told of, since a controller that ended over it would
 * meet it again at its next start.
 */
const verify: Step = ({ ledger, places, wish }) => {
  if (places.length === 0) return GO_ON
  const addresses = places.map(({ address }) => address)
  const found = presentPlaces(ledger, addresses, wish)
  if (found.kind === 'allowed' && new Set(addresses.map(({ family }) => family)).size === places.length) return GO_ON
  const why = found.kind === 'refused' ? found.message : 'they are of one family'
  const message = `${places.map(textOf).join(', ')} should never have been chosen: ${why}`
  return { kind: 'clear', stop: true, tell: { type: 'Warning', reason: 'InternalError', message } }
}

/**
 * Steps 3 to 12 in their order, and a last look at where they led. 1 and 2 come before a Service is looked at, 13 is
 * what all this leads to.
 */
export const STEPS: readonly Step[] = [
  needLoadBalancer,
  needPools,
  needClusterIp,
  needTwoClusterIps,
  readStatus,
  compareFamilies,
  keepAllowed,
  keepInNamedPool,
  keepRequested,
  addSecondFamily,
  pick,
  verify,
]

function allocated(places: readonly Place[]): Tell {
  const pool = places[0]?.pool.name ?? ''
  return { type: 'Normal', reason: 'IPAllocated', message: `assigned ${places.map(textOf).join(', ')} of pool ${pool}` }
}

function noSecond(place: Place, why: string): Tell {
  return {
    type: 'Normal',
    reason: 'AdditionalAssignFailed',
    message: `${textOf(place)} stays the only address: ${why}`,
  }
}

function textOf({ address }: Place): string {
  return formatAddress(address)
}

function clusterIpsOf({ clusterIps }: Wish['view']): string {
  return clusterIps.length === 0 ? 'none' : clusterIps.map(formatAddress).join(', ')
}
