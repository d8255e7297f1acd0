import { eventRecorder } from '@steelyard/kube'
import { sleep } from '@steelyard/runtime'
import { podLiveness, type PodLiveness } from './alive.ts'
import { type Cluster, type ClusterListener, followCluster } from './cluster.ts'
import { stateWriter, type StateWriter } from './configuration-state.ts'
import { stateNameOf } from './decide/configuration-state.ts'
import { ownerReference } from './decide/own-pod.ts'
import { type ExcludeFile, followExcludeFile } from './exclude-file.ts'
import { warnOfLegacy } from './legacy.ts'
import type { LinkFact } from './link/messages.ts'
import type { SpeakerOptions } from './options.ts'
import type { LinkPort, SpeakerPorts } from './ports.ts'
import { type Reconciler, reconciler } from './reconcile.ts'
import { type ServiceStatuses, serviceStatuses } from './service-statuses.ts'

/** A running speaker. */
export type Speaker = {
  /** What keeps it from its work, in words; undefined while it does it. */
  readonly unready: () => string | undefined
  /** Falls silent at once; then gives up what it still had to write. */
  readonly stop: () => Promise<void>
}

type Parts = {
  readonly cluster: Cluster
  readonly liveness: PodLiveness
  readonly excludeFile: ExcludeFile
  readonly statuses: ServiceStatuses
  readonly state: StateWriter
  readonly reconciler: Reconciler
  readonly link: LinkWatch
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
    onChange: () => parts.all?.reconciler.onWorld(),
  })
  const all = assemble({ ports, options, cluster, excludeFile, events })
  parts.all = all
  void begin(all, ports)
  void warnOfLegacy({ api, namespace, log, readText: ports.readText })
  return {
    unready: () => unready(all),
    stop: async () => {
      await stop(all, ports)
      events.stop()
    },
  }
}

type Context = Pick<Parts, 'cluster' | 'excludeFile'> & {
  readonly ports: SpeakerPorts
  readonly options: SpeakerOptions
  readonly events: ReturnType<typeof eventRecorder>
}

function assemble({ ports, options, cluster, excludeFile, events }: Context): Parts {
  const { log } = ports
  const { namespace, node, podName, speakerLabels } = options
  const owner = (): ReturnType<typeof ownerReference> => ownerReference(cluster.pods.get(`${namespace}/${podName}`))
  const isAlive = (name: string): boolean => liveness.now().has(name)
  const writer = { ...ports, namespace, node, owner, log: log.from('status') }
  const statuses = serviceStatuses({ ...writer, objectsOf: cluster.serviceStatuses.of, isAlive })
  const state = stateWriter({ ...writer, ownState: cluster.ownState })
  const liveness = podLiveness({
    pods: cluster.pods,
    nodes: cluster.nodes,
    speakerLabels,
    isSynced: () => cluster.unsynced().length === 0,
    log: log.from('liveness'),
    onChange: () => reconciling.onWorld(),
  })
  const reconciling = reconciler({
    ...ports,
    log: log.from('reconcile'),
    options,
    cluster,
    statuses,
    state,
    events,
    alive: liveness,
    excludePatterns: excludeFile.patterns,
  })
  const link = watchLink(ports, (usable) => reconciling.onInterfaces(usable))
  return { cluster, excludeFile, liveness, statuses, state, reconciler: reconciling, link }
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
      parts()?.liveness.recheck()
      parts()?.reconciler.onWorld()
      if (name === self) parts()?.reconciler.onConfigInput('cluster')
    },
    onPod: () => parts()?.liveness.recheck(),
    onServiceStatus: (key, isClaim) => {
      parts()?.statuses.onObject(key)
      if (isClaim) parts()?.reconciler.onClaim(key)
      else parts()?.statuses.recheck(key)
    },
  }
}

type LinkWatch = { readonly ready: Promise<void>; readonly isReady: () => boolean }

/** Hears what the link worker tells. */
function watchLink({ link, log }: SpeakerPorts, onInterfaces: (usable: ReadonlySet<string>) => void): LinkWatch {
  const linkLog = log.from('link')
  const ready = Promise.withResolvers<void>()
  const state = { isReady: false }
  const hear = (fact: LinkFact): void => {
    if (fact.kind === 'ready') {
      state.isReady = true
      ready.resolve()
    } else if (fact.kind === 'interfaces') {
      linkLog.info('interfaces to announce on', { interfaces: fact.interfaces })
      onInterfaces(new Set(fact.interfaces.map(({ name }) => name)))
    } else if (fact.kind === 'fault') {
      const { message, call, errno, interface: name, times } = fact
      linkLog.warn(message, { op: call, reason: errno, interface: name, times })
    }
  }
  link.onFact(hear)
  return { ready: ready.promise, isReady: () => state.isReady }
}

/** Nothing is owned, and nothing written, before everything has been seen once. */
async function begin(parts: Parts, { link }: { readonly link: LinkPort }): Promise<void> {
  const { cluster, excludeFile, liveness, reconciler: reconciling } = parts
  await excludeFile.read
  // Before the worker is ready, so that it never counts an excluded interface in.
  link.set({ addresses: [], excludeInterfaces: excludeFile.patterns() })
  await Promise.all([cluster.synced, parts.link.ready])
  liveness.recheck()
  reconciling.start()
}

function unready({ cluster, link, reconciler: reconciling }: Parts): string | undefined {
  const missing = cluster.unsynced()
  if (missing.length > 0) return `not listed yet: ${missing.join(', ')}`
  if (!link.isReady()) return 'the link worker is not ready yet'
  return reconciling.isDone() ? undefined : 'nothing has been decided yet'
}

/** What is under way at the API may be waited for this long; all of it is made good by whoever comes next. */
const GRACE_MS = 500

async function stop(parts: Parts, { link, clock }: SpeakerPorts): Promise<void> {
  parts.reconciler.stop()
  parts.excludeFile.stop()
  await link.stop()
  const rest = [parts.statuses.stop(), parts.state.stop(), parts.cluster.stop()]
  const grace = new AbortController()
  await Promise.race([Promise.all(rest), sleep(clock, GRACE_MS, grace.signal)])
  grace.abort()
}
