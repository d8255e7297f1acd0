import type { Explanation } from '../decide/explanation.ts'
import type { BgpNode } from '../decide/bgp-cause.ts'
import { age } from './age.ts'
import type { Paint } from './paint.ts'
import { type Cell, table } from './table.ts'

const VERDICT = {
  answers: 'answers',
  answersPartly: 'answers, but not as it should',
  doesNotAnswer: 'does not answer',
} as const

/** The decision tree of one Service, the cause first. */
export function explanationText(explanation: Explanation, paint: Paint, now: Date): string {
  const { service, verdict, findings } = explanation
  const colour = { answers: paint.good, answersPartly: paint.warning, doesNotAnswer: paint.bad }[verdict]
  const head = [`Service ${paint.strong(service)} ${colour(VERDICT[verdict])}\n`]
  const causes = findings.map(({ reason, message, advice }, at) => {
    const label = at === 0 ? 'Cause' : 'Also'
    return `  ${label.padEnd(7)} ${paint.strong(reason)}: ${message}\n  To do   ${advice}\n`
  })
  return [
    ...head,
    ...causes,
    '\n',
    addressText(explanation),
    // Without an address of a pool there is nothing to announce yet.
    ...(explanation.pool === undefined
      ? []
      : [...layer2Text(explanation, paint, now), ...bgpText(explanation, paint, now)]),
    ...eventsText(explanation, now),
  ].join('')
}

function addressText({ addresses, pool, choice, pools, sharedWith, endpoints, trafficPolicy }: Explanation): string {
  const where = pool === undefined ? '' : ` of pool ${pool}`
  const shared = sharedWith.length === 0 ? '' : `, shared with ${sharedWith.join(', ')}`
  const place = endpoints.nodes.length === 0 ? '' : ` on ${endpoints.nodes.join(', ')}`
  const told = pools.map((one) => [`  ${one.pool}`, one.message])
  return [
    `Address     ${addresses.length === 0 ? 'none' : addresses.join(', ')}${where}${shared}\n`,
    `Chosen by   ${choice}\n`,
    `Endpoints   ${endpoints.count}${place}; externalTrafficPolicy ${trafficPolicy}\n`,
    ...(addresses.length > 0 || told.length === 0
      ? []
      : ['\nPools\n', table(['  POOL', 'FOR THIS SERVICE'], told, '')]),
  ].join('')
}

function layer2Text({ layer2 }: Explanation, paint: Paint, now: Date): readonly string[] {
  if (!layer2.isUsed) return ['\nLayer 2     no L2Advertisement is for its pool\n']
  const owners = layer2.owners.map(
    ({ ip, node, since, cause, epoch }) =>
      `Owner       ${node} has ${ip} for ${age(since, now)}${cause === '' ? '' : ` (${cause})`}, epoch ${epoch}\n`,
  )
  const move = layer2.lastMove
  const moved =
    move === undefined
      ? []
      : [`Last move   ${age(move.at, now)} ago from ${nobody(move.from)} to ${nobody(move.to)}: ${move.cause ?? ''}\n`]
  const rows = layer2.nodes.map(({ node, reason, message }): Cell[] => [
    `  ${node}`,
    { text: reason, paint: reason === 'announces' ? paint.good : reason === 'eligible' ? paint.faint : paint.warning },
    message,
  ])
  return [
    `\nLayer 2     by ${layer2.advertisements.join(', ')}\n`,
    ...(owners.length === 0 ? ['Owner       nobody\n'] : owners),
    ...moved,
    table(['  NODE', 'REASON', 'MESSAGE'], rows, '  no nodes'),
  ]
}

function nobody(name: string | undefined): string {
  return name === undefined || name === '' ? 'nobody' : name
}

function bgpText({ bgp }: Explanation, paint: Paint, now: Date): readonly string[] {
  if (!bgp.isUsed) return ['\nBGP         no BGPAdvertisement is for its pool\n']
  const rows = bgp.nodes.flatMap((node) => bgpRows(node, paint, now))
  return ['\nBGP\n', table(['  NODE', 'REASON', 'ROUTE', 'PEER'], rows, '  no nodes')]
}

function bgpRows({ node, reason, message, routes }: BgpNode, paint: Paint, now: Date): readonly Cell[][] {
  if (routes.length === 0) return [[`  ${node}`, { text: reason, paint: paint.warning }, message, '']]
  return routes.flatMap(({ prefix, peers }) =>
    peers.map(({ peer, session }): Cell[] => [
      `  ${node}`,
      reason,
      prefix,
      session === undefined
        ? { text: `${peer}: its speaker reports no session`, paint: paint.warning }
        : {
            text: `${peer}: ${session.state} for ${age(session.since, now)}`,
            paint: session.state === 'Established' ? paint.good : paint.bad,
          },
    ]),
  )
}

function eventsText({ events }: Explanation, now: Date): readonly string[] {
  if (events.length === 0) return []
  const rows = events.map(({ lastTimestamp, reason = '', message = '' }) => [
    `  ${age(lastTimestamp ?? undefined, now)}`,
    reason,
    message,
  ])
  return ['\nEvents\n', table(['  AGE', 'REASON', 'MESSAGE'], rows, '')]
}
