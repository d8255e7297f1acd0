import { formatAddress, parseAddress } from '@steelyard/net'
import type { DesiredAddress } from '../messages.ts'
import type { Wanted } from './state.ts'

/**
 * The desires by address, those for the same one united.
 * @throws Error for what is no address: the main thread has let something through that it must not.
 */
export function wantedOf(desired: readonly DesiredAddress[]): Map<string, Wanted> {
  const wanted = new Map<string, Wanted>()
  for (const { ip: text, interfaces } of desired) {
    const address = parseAddress(text)
    if (address === undefined) throw new Error(`desired address ${JSON.stringify(text)} is not an IP address`)
    const ip = formatAddress(address)
    wanted.set(ip, { ip, address, on: united(wanted.get(ip)?.on, interfaces) })
  }
  return wanted
}

function united(before: Wanted['on'] | undefined, more: DesiredAddress['interfaces']): Wanted['on'] {
  if (before === 'all' || more === 'all') return 'all'
  return new Set([...(before ?? []), ...more])
}
