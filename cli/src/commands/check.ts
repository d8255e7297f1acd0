import type { Command, Output } from '../command.ts'
import type { CheckResult } from '../decide/check-result.ts'
import { clusterChecks } from '../decide/cluster-check.ts'
import { nodeChecks } from '../decide/node-check.ts'
import { EXIT } from '../exit-codes.ts'
import { readForeign } from '../foreign.ts'
import { nodeFacts } from '../node-facts.ts'
import { DECIDING } from '../sources.ts'
import { checksText } from '../text/checks.ts'

export const CHECK: Command = {
  name: 'check',
  usage: '[--node]',
  summary: 'Looks for what will keep addresses from being given or reached, before or after the installation',
  details: `What the API shows is looked at from anywhere: kube-proxy and strictARP, another load balancer, exclusion labels, speakers,
the configuration, BGP of the network plugin, foreign machines. What only a node shows is looked at with --node, as root on
that node, and needs no cluster: interfaces, MTU, rp_filter, ARP settings, firewall, who listens. Exit status 2: a fault.`,
  options: { node: { type: 'boolean', help: 'look at this machine, and at nothing else' } },
  arguments: [0, 0],
  run: async (context) => {
    if (context.values['node'] === true) return outputOf(nodeChecks(await nodeFacts(context.ports.host)))
    const read = await context.read({ keys: DECIDING })
    const foreign = await readForeign((await context.connection()).api, context.namespace)
    const input = { situation: context.situation(read), foreign: foreign.objects, unread: foreign.unread }
    return outputOf(clusterChecks(input))
  },
}

export function outputOf(results: readonly CheckResult[]): Output {
  const isFault = results.some(({ result }) => result === 'fault')
  return { data: results, text: (paint) => checksText(results, paint), exitCode: isFault ? EXIT.finding : EXIT.fine }
}
