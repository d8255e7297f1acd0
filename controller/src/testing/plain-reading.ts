import { type Address, type Family, formatAddress, lastOfPrefix, nextAddress, parseAddress } from '@steelyard/net'
import { ANNOTATIONS, type Pool, poolAdmits, type Service, type ServiceView, viewService } from '@steelyard/model'

/**
 * Picking and sharing as they are described, written as plainly as can be: every pool is asked, every address of it is
 * walked over, every other Service is compared. What the allocator does with its indexes is held against this.
 */
export type Plain = { readonly pools: readonly Pool[]; readonly services: ReadonlyMap<string, Service> }

/** What a Service that shows nothing is to be given; undefined when it is to wait. */
export function plainChoice(plain: Plain, service: Service): readonly string[] | undefined {
  const view = viewService(service)
  const asked = view.annotations[ANNOTATIONS.loadBalancerIps]
  const named = view.annotations[ANNOTATIONS.addressPool]
  const families = familiesOf(view.clusterIps)
  if (asked !== undefined) return plainlyAsked(plain, view, asked.split(','))
  const pools = plain.pools.filter((pool) => poolAdmits(pool, view) && (named === undefined || pool.name === named))
  const inOrder = named === undefined ? automatic(pools) : pools
  const whole = firstOf(plain, inOrder, view, families)
  if (whole !== undefined || view.familyPolicy !== 'PreferDualStack' || families.length < 2) return whole
  const other = view.primaryFamily === 4 ? 6 : 4
  return firstOf(plain, inOrder, view, [view.primaryFamily]) ?? firstOf(plain, inOrder, view, [other])
}

function plainlyAsked(plain: Plain, view: ServiceView, asked: readonly string[]): readonly string[] | undefined {
  const wanted = asked.map(parseAddress).filter((address) => address !== undefined)
  const isWhole = wanted.length === asked.length && familiesOf(wanted).join() === familiesOf(view.clusterIps).join()
  if (!isWhole) return undefined
  const named = view.annotations[ANNOTATIONS.addressPool]
  const pool = plain.pools.find((candidate) =>
    wanted.every((address) => plainAddresses(candidate, address.family).includes(formatAddress(address))),
  )
  if (pool === undefined || !poolAdmits(pool, view) || (named !== undefined && named !== pool.name)) return undefined
  const texts = wanted.toSorted((a, b) => a.family - b.family).map(formatAddress)
  return texts.every((text) => mayHold(plain, view, text)) ? texts : undefined
}

function familiesOf(addresses: readonly Address[]): Family[] {
  return addresses.map(({ family }) => family).sort((a, b) => a - b)
}

function automatic(pools: readonly Pool[]): readonly Pool[] {
  const byName = pools.filter(({ autoAssign }) => autoAssign).toSorted((a, b) => a.name.localeCompare(b.name))
  const pinned = byName.filter(({ serviceAllocation }) => serviceAllocation !== undefined)
  return [
    ...pinned.toSorted((a, b) => priorityOf(a) - priorityOf(b)),
    ...byName.filter(({ serviceAllocation }) => serviceAllocation === undefined),
  ]
}

function priorityOf({ serviceAllocation }: Pool): number {
  const priority = serviceAllocation?.priority ?? 0
  return priority === 0 ? 1e9 : priority
}

function firstOf(
  plain: Plain,
  pools: readonly Pool[],
  view: ServiceView,
  families: readonly Family[],
): readonly string[] | undefined {
  for (const pool of pools) {
    const found = families.flatMap((family) => firstIn(plain, pool, view, family) ?? [])
    if (found.length === families.length) return found
  }
  return undefined
}

export function firstIn(plain: Plain, pool: Pool, view: ServiceView, family: Family): string | undefined {
  return plainAddresses(pool, family).find((text) => mayHold(plain, view, text))
}

/** Whether all others who show this address may stand beside the Service. */
export function mayHold({ services }: Plain, view: ServiceView, text: string): boolean {
  return [...services.values()]
    .map(viewService)
    .filter(({ key, ingress }) => key !== view.key && ingress.some(({ ip }) => ip === text))
    .every((other) => mayShare(view, other))
}

/** Whether two Services may hold one address. */
export function mayShare(a: ServiceView, b: ServiceView): boolean {
  const [one, other] = [a, b].map((view) => view.annotations[ANNOTATIONS.allowSharedIp] ?? '')
  const ports = portsOf(b)
  return one !== '' && one === other && backendsOf(a) === backendsOf(b) && !portsOf(a).some((it) => ports.includes(it))
}

function portsOf({ ports }: ServiceView): string[] {
  return ports.map(({ protocol = '', port }) => `${protocol} ${port}`)
}

function backendsOf({ trafficPolicy, selector }: ServiceView): string {
  const labels = trafficPolicy === 'Local' ? Object.entries(selector) : []
  return JSON.stringify(labels.toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

/** All addresses of a pool that may be used, in the order they are handed out. */
export function plainAddresses({ entries, avoidBuggyIPs }: Pool, family: Family): string[] {
  const texts: string[] = []
  for (const prefix of entries.flatMap(({ prefixes }) => prefixes)) {
    const last = formatAddress(lastOfPrefix(prefix))
    for (let at: Address | undefined = prefix.address; at !== undefined; at = nextAddress(at)) {
      if (at.family === family) texts.push(formatAddress(at))
      if (formatAddress(at) === last) break
    }
  }
  return texts.filter((text) => !avoidBuggyIPs || !/^[\d.]+\.(0|255)$/.test(text))
}
