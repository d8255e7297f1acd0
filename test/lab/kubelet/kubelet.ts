import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ConfigMap, KubeObject, Node, Secret } from '@steelyard/model'
import { keyedQueue, type KeyedQueue, systemClock } from '@steelyard/runtime'
import { API_PORT } from '../topology.ts'
import { volumeFolder } from './container.ts'
import { follow, type Followed } from './follow.ts'
import { startHeartbeats } from './heartbeat.ts'
import { keyOf, type Pod } from './pod.ts'
import { startProbing } from './probing.ts'
import { type KubeletOptions, type KubeletState, podFolder, type RunningPod } from './state.ts'
import { syncNode } from './sync-node.ts'
import { syncPod } from './sync-pod.ts'
import { refreshConfigMap, refreshSecret } from './volumes.ts'

/** The one that stands for the kubelets of all nodes, and for the scheduler. */
export type Kubelet = {
  readonly running: ReadonlyMap<string, RunningPod>
  /** Looks at a Pod again, after a test changed what it is to do. */
  readonly resync: (uid: string) => void
  readonly stop: () => Promise<void>
}

export function startKubelet(options: KubeletOptions): Kubelet {
  const { api, topology } = options
  const running = new Map<string, RunningPod>()
  const queue: KeyedQueue<string> = keyedQueue({
    handle: (key) => (key.startsWith('node/') ? syncNode(state, key.slice('node/'.length)) : syncPod(state, key)),
    // Into its own log: an outage of the API, which tests make on purpose, fails passes by the dozen.
    onFailure: (key, error) => noteFailure(state, key, error),
    concurrency: 4,
    backoff: { firstMs: 200, maxMs: 2000 },
    clock: systemClock,
    random: Math.random,
  })
  const state: KubeletState = {
    stopping: false,
    options,
    running,
    bindings: new Map(),
    queue,
    pods: follow<Pod>(api, '/api/v1/pods', (uid) => queue.add(uid)),
    nodes: follow<Node>(api, '/api/v1/nodes', () => {}),
    heartbeats: startHeartbeats({
      nodes: topology.nodes.map(({ name }) => ({ name, agentSocket: options.agentSocketOf(name) })),
      apiServer: { host: topology.fabric.address4, port: API_PORT },
      graceMs: options.nodeGraceMs,
      onChange: (node) => onNodeChange(state, node),
    }),
  }
  const probing = startProbing(state)
  const sources = followVolumeSources(state)
  return {
    running,
    resync: (uid) => queue.add(uid),
    stop: async () => {
      state.stopping = true
      probing.stop()
      const follows = [state.pods, state.nodes, ...sources]
      await Promise.all([...follows.map((each) => each.stop()), state.heartbeats.stop(), queue.stop()])
    },
  }
}

/** Brings what Pods have mounted up to date. */
function followVolumeSources({ options, running }: KubeletState): readonly Pick<Followed<KubeObject>, 'stop'>[] {
  const forAll = (refresh: (pod: Pod, folder: string) => void): void => {
    for (const { uid, pod } of running.values()) refresh(pod, volumeFolder(podFolder(options, uid)))
  }
  const configMaps = follow<ConfigMap>(options.api, '/api/v1/configmaps', (uid) => {
    const changed = configMaps.objects.get(uid)
    if (changed !== undefined) forAll((pod, folder) => refreshConfigMap(pod, folder, changed))
  })
  const secrets = follow<Secret>(options.api, '/api/v1/secrets', (uid) => {
    const changed = secrets.objects.get(uid)
    if (changed !== undefined) forAll((pod, folder) => refreshSecret(pod, folder, changed))
  })
  return [configMaps, secrets]
}

function noteFailure({ options, pods }: KubeletState, key: string, error: unknown): void {
  const pod = pods.objects.get(key)
  const what = pod === undefined ? key : keyOf(pod)
  const line = `${new Date().toISOString()} ${what}: ${error instanceof Error ? error.message : String(error)}\n`
  appendFileSync(kubeletLog(options.folder), line)
}

export function kubeletLog(folder: string): string {
  return join(folder, 'kubelet.log')
}

function onNodeChange({ queue, running }: KubeletState, node: string): void {
  queue.add(`node/${node}`)
  for (const { uid, node: home } of running.values()) if (home.name === node) queue.add(uid)
}
