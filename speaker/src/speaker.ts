import { eventRecorder } from '@steelyard/kube'
import { sleep } from '@steelyard/runtime'
import { podLiveness, type PodLiveness } from './alive.ts'
import { type Cluster, type ClusterListener, followCluster, type KeptResource } from './cluster.ts'
import { stateWriter, type StateWriter } from './configuration-state.ts'
import { stateNameOf } from './decide/configuration-state.ts'
import { ownerReference } from './decide/own-pod.ts'
import { type ExcludeFile, followExcludeFile } from './exclude-file.ts'
import { warnOfLegacy } from './legacy.ts'
import type { LinkFact } from './link/messages.ts'
import type { SpeakerOptions } from './options.ts'
import type { LinkPort, SpeakerPorts } from './ports.ts'
import { type Reconciler, reconciler } from './reconcile.ts'
import { listedOnly } from './listed-only.ts'
import { type ServiceStatuses, serviceStatuses } from './service-statuses.ts'
import { type StandIn, standIn } from './stand-in.ts'
import { type StateDir, stateDir } from './state-dir.ts'

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
  readonly stored: StateDir
  readonly standIn: StandIn
}

/** The name by which Events know us. */
const COMPONENT = 'metallb-speaker'

/** Follows the cluster, and announces from this node what it owns. */
export function startSpeaker(ports: SpeakerPorts, options: SpeakerOptions): Speaker {
  const { api, clock, random, timeOfDay, log } = ports
  const { namespace, node } = options
  const about = { component: COMPONENT, host: node }
  const events = eventRecorder(api, { ...about, clock, timeOfDay, random, log: log.from('events') })
  // Followers tell of nothing before this turn of the event loop is over, and by then all parts are there.
  const parts: { all?: Parts } = {}
  const stored = stateDir({ ...ports, files: ports.stateFiles, node, namespace, log: log.from('state') })
  const onStorable = store(stored, () => parts.all)
  const cluster = followCluster(
    api,
    { namespace, stateName: stateNameOf(node), clock, random, log: log.from('cluster'), onStorable },
    listenerFor(() => parts.all, options),
  )
  const excludeFile = followExcludeFile({
    ...ports,
    log: log.from('exclude-list'),
    onChange: () => parts.all?.reconciler.onWorld(),
  })
  const all = assemble({ ports, options, cluster, excludeFile, events, stored })
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

/** Only what the API has said, and all of it, may replace what is stored. */
function store(stored: StateDir, parts: () => Parts | undefined): (resource: KeptResource) => void {
  return ({ what, follower }) => {
    if (parts()?.cluster.unsynced().length === 0) stored.wantObjects(what, () => follower.objects.values())
  }
}

type Context = Pick<Parts, 'cluster' | 'excludeFile' | 'stored'> & {
  readonly ports: SpeakerPorts
  readonly options: SpeakerOptions
  readonly events: ReturnType<typeof eventRecorder>
}

function assemble({ ports, options, cluster, excludeFile, events, stored }: Context): Parts {
  const { log } = ports
  const { namespace, node, podName, speakerLabels } = options
  const owner = (): ReturnType<typeof ownerReference> => ownerReference(cluster.pods.get(`${namespace}/${podName}`))
  const isAlive = (name: string): boolean => liveness.now().has(name)
  const writer = { ...ports, namespace, node, owner, log: log.from('status') }
  const statuses = serviceStatuses({ ...writer, objectsOf: cluster.serviceStatuses.of, isAlive })
  const state = stateWriter({ ...writer, ownState: cluster.ownState })
  const standingIn = standIn({ cluster, state: stored, clock: ports.clock, log: log.from('state') })
  const isListed = (...which: readonly string[]): boolean =>
    cluster.unsynced().every((what) => which.length > 0 && !which.includes(what))
  const liveness = podLiveness({
    pods: cluster.pods,
    nodes: cluster.nodes,
    speakerLabels,
    isSynced: standingIn.isReady,
    storedFor: () => (isListed('nodes', 'pods') ? undefined : node),
    log: log.from('liveness'),
    onChange: () => reconciling.onWorld(),
  })
  const reconciling = reconciler({
    ...ports,
    log: log.from('reconcile'),
    options,
    cluster,
    ...listedOnly({ statuses, state, events, isListed: () => isListed(), known: cluster.serviceStatuses.groups }),
    alive: liveness,
    excludePatterns: excludeFile.patterns,
  })
  const link = watchLink(ports, (usable) => reconciling.onInterfaces(usable))
  return { cluster, excludeFile, liveness, statuses, state, reconciler: reconciling, link, stored, standIn: standingIn }
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

/** Nothing is owned before everything is known, and nothing written before the API server has shown it all. */
async function begin(parts: Parts, { link }: { readonly link: LinkPort }): Promise<void> {
  const { cluster, excludeFile, liveness, reconciler: reconciling } = parts
  await excludeFile.read
  // Before the worker is ready, so that it never counts an excluded interface in.
  link.set({ addresses: [], excludeInterfaces: excludeFile.patterns() })
  await Promise.all([parts.standIn.ready, parts.link.ready])
  liveness.recheck()
  reconciling.start()
  if (parts.standIn.since() === undefined) return
  await cluster.synced
  liveness.recheck()
  reconciling.onWorld()
}

function unready({ cluster, link, reconciler: reconciling, standIn: standingIn }: Parts): string | undefined {
  const missing = cluster.unsynced()
  const since = standingIn.since()
  const stored = since === undefined ? '' : `works from the stored state of ${since}; `
  if (missing.length > 0) return `${stored}not listed yet: ${missing.join(', ')}`
  if (!link.isReady()) return 'the link worker is not ready yet'
  return reconciling.isDone() ? undefined : 'nothing has been decided yet'
}

/** What is under way at the API may be waited for this long; all of it is made good by whoever comes next. */
const GRACE_MS = 500

async function stop(parts: Parts, { link, clock }: SpeakerPorts): Promise<void> {
  parts.reconciler.stop()
  parts.excludeFile.stop()
  parts.standIn.stop()
  await link.stop()
  const rest = [parts.stored.stop(), parts.statuses.stop(), parts.state.stop(), parts.cluster.stop()]
  const grace = new AbortController()
  await Promise.race([Promise.all(rest), sleep(clock, GRACE_MS, grace.signal)])
  grace.abort()
}
