import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { LabApiError } from '../api.ts'
import { startChild } from '../child.ts'
import type { NodeMachine } from '../topology.ts'
import { launchOf } from './container.ts'
import { chooseNode, keyOf, pathOf, type Pod, programOf, statusOf, uidOf } from './pod.ts'
import { choosePlace, connectPod, disconnectPod } from './pod-network.ts'
import { diskFolder, type KubeletState, podFolder, type RunningPod } from './state.ts'

/** A real kubelet's back-off begins at 10 s; nobody wants to wait that long here. */
const FIRST_RESTART_MS = 1000
const LONGEST_RESTART_MS = 10_000
const DEFAULT_GRACE_S = 30

/** One pass over one Pod: bind it, run it, write what it does, or take it away. */
export async function syncPod(state: KubeletState, uid: string): Promise<void> {
  const pod = state.pods.objects.get(uid)
  const running = state.running.get(uid)
  if (pod === undefined) return forget(state, uid, running)
  if (running !== undefined) running.pod = pod
  if (pod.spec.nodeName === undefined) return bind(state, pod)
  const node = state.options.topology.nodes.find(({ name }) => name === pod.spec.nodeName)
  return node === undefined ? undefined : syncOnNode(state, { pod, node, running })
}

type Seen = { readonly pod: Pod; readonly node: NodeMachine; readonly running: RunningPod | undefined }

async function syncOnNode(state: KubeletState, { pod, node, running }: Seen): Promise<void> {
  const isLost = state.heartbeats.isLost(node.name)
  // A kubelet that does not reach the API can write nothing; once its node counts as lost, others write for it.
  if (!isLost && !state.heartbeats.isReachable(node.name)) return
  if (pod.metadata.deletionTimestamp !== undefined) return isLost ? undefined : finish(state, pod, running)
  const kept = running ?? (await admit(state, pod, node))
  if (isDue(kept)) await start(state, kept)
  await writeStatus(state, kept)
}

async function bind({ options, nodes, bindings }: KubeletState, pod: Pod): Promise<void> {
  if (pod.metadata.deletionTimestamp !== undefined) return
  const node = bindings.get(uidOf(pod)) ?? chooseNode(pod, [...nodes.objects.values()], [...bindings.values()])
  if (node === undefined) throw new Error(`Pod ${keyOf(pod)}: no node fits`)
  bindings.set(uidOf(pod), node)
  const { name, namespace = '' } = pod.metadata
  const target = { apiVersion: 'v1', kind: 'Node', name: node }
  const binding = { apiVersion: 'v1', kind: 'Binding', metadata: { name, namespace }, target }
  await options.api.create(`${pathOf(pod)}/binding`, binding).catch(unlessStatus(409))
}

/** Gives the Pod its addresses and its namespace. */
async function admit({ options, running }: KubeletState, pod: Pod, node: NodeMachine): Promise<RunningPod> {
  const onNode = pod.spec.hostNetwork === true
  const taken = [...running.values()]
    .filter((other) => other.node.name === node.name)
    .map(({ place }) => place?.number ?? 0)
  const place = onNode
    ? undefined
    : choosePlace(node, new Set(taken), keyOf(pod).replace('/', '-'), options.topology.suffix)
  const uid = uidOf(pod)
  const admitted: RunningPod = {
    uid,
    node,
    place,
    namespace: place?.namespace ?? node.namespace,
    podIps: place === undefined ? [node.address4, node.address6] : [place.v4, place.v6],
    pod,
    child: undefined,
    startedAt: '',
    restarts: 0,
    restartAt: 0,
    ready: false,
    probeFailures: 0,
    forcedReady: undefined,
    held: false,
    written: '',
  }
  // Reserved before the first wait, so that two Pods are not given one address.
  running.set(uid, admitted)
  try {
    if (place !== undefined) await connectPod(node, place, options.journal)
  } catch (error) {
    running.delete(uid)
    throw error
  }
  return admitted
}

function isDue({ child, held, restartAt }: RunningPod): boolean {
  if (child !== undefined && child.ended() === undefined) return false
  return !held && performance.now() >= restartAt
}

async function start(state: KubeletState, running: RunningPod): Promise<void> {
  const { options } = state
  const { pod, node, podIps, uid } = running
  const folder = podFolder(options, uid)
  mkdirSync(folder, { recursive: true })
  const facts = { nodeName: node.name, hostIp: node.address4, podIps }
  const launch = await launchOf(
    { api: options.api, pod, facts },
    { namespace: running.namespace, folder, disk: diskFolder(options, node.name), form: options.form },
  )
  if (running.child !== undefined) running.restarts++
  const name = logNameOf(running)
  const child = startChild({
    ...launch,
    name,
    logFile: join(options.folder, `${name}.log`),
    graceMs: (pod.spec.terminationGracePeriodSeconds ?? DEFAULT_GRACE_S) * 1000,
    onStart: options.journal.addProcess,
  })
  const startedAt = performance.now()
  Object.assign(running, { child, startedAt: new Date().toISOString(), ready: false, probeFailures: 0 })
  void child.gone.then((how) => onEnd(state, running, { how, ranMs: performance.now() - startedAt }))
}

type End = { readonly how: string; readonly ranMs: number }

function onEnd(state: KubeletState, running: RunningPod, { how, ranMs }: End): void {
  if (state.stopping) return
  const { uid, pod, held, child } = running
  const delay = restartDelay(running, ranMs)
  Object.assign(running, { ready: false, restartAt: performance.now() + delay })
  const isExpected = held || !state.running.has(uid) || pod.metadata.deletionTimestamp !== undefined
  if (!isExpected) state.options.log(`${child?.name ?? ''} ended: ${how}`)
  state.queue.add(uid)
  if (!held) setTimeout(() => state.queue.add(uid), delay + 1).unref()
}

/** One that ran for a while is started again soon; one that keeps failing ever later. */
function restartDelay({ restarts }: RunningPod, ranMs: number): number {
  return ranMs > LONGEST_RESTART_MS
    ? FIRST_RESTART_MS
    : Math.min(LONGEST_RESTART_MS, FIRST_RESTART_MS * 2 ** Math.min(restarts, 5))
}

/** Speakers are known by their node; every other Pod has a name of its own. */
function logNameOf({ pod, node }: RunningPod): string {
  return programOf(pod) === 'speaker' ? `speaker-${node.name}` : pod.metadata.name
}

async function writeStatus({ options, heartbeats }: KubeletState, running: RunningPod): Promise<void> {
  const { pod, node, child, startedAt, restarts, podIps } = running
  const isRunning = child !== undefined && child.ended() === undefined
  const ready = isRunning && (running.forcedReady ?? running.ready) && !heartbeats.isLost(node.name)
  const podState = { ready, running: isRunning, startedAt, restarts, hostIp: node.address4, podIps }
  const wanted = JSON.stringify(podState)
  if (wanted === running.written) return
  await options.api.patch(`${pathOf(pod)}/status`, { status: statusOf(pod, podState, new Date().toISOString()) })
  running.written = wanted
}

/** The Pod has been asked to go: end it in its grace time, then let its object go. */
async function finish(state: KubeletState, pod: Pod, running: RunningPod | undefined): Promise<void> {
  const graceS = pod.spec.terminationGracePeriodSeconds ?? DEFAULT_GRACE_S
  if (running !== undefined) await tearDown(state, running, graceS)
  const body = { gracePeriodSeconds: 0, preconditions: { uid: uidOf(pod) } }
  await state.options.api.remove(pathOf(pod), body).catch(unlessStatus(404, 409))
}

function unlessStatus(...expected: readonly number[]): (error: unknown) => void {
  return (error) => {
    if (!(error instanceof LabApiError && expected.includes(error.status))) throw error
  }
}

/** The object is gone, by force or at the end of `finish`. */
async function forget(state: KubeletState, uid: string, running: RunningPod | undefined): Promise<void> {
  if (running !== undefined) await tearDown(state, running, 0)
  state.bindings.delete(uid)
}

async function tearDown({ options, running }: KubeletState, gone: RunningPod, graceS: number): Promise<void> {
  gone.held = true
  if (graceS === 0) gone.child?.kill('SIGKILL')
  await gone.child?.stop()
  if (gone.place !== undefined) await disconnectPod(gone.place)
  rmSync(podFolder(options, gone.uid), { recursive: true, force: true })
  running.delete(gone.uid)
}
