import type { Planned } from '../decide/plan.ts'
import type { Paint } from './paint.ts'
import { type Cell, table } from './table.ts'

const HARMLESS: ReadonlySet<string> = new Set(['gains', 'deleted', 'pool'])

export function planText({ addresses, announcements, refused, notes, moves }: Planned, paint: Paint): string {
  const addressRows = addresses.map(({ service, change, before, after, pool = '-', why }): Cell[] => [
    service,
    { text: change, paint: HARMLESS.has(change) ? paint.strong : paint.bad },
    before.join(',') || '-',
    after.join(',') || '-',
    pool,
    why,
  ])
  const announcementRows = announcements.map(({ service, protocol, what, change, before, after }): Cell[] => [
    service,
    protocol === 'bgp' ? 'BGP' : 'layer 2',
    what,
    { text: change, paint: change === 'announced' ? paint.strong : paint.bad },
    before || '-',
    after || '-',
  ])
  return [
    ...refused.map((problem) => `${paint.bad('Refused')}  ${problem}\n`),
    ...(refused.length === 0 ? [] : ['The last good configuration would stay in force.\n\n']),
    ...notes.map((note) => `${paint.warning('Note')}  ${note}\n`),
    ...(notes.length === 0 ? [] : ['\n']),
    'Addresses\n',
    table(
      ['SERVICE', 'CHANGE', 'BEFORE', 'AFTER', 'POOL', 'WHY'],
      addressRows,
      'no Service would get, lose or change one',
    ),
    '\nAnnouncements\n',
    table(
      ['SERVICE', 'BY', 'WHAT', 'CHANGE', 'BEFORE', 'AFTER'],
      announcementRows,
      'nothing would be announced otherwise',
    ),
    `\n${moves ? paint.bad('Something would move or go.') : paint.good('Nothing would move.')}\n`,
  ].join('')
}
