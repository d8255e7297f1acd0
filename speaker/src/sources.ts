import { type ClusterListener, type Cluster, followCluster, type KeptResource } from './cluster.ts'
import { type ExcludeFile, followExcludeFile } from './exclude-file.ts'
import { followGateway, type Gateway } from './gateway.ts'
import { followMembershipKey, type MembershipKey } from './membership-key.ts'
import type { SpeakerOptions } from './options.ts'
import { followPolicy, type Policy } from './policy.ts'
import type { SpeakerPorts } from './ports.ts'
import { type StateDir, stateDir } from './state-dir.ts'

/** All that a speaker learns from, but for its link worker. */
export type Sources = {
  readonly cluster: Cluster
  readonly policy: Policy
  readonly excludeFile: ExcludeFile
  readonly key: MembershipKey
  readonly gateway: Gateway
  readonly stored: StateDir
}

export type SourcesListener = ClusterListener & {
  readonly onPolicy: () => void
  /** Excluded interfaces, keys, the way out: what only the link worker needs. */
  readonly onSurroundings: () => void
}

/** Begins to follow them all. Nothing is told before this turn of the event loop is over. */
export function followSources(ports: SpeakerPorts, options: SpeakerOptions, listener: SourcesListener): Sources {
  const { api, clock, random, log } = ports
  const { namespace, node, membership } = options
  const { onSurroundings, onPolicy } = listener
  const stored = stateDir({ ...ports, files: ports.stateFiles, node, namespace, log: log.from('state') })
  const following: { cluster?: Cluster } = {}
  const onStorable = store(stored, () => following.cluster)
  const named = { namespace, node }
  const cluster = followCluster(api, { ...named, clock, random, log: log.from('cluster'), onStorable }, listener)
  following.cluster = cluster
  const from = (caller: string) => ({ ...ports, log: log.from(caller) })
  return {
    cluster,
    stored,
    policy: followPolicy({ ...from('policy'), onChange: onPolicy }),
    excludeFile: followExcludeFile({ ...from('exclude-list'), onChange: onSurroundings }),
    gateway: followGateway({ ...ports, onChange: onSurroundings }),
    key: followMembershipKey({
      ...from('membership-key'),
      folder: membership?.secretKeyPath ?? '',
      onChange: onSurroundings,
    }),
  }
}

/** Only what the API has said, and all of it, may replace what is stored. */
function store(stored: StateDir, cluster: () => Cluster | undefined): (resource: KeptResource) => void {
  return ({ what, follower }) => {
    if (cluster()?.unsynced().length === 0) stored.wantObjects(what, () => follower.objects.values())
  }
}
