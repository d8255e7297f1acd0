import { ADDRESS_BITS, type Family, type Prefix } from '@steelyard/net'
import type { Pool } from './config.ts'

/** How many addresses a pool can give, saturated to what an int64 can hold. `total` is of both families. */
export type PoolCapacity = { readonly ipv4: bigint; readonly ipv6: bigint; readonly total: bigint }

/** `status` of an IPAddressPool, as int64 wants it. */
export type PoolCounters = {
  readonly assignedIPv4: bigint
  readonly assignedIPv6: bigint
  readonly availableIPv4: bigint
  readonly availableIPv6: bigint
}

export const INT64_MAX = 2n ** 63n - 1n
/** From this size on one block counts as endless: IPv6 /66 and shorter. */
const ENDLESS_BITS = 62
const OCTET_VALUES = 256

export function poolCapacity(pool: Pool): PoolCapacity {
  const ipv4 = familyCapacity(pool, 4)
  const ipv6 = familyCapacity(pool, 6)
  return { ipv4, ipv6, total: saturated(ipv4 + ipv6) }
}

function familyCapacity({ entries, avoidBuggyIPs }: Pool, family: Family): bigint {
  const blocks = entries.flatMap(({ prefixes }) => prefixes).filter(({ address }) => address.family === family)
  const excluded = avoidBuggyIPs && family === 4
  return saturated(
    blocks.reduce((sum, block) => sum + blockSize(block) - (excluded ? BigInt(buggyAddresses(block)) : 0n), 0n),
  )
}

function blockSize({ address, length }: Prefix): bigint {
  const hostBits = ADDRESS_BITS[address.family] - length
  return hostBits >= ENDLESS_BITS ? INT64_MAX : 2n ** BigInt(hostBits)
}

function saturated(count: bigint): bigint {
  return count > INT64_MAX ? INT64_MAX : count
}

/**
 * How many IPv4 addresses of the block end in .0 or .255: two of each whole /24, and in a smaller block
 * only its first and last address can.
 */
function buggyAddresses({ address, length }: Prefix): number {
  const size = 2 ** (ADDRESS_BITS[4] - length)
  if (size >= OCTET_VALUES) return (size / OCTET_VALUES) * 2
  const firstOctet = (address.words[0] ?? 0) % OCTET_VALUES
  return Number(firstOctet === 0) + Number(firstOctet + size === OCTET_VALUES)
}

/** The counters of a pool of which `assigned` distinct addresses are in use, each counted once however shared. */
export function poolCounters(
  capacity: PoolCapacity,
  assigned: { readonly ipv4: number; readonly ipv6: number },
): PoolCounters {
  const assignedIPv4 = BigInt(assigned.ipv4)
  const assignedIPv6 = BigInt(assigned.ipv6)
  return {
    assignedIPv4,
    assignedIPv6,
    availableIPv4: notNegative(capacity.ipv4 - assignedIPv4),
    availableIPv6: notNegative(capacity.ipv6 - assignedIPv6),
  }
}

function notNegative(count: bigint): bigint {
  return count < 0n ? 0n : count
}
