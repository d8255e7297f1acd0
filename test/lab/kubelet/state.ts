import { join } from 'node:path'
import type { Node } from '@steelyard/model'
import type { KeyedQueue } from '@steelyard/runtime'
import type { LabApi } from '../api.ts'
import type { Child } from '../child.ts'
import type { Journal } from '../journal.ts'
import type { NodeMachine, Topology } from '../topology.ts'
import type { ProgramForm } from './container.ts'
import type { Followed } from './follow.ts'
import type { Heartbeats } from './heartbeat.ts'
import type { Pod } from './pod.ts'
import type { PodPlace } from './pod-network.ts'

/** A Pod that runs on a node of the lab. */
export type RunningPod = {
  readonly uid: string
  readonly node: NodeMachine
  /** Undefined for a Pod on its node's network. */
  readonly place: PodPlace | undefined
  /** The namespace it runs in. */
  readonly namespace: string
  readonly podIps: readonly string[]
  pod: Pod
  child: Child | undefined
  startedAt: string
  restarts: number
  /** Earliest next start, on the clock of performance.now. */
  restartAt: number
  ready: boolean
  probeFailures: number
  /** Set by a test: overrides every probe. */
  forcedReady: boolean | undefined
  /** Set by a test: not started again when it ends. */
  held: boolean
  /** The state that was last written to the API. */
  written: string
}

export type KubeletOptions = {
  readonly topology: Topology
  readonly api: LabApi
  readonly journal: Journal
  readonly folder: string
  readonly form: ProgramForm
  readonly agentSocketOf: (machine: string) => string
  readonly nodeGraceMs: number
  readonly log: (line: string) => void
}

export type KubeletState = {
  /** From then on what ends has been ended by the lab. */
  stopping: boolean
  readonly options: KubeletOptions
  readonly running: Map<string, RunningPod>
  readonly pods: Followed<Pod>
  readonly nodes: Followed<Node>
  readonly heartbeats: Heartbeats
  /** The node given to each Pod, by uid: the watch tells of a binding too late for the next choice. */
  readonly bindings: Map<string, string>
  readonly queue: KeyedQueue<string>
}

export function podFolder({ folder }: KubeletOptions, uid: string): string {
  return join(folder, 'pods', uid)
}

/** What stands for the disk of a node. */
export function diskFolder({ folder }: KubeletOptions, node: string): string {
  return join(folder, 'disks', node)
}
