import { ApiError, mergePatch, NODES } from '@steelyard/kube'
import { nearestName } from '@steelyard/program'
import { MAINTENANCE_ANNOTATION } from '@steelyard/speaker'
import type { Command, Context } from '../command.ts'
import { plural } from '../decide/finding.ts'
import { EXIT } from '../exit-codes.ts'
import { CliError } from '../failure.ts'

export const MAINTENANCE: Command = {
  name: 'maintenance',
  usage: 'NODE [--off]',
  summary: 'Has a node hand over all that it announces, or lets it announce again',
  details: `Sets the annotation ${MAINTENANCE_ANNOTATION} of the Node, or takes it away. Each address is taken over before the node
falls silent; routers are told to prefer others first. With --off it may be given addresses again, and takes none by itself.`,
  options: { off: { type: 'boolean', help: 'ends the maintenance' } },
  arguments: [1, 1],
  run: async (context) => {
    const [node = ''] = context.arguments
    const isOn = context.values['off'] !== true
    const { objects } = await context.read({ keys: ['nodes', 'speakerStatuses'] })
    const names = objects.nodes.map(({ metadata }) => metadata.name)
    if (!names.includes(node)) throw unknownNode(node, names)
    await annotate(context, node, isOn ? 'true' : null)
    const owned = objects.speakerStatuses.find(({ status }) => status?.node === node)?.status?.owned?.length ?? 0
    const told = isOn
      ? `node ${node} is in maintenance: it hands over ${plural(owned, 'address', 'addresses')}; steelyard status shows when it has none\n`
      : `node ${node} may announce again\n`
    return { data: { node, maintenance: isOn, addresses: owned }, text: () => told }
  },
}

function unknownNode(node: string, names: readonly string[]): CliError {
  const near = nearestName(node, names)
  const hint = near === undefined ? 'kubectl get nodes lists them' : `did you mean ${near}?`
  return new CliError(EXIT.notFound, `there is no Node ${node}; ${hint}`)
}

async function annotate(context: Context, node: string, value: 'true' | null): Promise<void> {
  const { api } = await context.connection()
  const body = { metadata: { annotations: { [MAINTENANCE_ANNOTATION]: value } } }
  try {
    await mergePatch(api, { resource: NODES, ref: { name: node }, body })
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 403) throw error
    throw new CliError(EXIT.forbidden, 'maintenance needs a right that you do not have: patch nodes in all namespaces')
  }
}
