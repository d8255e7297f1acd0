import { INT64_MAX } from '@steelyard/model'
import type { ConfigurationLine, PoolLine, SessionLine, SpeakerLine, Use } from '../decide/overview.ts'
import type { SeenConflict } from '../decide/speaker-reports.ts'
import { age } from './age.ts'
import type { Paint } from './paint.ts'
import { type Cell, table } from './table.ts'

export type StatusData = {
  readonly speakers: readonly SpeakerLine[]
  readonly pools: readonly PoolLine[]
  readonly sessions: readonly SessionLine[]
  readonly conflicts: readonly SeenConflict[]
  readonly configuration: readonly ConfigurationLine[]
  readonly services: {
    readonly count: number
    readonly wrong: readonly { readonly service: string; readonly verdict: string; readonly reason: string }[]
  }
}

export function statusText(data: StatusData, paint: Paint, now: Date): string {
  const { speakers, pools, sessions, conflicts, configuration, services } = data
  const up = sessions.filter(({ state }) => state === 'Established').length
  return [
    `${paint.strong('Configuration')}  ${configurationText(configuration, paint)}\n`,
    `${paint.strong('Services')}       ${servicesText(services, paint)}\n`,
    `${paint.strong('Sessions')}       ${sessions.length === 0 ? 'no BGP' : `${up} of ${sessions.length} established`}\n`,
    `${paint.strong('Conflicts')}      ${conflictsText(conflicts, paint)}\n\n`,
    speakersTable(speakers, paint),
    '\n',
    poolsTable(pools, paint),
    ...(sessions.length === up
      ? []
      : [
          '\n',
          sessionsTable(
            sessions.filter(({ state }) => state !== 'Established'),
            paint,
            now,
          ),
        ]),
    ...(services.wrong.length === 0 ? [] : ['\n', wrongTable(services.wrong, paint)]),
  ].join('')
}

function configurationText(lines: readonly ConfigurationLine[], paint: Paint): string {
  const bad = lines.filter(({ result }) => result !== 'Valid')
  if (lines.length === 0) return paint.warning('no program has said anything yet')
  if (bad.length === 0) return paint.good('valid')
  return bad.map(({ who, result, problem }) => `${who}: ${paint.bad(result)} ${problem}`.trimEnd()).join('; ')
}

function servicesText({ count, wrong }: StatusData['services'], paint: Paint): string {
  return wrong.length === 0 ? `${count}, all answer` : `${count}, ${paint.bad(`${wrong.length} with a problem`)}`
}

function conflictsText(conflicts: readonly SeenConflict[], paint: Paint): string {
  if (conflicts.length === 0) return 'none'
  return conflicts.map(({ ip, mac, node }) => paint.bad(`${mac} answers for ${ip} (seen by ${node})`)).join('; ')
}

function speakersTable(speakers: readonly SpeakerLine[], paint: Paint): string {
  const rows = speakers.map(({ node, standing, addresses, hears, sessions, maintenance }): Cell[] => {
    const good = standing === 'settled' || standing === 'off'
    const duty = maintenance ? 'maintenance' : ''
    return [node, { text: standing, paint: good ? paint.good : paint.bad }, `${addresses}`, hears, sessions, duty]
  })
  return table(['NODE', 'SPEAKER', 'ADDRESSES', 'HEARS', 'SESSIONS', ''], rows, 'the cluster has no nodes')
}

export function poolsTable(pools: readonly PoolLine[], paint: Paint): string {
  const rows = pools.map(({ pool, autoAssign, ipv4, ipv6, services, layer2, bgp }): Cell[] => [
    pool,
    autoAssign ? 'yes' : 'no',
    useCell(ipv4, paint),
    useCell(ipv6, paint),
    `${services}`,
    layer2.join(',') || '-',
    bgp.join(',') || '-',
  ])
  const head = ['POOL', 'AUTO', 'IPV4', 'IPV6', 'SERVICES', 'LAYER 2', 'BGP']
  return table(head, rows, 'there is no pool, or the configuration is refused')
}

function useCell({ used, total }: Use, paint: Paint): Cell {
  if (total === 0n) return '-'
  return {
    text: `${used}/${total >= INT64_MAX ? 'endless' : total}`,
    paint: BigInt(used) >= total ? paint.bad : paint.faint,
  }
}

export function sessionsTable(sessions: readonly SessionLine[], paint: Paint, now: Date): string {
  const rows = sessions.map((session): Cell[] => {
    const { node, peer, neighbour, state, since, announced = 0, flaps = 0, bfd, lastError } = session
    const isUp = state === 'Established'
    return [
      node,
      peer,
      neighbour,
      { text: state, paint: isUp ? paint.good : paint.bad },
      age(since, now),
      `${announced}`,
      `${flaps}`,
      bfd?.state ?? '-',
      isUp ? '' : (lastError ?? ''),
    ]
  })
  const head = ['NODE', 'PEER', 'NEIGHBOUR', 'STATE', 'FOR', 'PREFIXES', 'FLAPS', 'BFD', 'LAST ERROR']
  return table(head, rows, 'no speaker reports a BGP session')
}

/** More than this nobody reads at a glance. */
const MOST_SHOWN = 20

function wrongTable(wrong: StatusData['services']['wrong'], paint: Paint): string {
  const more = wrong.length - MOST_SHOWN
  const rest = more > 0 ? `and ${more} more: steelyard services --problems\n` : ''
  const rows = wrong
    .slice(0, MOST_SHOWN)
    .map(({ service, verdict, reason }): Cell[] => [
      service,
      { text: reason, paint: verdict === 'doesNotAnswer' ? paint.bad : paint.warning },
      `steelyard explain service ${service}`,
    ])
  return table(['SERVICE', 'REASON', 'MORE BY'], rows, '') + rest
}
