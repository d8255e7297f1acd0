import type { Node } from '@steelyard/model'
import { keyedQueue, type KeyedQueue, systemClock } from '@steelyard/runtime'
import { API_PORT } from '../topology.ts'
import { follow } from './follow.ts'
import { startHeartbeats } from './heartbeat.ts'
import type { Pod } from './pod.ts'
import { startProbing } from './probing.ts'
import type { KubeletOptions, KubeletState, RunningPod } from './state.ts'
import { syncNode } from './sync-node.ts'
import { syncPod } from './sync-pod.ts'

/** The one that stands for the kubelets of all nodes, and for the scheduler. */
export type Kubelet = {
  readonly running: ReadonlyMap<string, RunningPod>
  /** Looks at a Pod again, after a test changed what it is to do. */
  readonly resync: (uid: string) => void
  readonly stop: () => Promise<void>
}

export function startKubelet(options: KubeletOptions): Kubelet {
  const { api, topology, log } = options
  const running = new Map<string, RunningPod>()
  const queue: KeyedQueue<string> = keyedQueue({
    handle: (key) => (key.startsWith('node/') ? syncNode(state, key.slice('node/'.length)) : syncPod(state, key)),
    onFailure: (key, error) => log(`kubelet: ${key}: ${error instanceof Error ? error.message : String(error)}`),
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
  return {
    running,
    resync: (uid) => queue.add(uid),
    stop: async () => {
      state.stopping = true
      probing.stop()
      await Promise.all([state.pods.stop(), state.nodes.stop(), state.heartbeats.stop(), queue.stop()])
    },
  }
}

function onNodeChange({ queue, running }: KubeletState, node: string): void {
  queue.add(`node/${node}`)
  for (const { uid, node: home } of running.values()) if (home.name === node) queue.add(uid)
}
