import type { SpeakerPolicy } from '@steelyard/model'
import { drainOf, isNetworkUnavailable, type NodeState, readNotice, stateNameOf } from '@steelyard/speaker'
import type { ClusterObjects } from './cluster-objects.ts'
import type { Living } from './living-speakers.ts'

/**
 * The nodes as far as the API shows them. Which interfaces a node lacks it shows in its ConfigurationState; what a node
 * lost of those it had only the speakers tell each other.
 */
export function nodeStatesOf(objects: ClusterObjects, policy: SpeakerPolicy, { alive }: Living): NodeState[] {
  const notices = new Map(objects.configurationStates.map((state) => [state.metadata.name, state]))
  return objects.nodes
    .map((node): NodeState => {
      const { name, labels = {} } = node.metadata
      return {
        name,
        labels,
        networkUnavailable: isNetworkUnavailable(node),
        alive: alive.has(name),
        missingInterfaces: readNotice(notices.get(stateNameOf(name))?.metadata ?? {}),
        impairedInterfaces: new Set(),
        draining: drainOf(node, policy.maintenance) !== 'none',
      }
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}
