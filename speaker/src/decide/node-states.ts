import type { NodeRecord } from '@steelyard/membership'
import type { KubeObject, Node } from '@steelyard/model'
import { isNetworkUnavailable } from './cluster-objects.ts'
import { stateNameOf } from './configuration-state.ts'
import type { NodeState } from './eligibility.ts'
import { readNotice } from './interface-notice.ts'

export type NodeStatesInput = {
  readonly cluster: {
    readonly nodes: ReadonlyMap<string, Node>
    readonly notices: ReadonlyMap<string, Pick<KubeObject, 'metadata'>>
  }
  readonly peers: {
    readonly isOn: boolean
    readonly living: () => ReadonlySet<string>
    readonly recordOf: (node: string) => NodeRecord | undefined
  }
  readonly options: { readonly namespace: string; readonly node: string }
  /** Of the own node. */
  readonly missing: ReadonlySet<string>
  readonly impaired: readonly string[]
  readonly isDraining: boolean
}

type Own = Pick<NodeState, 'missingInterfaces' | 'impairedInterfaces' | 'draining'>

/** Every node as all speakers see it, sorted by name, and the own one with what only it can know. */
export function nodeStates(input: NodeStatesInput): NodeState[] {
  const living = input.peers.living()
  const states = [...input.cluster.nodes.values()].map((node): NodeState => {
    const { name, labels = {} } = node.metadata
    const said = name === input.options.node ? ownWords(input) : othersWords(name, input)
    return { name, labels, networkUnavailable: isNetworkUnavailable(node), alive: living.has(name), ...said }
  })
  return states.sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** Without membership it counts itself in only when its notice is gone, for the others go by that. */
function ownWords({ missing, impaired, isDraining, ...input }: NodeStatesInput): Own {
  const notice = input.peers.isOn ? [] : noticeOf(input.options.node, input)
  return {
    missingInterfaces: new Set([...notice, ...missing]),
    impairedInterfaces: new Set(impaired),
    draining: isDraining,
  }
}

function othersWords(name: string, input: Pick<NodeStatesInput, 'cluster' | 'peers' | 'options'>): Own {
  const record = input.peers.recordOf(name)
  const missingInterfaces = input.peers.isOn ? new Set(record?.missing) : noticeOf(name, input)
  return { missingInterfaces, impairedInterfaces: new Set(record?.impaired), draining: record?.draining ?? false }
}

function noticeOf(
  name: string,
  { cluster, options }: Pick<NodeStatesInput, 'cluster' | 'options'>,
): ReadonlySet<string> {
  return readNotice(cluster.notices.get(`${options.namespace}/${stateNameOf(name)}`)?.metadata ?? {})
}
