import { eventRecorder } from '@steelyard/kube'
import { sleep } from '@steelyard/runtime'
import { assemble, type Parts } from './assemble.ts'
import { handOver } from './hand-over.ts'
import { warnOfLegacy } from './legacy.ts'
import type { SpeakerSource } from './metrics/speaker-source.ts'
import type { SpeakerOptions } from './options.ts'
import type { SpeakerPorts } from './ports.ts'
import { followSources, type SourcesListener } from './sources.ts'

/** A running speaker. */
export type Speaker = {
  /** What keeps it from its work, in words; undefined while it does it. */
  readonly unready: () => string | undefined
  /** What its metrics are read from. */
  readonly observed: SpeakerSource
  /** How long routers are to be told that it goes, before it goes. */
  readonly leavingMs: () => number
  /** Hands over what others can take, falls silent, and gives up what it still had to write. */
  readonly stop: () => Promise<void>
}

/** The name by which Events know us. */
const COMPONENT = 'metallb-speaker'

/** Follows the cluster, and announces from this node what it owns. */
export function startSpeaker(ports: SpeakerPorts, options: SpeakerOptions): Speaker {
  const { api, clock, random, timeOfDay, log } = ports
  const { namespace, node } = options
  const about = { component: COMPONENT, host: node }
  const events = eventRecorder(api, { ...about, clock, timeOfDay, random, log: log.from('events') })
  const parts: { all?: Parts } = {}
  const sources = followSources(
    ports,
    options,
    listenerFor(() => parts.all, options),
  )
  const all = assemble({ ports, options, events, ...sources })
  parts.all = all
  void begin(all)
  void warnOfLegacy({ api, namespace, log, readText: ports.readText })
  return {
    unready: () => unready(all),
    observed: all.observed,
    leavingMs: all.bgp.leavingMs,
    stop: async () => {
      await stop(all, ports, node)
      events.stop()
    },
  }
}

/** Whom a change concerns. */
function listenerFor(parts: () => Parts | undefined, { node: self }: SpeakerOptions): SourcesListener {
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
    onPod: () => {
      parts()?.peers.recheck()
      parts()?.wish.refresh()
    },
    onServiceStatus: (key) => {
      parts()?.statuses.onObject(key)
      parts()?.statuses.recheck(key)
    },
    onBgpStatus: (key) => {
      parts()?.bgpStatuses.onObject(key)
      parts()?.bgpStatuses.recheck(key)
    },
    onSurroundings: () => parts()?.wish.refresh(),
    onPolicy: () => {
      parts()?.wish.refresh()
      parts()?.report.refresh()
      parts()?.reconciler.onWorld()
    },
  }
}

/** Nothing is owned before everything is known, and nothing written before the API server has shown it all. */
async function begin(parts: Parts): Promise<void> {
  const { cluster, excludeFile, holdings, peers, wish, links, policy, key, standIn, stored } = parts
  await Promise.all([excludeFile.read, key.read])
  // Before the worker is ready, so that it never counts an excluded interface in.
  wish.refresh()
  const [claims] = await Promise.all([stored.claims(), standIn.ready, links.ready, policy.read])
  holdings.restore(claims)
  wish.refresh()
  peers.recheck()
  parts.reconciler.start()
  if (standIn.since() === undefined) return
  await cluster.synced
  peers.recheck()
  parts.reconciler.onWorld()
}

function unready({ cluster, links, peers, reconciler: reconciling, standIn }: Parts): string | undefined {
  const missing = cluster.unsynced()
  const since = standIn.since()
  const stored = since === undefined ? '' : `works from the stored state of ${since}; `
  if (missing.length > 0) return `${stored}not listed yet: ${missing.join(', ')}`
  if (!links.isReady()) return 'the link worker is not ready yet'
  if (peers.standing() === 'settling') return 'still hearing what the other speakers have'
  return reconciling.isDone() ? undefined : 'nothing has been decided yet'
}

/** What is under way at the API may be waited for this long; all of it is made good by whoever comes next. */
const GRACE_MS = 500

async function stop(parts: Parts, { link, clock }: SpeakerPorts, self: string): Promise<void> {
  await Promise.all([handOver({ ...parts, self }, clock), parts.bgp.leave()])
  parts.reconciler.stop()
  for (const part of [parts.excludeFile, parts.key, parts.gateway, parts.arp, parts.standIn]) part.stop()
  await link.stop()
  const rest = [parts.stored, parts.statuses, parts.bgpStatuses, parts.state, parts.status, parts.policy, parts.cluster]
  const grace = new AbortController()
  await Promise.race([Promise.all(rest.map((part) => part.stop())), sleep(clock, GRACE_MS, grace.signal)])
  grace.abort()
}
