import { EXCLUDE_FROM_BALANCERS_LABEL, type SpeakerConfig } from '@steelyard/model'
import type { Cluster } from '../cluster.ts'
import { isNetworkUnavailable } from '../decide/cluster-objects.ts'
import type { Drain } from '../decide/release.ts'
import type { SpeakerOptions } from '../options.ts'
import type { BgpWorld } from './bgp.ts'

export type WorldSources = {
  readonly cluster: Pick<Cluster, 'nodes' | 'configObjects' | 'unsynced'>
  readonly options: Pick<SpeakerOptions, 'node' | 'ignoreExcludeLabel'>
  readonly drain: () => Drain
}

/** What BGP asks of the cluster beside its Services. A speaker that stops has a way of its own to leave. */
export function bgpWorld({ cluster, options, drain }: WorldSources, config: SpeakerConfig | undefined): BgpWorld {
  const node = cluster.nodes.get(options.node)
  const isLabelled = node?.metadata.labels?.[EXCLUDE_FROM_BALANCERS_LABEL] !== undefined
  return {
    config,
    networkUnavailable: node !== undefined && isNetworkUnavailable(node),
    excluded: isLabelled && !options.ignoreExcludeLabel,
    draining: drain() === 'paced',
    isComplete: cluster.unsynced().length === 0,
    isDeletedPeer: (name) => !cluster.configObjects().bgpPeers.some(({ metadata }) => metadata.name === name),
  }
}
