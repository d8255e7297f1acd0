import { isUsable, poolOf } from '@steelyard/model'
import { type Address, formatAddress } from '@steelyard/net'
import type { ReportedMove } from './cluster-objects.ts'
import { type Explaining, type Explanation, explainService } from './explanation.ts'
import type { Holding } from './ownership.ts'
import { conflictsOf, type SeenConflict } from './speaker-reports.ts'

export type AddressExplanation = {
  readonly address: string
  /** `free`: of a pool, and nobody's; `foreign`: of no pool. */
  readonly verdict: 'answers' | 'doesNotAnswer' | 'free' | 'foreign'
  readonly message: string
  readonly pool?: string
  readonly owner?: Holding
  /** Oldest first. */
  readonly moves: readonly ReportedMove[]
  readonly conflicts: readonly SeenConflict[]
  readonly services: readonly Explanation[]
}

export function explainAddress(explaining: Explaining, address: Address): AddressExplanation {
  const { situation, holdings, servicesAt, moves } = explaining
  const text = formatAddress(address)
  const views = (servicesAt.get(text) ?? []).flatMap((key) => situation.views.get(key) ?? [])
  const services = views.map((view) => explainService(explaining, view))
  const owner = holdings.get(text)
  const answers = services.some(({ verdict }) => verdict !== 'doesNotAnswer')
  const { pool, message, verdict } = standingOf(explaining, address)
  return {
    address: text,
    verdict: services.length === 0 ? verdict : answers ? 'answers' : 'doesNotAnswer',
    message: services.length === 0 ? message : `is held by ${services.map(({ service }) => service).join(', ')}`,
    ...(pool === undefined ? {} : { pool }),
    ...(owner === undefined ? {} : { owner }),
    moves: moves.filter(({ ip }) => ip === text),
    conflicts: conflictsOf(situation.objects.speakerStatuses).filter(({ ip }) => ip === text),
    services,
  }
}

/** An address without a Service. */
function standingOf(
  { situation }: Explaining,
  address: Address,
): { pool?: string; message: string; verdict: 'free' | 'foreign' } {
  if (!situation.controller.ok)
    return { message: 'the configuration is refused, so its pool is not known', verdict: 'foreign' }
  const pool = poolOf(situation.controller.config.pools, address)
  if (pool === undefined) return { message: 'is in no pool', verdict: 'foreign' }
  if (!isUsable(pool, address)) {
    return {
      pool: pool.name,
      message: `is never given out: avoidBuggyIPs of pool ${pool.name} excludes it`,
      verdict: 'foreign',
    }
  }
  return { pool: pool.name, message: `is free in pool ${pool.name}`, verdict: 'free' }
}
