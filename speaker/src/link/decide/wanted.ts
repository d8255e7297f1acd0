import { formatAddress, parseAddress } from '@steelyard/net'
import type { DesiredAddress } from '../messages.ts'
import type { Channel, Wanted } from './state.ts'

/**
 * The desires by address, those for the same one united.
 * @throws Error for what is no address: the main thread has let something through that it must not.
 */
export function wantedOf(desired: readonly DesiredAddress[]): Map<string, Wanted> {
  const wanted = new Map<string, Wanted>()
  for (const { ip: text, interfaces, check } of desired) {
    const address = parseAddress(text)
    if (address === undefined) throw new Error(`desired address ${JSON.stringify(text)} is not an IP address`)
    const ip = formatAddress(address)
    const before = wanted.get(ip)
    const mode = before === undefined ? check : milder(before.check, check)
    wanted.set(ip, { ip, address, on: united(before?.on, interfaces), check: mode })
  }
  return wanted
}

function united(before: Wanted['on'] | undefined, more: DesiredAddress['interfaces']): Wanted['on'] {
  if (before === 'all' || more === 'all') return 'all'
  return new Set([...(before ?? []), ...more])
}

/** Who knows an address wants it announced at once, so the mildest desire counts. */
function milder(one: Wanted['check'], other: Wanted['check']): Wanted['check'] {
  if (one === undefined || other === undefined) return undefined
  return one === 'warn' ? one : other
}

const FAMILY = { arp: 4, ndp: 6 } as const

export function isWantedOn(wanted: Wanted | undefined, { plan }: Channel): boolean {
  if (wanted === undefined || wanted.address.family !== FAMILY[plan.protocol]) return false
  return wanted.on === 'all' || wanted.on.has(plan.name)
}
