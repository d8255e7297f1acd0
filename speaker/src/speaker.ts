import { eventRecorder } from '@steelyard/kube'
import { sleep } from '@steelyard/runtime'
import { assemble, type Parts } from './assemble.ts'
import { type ClusterListener, followCluster } from './cluster.ts'
import { stateNameOf } from './decide/configuration-state.ts'
import { followExcludeFile } from './exclude-file.ts'
import { followGateway } from './gateway.ts'
import { handOver } from './hand-over.ts'
import { warnOfLegacy } from './legacy.ts'
import { followMembershipKey } from './membership-key.ts'
import type { SpeakerOptions } from './options.ts'
import { followPolicy } from './policy.ts'
import type { SpeakerPorts } from './ports.ts'

/** A running speaker. */
export type Speaker = {
  /** What keeps it from its work, in words; undefined while it does it. */
  readonly unready: () => string | undefined
  /** Hands over what others can take, falls silent, and gives up what it still had to write. */
  readonly stop: () => Promise<void>
}

/** The name by which Events know us. */
const COMPONENT = 'metallb-speaker'

/** Follows the cluster, and announces from this node what it owns. */
export function startSpeaker(ports: SpeakerPorts, options: SpeakerOptions): Speaker {
  const { api, clock, random, timeOfDay, log } = ports
  const { namespace, node } = options
  const events = eventRecorder(api, {
    component: COMPONENT,
    host: node,
    clock,
    timeOfDay,
    random,
    log: log.from('events'),
  })
  // Followers tell of nothing before this turn of the event loop is over, and by then all parts are there.
  const parts: { all?: Parts } = {}
  const cluster = followCluster(
    api,
    { namespace, stateName: stateNameOf(node), clock, random, log: log.from('cluster') },
    listenerFor(() => parts.all, options),
  )
  const excludeFile = followExcludeFile({
    ...ports,
    log: log.from('exclude-list'),
    onChange: () => parts.all?.wish.refresh(),
  })
  const refresh = (): void => parts.all?.wish.refresh()
  const policy = followPolicy({
    ...ports,
    log: log.from('policy'),
    onChange: () => {
      refresh()
      parts.all?.report.refresh()
      parts.all?.reconciler.onWorld()
    },
  })
  const key = followMembershipKey({
    folder: options.membership?.secretKeyPath ?? '',
    ...ports,
    log: log.from('membership-key'),
    onChange: refresh,
  })
  const gateway = followGateway({ ...ports, onChange: refresh })
  const all = assemble({ ports, options, cluster, excludeFile, events, policy, key, gateway })
  parts.all = all
  void begin(all)
  void warnOfLegacy({ api, namespace, log, readText: ports.readText })
  return {
    unready: () => unready(all),
    stop: async () => {
      await stop(all, ports, node)
      events.stop()
    },
  }
}

/** Whom a change of the cluster concerns. */
function listenerFor(parts: () => Parts | undefined, { node: self }: SpeakerOptions): ClusterListener {
  return {
    onService: (key) => parts()?.reconciler.onService(key),
    onEndpoints: (key) => parts()?.reconciler.onService(key),
    onConfigInput: (where) => parts()?.reconciler.onConfigInput(where),
    onNotice: () => parts()?.reconciler.onWorld(),
    onOwnState: () => parts()?.state.recheck(),
    onNode: (name) => {
      const all = parts()
      all?.peers.recheck()
      all?.wish.refresh()
      if (name !== self) return all?.reconciler.onWorld()
      all?.reconciler.onConfigInput('cluster')
      all?.reconciler.onUrgent()
    },
    onPod: () => parts()?.peers.recheck(),
    onServiceStatus: (key) => {
      parts()?.statuses.onObject(key)
      parts()?.statuses.recheck(key)
    },
  }
}

/** Nothing is owned, and nothing written, before everything has been seen once. */
async function begin(parts: Parts): Promise<void> {
  const { cluster, excludeFile, peers, reconciler: reconciling, wish, links, policy, key } = parts
  await Promise.all([excludeFile.read, key.read])
  // Before the worker is ready, so that it never counts an excluded interface in.
  wish.refresh()
  await Promise.all([cluster.synced, links.ready, policy.read])
  wish.refresh()
  peers.recheck()
  reconciling.start()
}

function unready({ cluster, links, peers, reconciler: reconciling }: Parts): string | undefined {
  const missing = cluster.unsynced()
  if (missing.length > 0) return `not listed yet: ${missing.join(', ')}`
  if (!links.isReady()) return 'the link worker is not ready yet'
  if (peers.standing() === 'settling') return 'still hearing what the other speakers have'
  return reconciling.isDone() ? undefined : 'nothing has been decided yet'
}

/** What is under way at the API may be waited for this long; all of it is made good by whoever comes next. */
const GRACE_MS = 500

async function stop(parts: Parts, { link, clock }: SpeakerPorts, self: string): Promise<void> {
  await handOver({ ...parts, self }, clock)
  parts.reconciler.stop()
  for (const part of [parts.excludeFile, parts.key, parts.gateway]) part.stop()
  await link.stop()
  const rest = [parts.statuses, parts.state, parts.status, parts.policy, parts.cluster].map((part) => part.stop())
  const grace = new AbortController()
  await Promise.race([Promise.all(rest), sleep(clock, GRACE_MS, grace.signal)])
  grace.abort()
}
