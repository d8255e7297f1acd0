import type { Condition, KubeObject, Labels, Node } from '@steelyard/model'

/** What the lab's kubelet reads of a Pod. */
export type Pod = KubeObject & {
  readonly spec: {
    readonly nodeName?: string
    readonly hostNetwork?: boolean
    readonly serviceAccountName?: string
    readonly securityContext?: { readonly runAsUser?: number }
    readonly containers: readonly Container[]
    readonly volumes?: readonly Volume[]
    readonly nodeSelector?: Labels
    readonly affinity?: {
      readonly nodeAffinity?: { readonly requiredDuringSchedulingIgnoredDuringExecution?: NodeTerms }
    }
    readonly terminationGracePeriodSeconds?: number
  }
  readonly status?: { readonly phase?: string; readonly conditions?: readonly Condition[] }
}

export type Container = {
  readonly name: string
  readonly image: string
  readonly command?: readonly string[]
  readonly args?: readonly string[]
  readonly env?: readonly EnvironmentVariable[]
  readonly ports?: readonly { readonly containerPort: number; readonly protocol?: string; readonly name?: string }[]
  readonly readinessProbe?: { readonly httpGet?: HttpProbe; readonly failureThreshold?: number }
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[]
  readonly securityContext?: {
    readonly runAsUser?: number
    readonly readOnlyRootFilesystem?: boolean
    readonly capabilities?: { readonly add?: readonly string[]; readonly drop?: readonly string[] }
  }
}

export type HttpProbe = { readonly path?: string; readonly port: number | string; readonly host?: string }

export type EnvironmentVariable = {
  readonly name: string
  readonly value?: string
  readonly valueFrom?: {
    readonly fieldRef?: { readonly fieldPath: string }
    readonly secretKeyRef?: KeyRef
    readonly configMapKeyRef?: KeyRef
  }
}
export type KeyRef = { readonly name: string; readonly key: string; readonly optional?: boolean }

export type Volume = {
  readonly name: string
  readonly configMap?: { readonly name: string; readonly optional?: boolean }
  readonly secret?: { readonly secretName: string; readonly optional?: boolean }
  readonly emptyDir?: object
  readonly hostPath?: { readonly path: string; readonly type?: string }
  readonly projected?: { readonly sources: readonly ProjectedSource[] }
}
export type ProjectedSource = {
  readonly serviceAccountToken?: { readonly path: string; readonly expirationSeconds?: number }
  readonly configMap?: {
    readonly name: string
    readonly items?: readonly { readonly key: string; readonly path: string }[]
  }
  readonly downwardAPI?: {
    readonly items: readonly { readonly path: string; readonly fieldRef: { readonly fieldPath: string } }[]
  }
}

type NodeTerms = { readonly nodeSelectorTerms: readonly NodeTerm[] }
type NodeTerm = { readonly matchFields?: readonly { readonly key: string; readonly values: readonly string[] }[] }

export function keyOf({ metadata }: KubeObject): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`
}

export function uidOf({ metadata }: KubeObject): string {
  return metadata.uid ?? ''
}

export function pathOf(pod: KubeObject): string {
  return `/api/v1/namespaces/${pod.metadata.namespace ?? ''}/pods/${pod.metadata.name}`
}

/** The lab runs one container of a Pod, the first. */
export function containerOf(pod: Pod): Container {
  const [container] = pod.spec.containers
  if (container === undefined) throw new Error(`Pod ${keyOf(pod)} has no container`)
  return container
}

/** Which of our programs the Pod is to run, by the labels of the shipped manifests; undefined: any other Pod, which the lab plays with its small web server. */
export function programOf(pod: Pod): 'controller' | 'speaker' | undefined {
  const { app, component } = pod.metadata.labels ?? {}
  return app === 'metallb' && (component === 'controller' || component === 'speaker') ? component : undefined
}

/**
 * The scheduler's part, no more of it than the lab needs: the nodes that the Pod's node selector and the
 * DaemonSet controller's pin allow, then the one with the fewest Pods, then by name.
 * @param taken the node of every Pod bound so far
 * @returns undefined when no node fits
 */
export function chooseNode(pod: Pod, nodes: readonly Node[], taken: readonly string[]): string | undefined {
  const load = (name: string): number => taken.filter((node) => node === name).length
  const fitting = nodes
    .filter((node) => selects(pod.spec.nodeSelector ?? {}, node) && isPinned(pod, node.metadata.name))
    .map(({ metadata: { name } }) => ({ name, load: load(name) }))
    .sort((a, b) => a.load - b.load || a.name.localeCompare(b.name, 'en', { numeric: true }))
  return fitting[0]?.name
}

function selects(selector: Labels, node: Node): boolean {
  return Object.entries(selector).every(([key, value]) => node.metadata.labels?.[key] === value)
}

/** The DaemonSet controller names the node by a term on the field metadata.name. */
function isPinned(pod: Pod, nodeName: string): boolean {
  const terms = pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms
  const fields = terms?.flatMap(({ matchFields }) => matchFields ?? []) ?? []
  return fields.every(({ key, values }) => key !== 'metadata.name' || values.includes(nodeName))
}

/** The facts of a Pod that its environment and files may ask for by path. */
export type PodFacts = { readonly nodeName: string; readonly hostIp: string; readonly podIps: readonly string[] }

type FieldReader = (pod: Pod, facts: PodFacts) => string | undefined

const FIELDS: Readonly<Record<string, FieldReader>> = {
  'metadata.name': ({ metadata }) => metadata.name,
  'metadata.namespace': ({ metadata }) => metadata.namespace,
  'metadata.uid': ({ metadata }) => metadata.uid,
  'spec.nodeName': (_pod, { nodeName }) => nodeName,
  'spec.serviceAccountName': ({ spec }) => spec.serviceAccountName,
  'status.hostIP': (_pod, { hostIp }) => hostIp,
  'status.podIP': (_pod, { podIps }) => podIps[0],
  'status.podIPs': (_pod, { podIps }) => podIps.join(','),
}

/** Resolves a `fieldRef` as Kubernetes does. @throws Error for a path that does not exist there */
export function fieldOf(pod: Pod, path: string, facts: PodFacts): string {
  const read = FIELDS[path]
  if (read !== undefined) return read(pod, facts) ?? ''
  const [, kind, key = ''] = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(path) ?? []
  if (kind === 'labels' || kind === 'annotations') return pod.metadata[kind]?.[key] ?? ''
  throw new Error(`Pod ${keyOf(pod)}: the field path ${path} is not known`)
}

export type PodState = {
  readonly ready: boolean
  readonly running: boolean
  readonly startedAt: string
  readonly restarts: number
  readonly hostIp: string
  readonly podIps: readonly string[]
}

/** The status as a kubelet writes it. `since` is the time of this change. */
export function statusOf(pod: Pod, state: PodState, since: string): object {
  const container = containerOf(pod)
  const before = pod.status?.conditions ?? []
  const conditions = Object.entries({
    PodScheduled: true,
    PodReadyToStartContainers: true,
    Initialized: true,
    ContainersReady: state.ready,
    Ready: state.ready,
  }).map(([type, is]) => condition(type, is, { before, since }))
  return {
    phase: 'Running',
    conditions,
    hostIP: state.hostIp,
    hostIPs: [{ ip: state.hostIp }],
    podIP: state.podIps[0],
    podIPs: state.podIps.map((ip) => ({ ip })),
    startTime: state.startedAt,
    containerStatuses: [
      {
        name: container.name,
        image: container.image,
        imageID: '',
        ready: state.ready,
        started: state.running,
        restartCount: state.restarts,
        state: state.running
          ? { running: { startedAt: state.startedAt } }
          : { waiting: { reason: 'CrashLoopBackOff', message: 'the program has ended' } },
      },
    ],
  }
}

function condition(
  type: string,
  is: boolean,
  { before, since }: { before: readonly Condition[]; since: string },
): Condition {
  const status = is ? 'True' : 'False'
  const old = before.find((candidate) => candidate.type === type)
  const lastTransitionTime = old?.status === status ? (old.lastTransitionTime ?? since) : since
  return { type, status, lastTransitionTime }
}
