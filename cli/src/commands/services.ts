import type { Command } from '../command.ts'
import { explainingOf, type Explanation, explainService } from '../decide/explanation.ts'
import { DECIDING } from '../sources.ts'
import type { Paint } from '../text/paint.ts'
import { type Cell, table } from '../text/table.ts'
import { unreadText } from './explain.ts'

export const SERVICES: Command = {
  name: 'services',
  usage: '',
  summary: 'Lists the Services of type LoadBalancer: address, pool, who announces them, what is wrong',
  details: '',
  options: { problems: { type: 'boolean', help: 'only those that do not answer as they should' } },
  arguments: [0, 0],
  run: async (context) => {
    const read = await context.read({ keys: [...DECIDING, 'systemConfigMaps'] })
    const explaining = explainingOf(context.situation(read))
    const explained = [...explaining.situation.views.values()]
      .filter(({ isLoadBalancer }) => isLoadBalancer)
      .map((view) => explainService(explaining, view))
      .filter(({ verdict }) => context.values['problems'] !== true || verdict !== 'answers')
      .sort((a, b) => (a.service < b.service ? -1 : 1))
    return {
      data: explained.map(lineOf),
      text: (paint) => servicesTable(explained, paint) + unreadText(read.unread),
    }
  },
}

function lineOf({ service, verdict, addresses, pool, layer2, bgp, findings }: Explanation): object {
  const owners = [...new Set(layer2.owners.map(({ node }) => node))]
  return { service, verdict, addresses, pool, owners, peers: peersOf(bgp), findings }
}

/** Peers that have it, as far as sessions show. */
function peersOf({ nodes }: Explanation['bgp']): readonly string[] {
  const told = nodes.flatMap(({ routes }) => routes.flatMap(({ peers }) => peers))
  return [...new Set(told.filter(({ session }) => session?.state === 'Established').map(({ peer }) => peer))].sort()
}

function servicesTable(explained: readonly Explanation[], paint: Paint): string {
  const rows = explained.map(({ service, verdict, addresses, pool, layer2, bgp, findings }): Cell[] => [
    service,
    addresses.join(',') || '-',
    pool ?? '-',
    [...new Set(layer2.owners.map(({ node }) => node))].join(',') || '-',
    peersOf(bgp).join(',') || '-',
    {
      text: findings.map(({ reason }) => reason).join(', ') || 'answers',
      paint: verdict === 'answers' ? paint.good : verdict === 'doesNotAnswer' ? paint.bad : paint.warning,
    },
  ])
  return table(['SERVICE', 'ADDRESS', 'POOL', 'OWNER', 'PEERS', 'STATE'], rows, 'no such Service')
}
