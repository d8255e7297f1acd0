import { poolCapacity, type Pool } from '@steelyard/model'
import { type Family, parseAddress } from '@steelyard/net'
import type { ReportedSession } from './cluster-objects.ts'
import type { Explaining } from './explanation.ts'
import type { Situation } from './situation.ts'
import { reportOf, reportsOf } from './speaker-reports.ts'

export type SpeakerLine = {
  readonly node: string
  /** `none`: the node runs no speaker; `dead`: it has one that is not alive. */
  readonly standing: string
  readonly addresses: number
  readonly hears: string
  readonly sessions: string
  readonly maintenance: boolean
}

export function speakerLines({ nodes, objects, living }: Situation): readonly SpeakerLine[] {
  return nodes.map(({ name, alive, draining }): SpeakerLine => {
    const { standing, members, sessions, owned } = reportOf(objects.speakerStatuses, name)
    const up = sessions.filter(({ state }) => state === 'Established').length
    return {
      node: name,
      standing: alive ? standing : living.known.has(name) ? 'dead' : 'none',
      addresses: owned.length,
      hears: `${members.filter(({ status }) => status === 'alive').length}/${members.length}`,
      sessions: sessions.length === 0 ? '-' : `${up}/${sessions.length}`,
      maintenance: draining,
    }
  })
}

export type PoolLine = {
  readonly pool: string
  readonly autoAssign: boolean
  /** Text: an IPv6 pool has more addresses than a number can say. */
  readonly ipv4: Use
  readonly ipv6: Use
  readonly services: number
  readonly layer2: readonly string[]
  readonly bgp: readonly string[]
}
export type Use = { readonly used: number; readonly total: bigint }

export function poolLines({ situation, announcing, servicesAt, allocation }: Explaining): readonly PoolLine[] {
  const pools = [...(allocation.allocator.pools?.byName.values() ?? [])]
  return pools.map((pool) => {
    const inUse = [...servicesAt].filter(
      ([ip]) => allocation.allocator.ledger.slots.get(ip)?.place.pool.name === pool.name,
    )
    return {
      pool: pool.name,
      autoAssign: pool.autoAssign,
      ipv4: useOf(
        pool,
        4,
        inUse.map(([ip]) => ip),
      ),
      ipv6: useOf(
        pool,
        6,
        inUse.map(([ip]) => ip),
      ),
      services: new Set(inUse.flatMap(([, keys]) => keys)).size,
      layer2: advertisementsOf(situation, (node) => announcing.viewOn(node)?.layer2.get(pool.name)),
      bgp: advertisementsOf(situation, (node) => announcing.viewOn(node)?.bgp.get(pool.name)),
    }
  })
}

function useOf(pool: Pool, family: Family, inUse: readonly string[]): Use {
  const { ipv4, ipv6 } = poolCapacity(pool)
  return {
    used: inUse.filter((ip) => parseAddress(ip)?.family === family).length,
    total: family === 4 ? ipv4 : ipv6,
  }
}

function advertisementsOf(
  { nodes }: Situation,
  on: (node: string) => readonly { readonly name: string }[] | undefined,
): readonly string[] {
  return [...new Set(nodes.flatMap(({ name }) => (on(name) ?? []).map((one) => one.name)))].sort()
}

export type SessionLine = ReportedSession & { readonly node: string }

export function sessionLines({ objects }: Pick<Situation, 'objects'>): readonly SessionLine[] {
  return reportsOf(objects.speakerStatuses)
    .flatMap(({ node, sessions }) => sessions.map((session) => ({ node, ...session })))
    .sort((a, b) => (`${a.node} ${a.peer}` < `${b.node} ${b.peer}` ? -1 : 1))
}

export type ConfigurationLine = { readonly who: string; readonly result: string; readonly problem: string }

/** What the programs say of the configuration; those that find nothing wrong are one line. */
export function configurationLines({ objects }: Pick<Situation, 'objects'>): readonly ConfigurationLine[] {
  return objects.configurationStates
    .map(({ metadata, status }) => {
      const condition = status?.conditions?.find((one) => one.status !== 'True')
      const problem = condition?.message ?? status?.errorSummary ?? ''
      return { who: metadata.name, result: status?.result ?? 'Unknown', problem }
    })
    .sort((a, b) => (a.who < b.who ? -1 : 1))
}
