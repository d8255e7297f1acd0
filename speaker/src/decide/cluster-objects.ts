import {
  type Condition,
  ENDPOINT_SLICE_SERVICE_LABEL,
  type EndpointSlice,
  type KubeObject,
  type Labels,
  NETWORK_UNAVAILABLE_CONDITION,
  type Node,
  type Pod,
  type Secret,
  servableEndpoints,
  type Service,
} from '@steelyard/model'
import { drainOf, MAINTENANCE_ANNOTATION } from './drain.ts'

/**
 * What a speaker keeps of each object. A cluster has many Nodes with long lists of images, and many Services
 * and EndpointSlices that are none of our business: this is where memory is won, and where a change that
 * alters nothing is told from one that does.
 */
export function trimService({ metadata, spec = {}, status }: Service): Service {
  const named = { apiVersion: 'v1', kind: 'Service', metadata: picked(metadata, IDENTITY) }
  if (spec.type !== 'LoadBalancer') return { ...named, spec: picked(spec, ['type']) }
  return {
    ...named,
    metadata: {
      ...picked(metadata, [...IDENTITY, 'labels', 'creationTimestamp', 'deletionTimestamp']),
      annotations: ownAnnotations(metadata.annotations ?? {}),
    },
    spec: picked(spec, ['type', 'externalTrafficPolicy', 'loadBalancerClass']),
    status: picked(status ?? {}, ['loadBalancer']),
  }
}

const IDENTITY = ['name', 'namespace', 'uid', 'resourceVersion'] as const

/** Those of the properties that are there. */
function picked<From extends object, Key extends keyof From>(from: From, keys: readonly Key[]): Pick<From, Key> {
  return Object.fromEntries(keys.flatMap((key) => (from[key] === undefined ? [] : [[key, from[key]]]))) as Pick<
    From,
    Key
  >
}

/** `kubectl apply` keeps the whole object once more in an annotation. */
function ownAnnotations(annotations: Labels): Labels {
  return Object.fromEntries(Object.entries(annotations).filter(([key]) => key.startsWith('metallb.')))
}

/** Of each node one servable endpoint, with its first address, and of the own node all: more no decision asks for. */
export function trimEndpointSlice(slice: EndpointSlice, ownNode: string): EndpointSlice {
  const { metadata, addressType } = slice
  const kept = new Map(
    servableEndpoints([slice])
      .toReversed()
      .map((endpoint) => [endpoint.node === ownNode ? `${ownNode} ${endpoint.address}` : endpoint.node, endpoint]),
  )
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { ...picked(metadata, ['name', 'namespace', 'resourceVersion']), labels: serviceLabel(metadata.labels) },
    addressType,
    endpoints: [...kept.values()]
      .map(({ node, address }) => ({ addresses: [address], ...(node === undefined ? {} : { nodeName: node }) }))
      .sort((a, b) => ((a.nodeName ?? '') < (b.nodeName ?? '') ? -1 : 1)),
  }
}

function serviceLabel(labels: Labels = {}): Labels {
  const service = labels[ENDPOINT_SLICE_SERVICE_LABEL]
  return service === undefined ? {} : { [ENDPOINT_SLICE_SERVICE_LABEL]: service }
}

/** Whether two trimmed slices send traffic to the same nodes, and to as many endpoints of the own one. */
export function sameServingNodes(a: EndpointSlice | undefined, b: EndpointSlice | undefined): boolean {
  return servingNodes(a) === servingNodes(b)
}

function servingNodes(slice: EndpointSlice | undefined): string {
  return (slice?.endpoints ?? []).map(({ nodeName }) => nodeName ?? '*').join(' ')
}

const READY_CONDITION = 'Ready'
const INTERNAL_IP = 'InternalIP'

export function trimNode({ metadata, spec, status }: Node): Node {
  const conditions = (status?.conditions ?? [])
    .filter(({ type }) => type === READY_CONDITION || type === NETWORK_UNAVAILABLE_CONDITION)
    .map(({ type, status: value }) => ({ type, status: value }))
  const asked = metadata.annotations?.[MAINTENANCE_ANNOTATION]
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      ...picked(metadata, [...IDENTITY, 'labels']),
      ...(asked === undefined ? {} : { annotations: { [MAINTENANCE_ANNOTATION]: asked } }),
    },
    ...(spec?.unschedulable === true ? { spec: { unschedulable: true } } : {}),
    status: { conditions, addresses: (status?.addresses ?? []).filter(({ type }) => type === INTERNAL_IP) },
  }
}

/** Absent counts as Ready: only hand-made Nodes lack the condition. */
export function isReadyNode(node: Node): boolean {
  return (conditionOf(node, READY_CONDITION) ?? 'True') === 'True'
}

export function isNetworkUnavailable(node: Node): boolean {
  return conditionOf(node, NETWORK_UNAVAILABLE_CONDITION) === 'True'
}

function conditionOf({ status }: Node, wanted: string): string | undefined {
  return status?.conditions?.find(({ type }: Condition) => type === wanted)?.status
}

/** Whether anything about a Node changed that a speaker looks at. A kubelet writes its status every few minutes. */
export function sameNode(a: Node | undefined, b: Node | undefined): boolean {
  if (a === undefined || b === undefined) return a === b
  return (
    isReadyNode(a) === isReadyNode(b) &&
    isNetworkUnavailable(a) === isNetworkUnavailable(b) &&
    sameForSpeakers(a, b) &&
    sameLabels(a.metadata.labels, b.metadata.labels)
  )
}

/** What speakers reach each other by, and what has them move addresses away. */
function sameForSpeakers(a: Node, b: Node): boolean {
  const [drainA, drainB] = [a, b].map((node) => drainOf(node, { drainUnschedulable: true }))
  const [mark, otherMark] = [a, b].map(({ metadata }) => metadata.annotations?.[MAINTENANCE_ANNOTATION])
  return drainA === drainB && mark === otherMark && addressesOf(a) === addressesOf(b)
}

function addressesOf({ status }: Node): string {
  return (status?.addresses ?? []).map(({ address }) => address).join(' ')
}

export function sameLabels(a: Labels = {}, b: Labels = {}): boolean {
  const keys = Object.keys(a)
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key])
}

export function trimPod({ metadata, spec = {}, status }: Pod): Pod {
  const ready = (status?.conditions ?? []).filter(({ type }) => type === READY_CONDITION)
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: picked(metadata, [...IDENTITY, 'labels', 'deletionTimestamp']),
    spec: picked(spec, ['nodeName']),
    status: { conditions: ready.map(({ type, status: value }) => ({ type, status: value })) },
  }
}

/** A status object of ours, or of another speaker: without what the API server notes down for itself. */
export function trimStatus<T extends KubeObject & { readonly status?: unknown }>(object: T): T {
  const { metadata, status } = object
  const kept = [
    ...IDENTITY,
    'creationTimestamp',
    'deletionTimestamp',
    'labels',
    'annotations',
    'ownerReferences',
  ] as const
  const { apiVersion, kind } = object
  return { apiVersion, kind, metadata: picked(metadata, kept), ...(status === undefined ? {} : { status }) } as T
}

/** Only its name and labels take part in decisions. */
export function trimNamespace<T extends KubeObject>({ apiVersion, kind, metadata }: T): T {
  return { apiVersion, kind, metadata: picked(metadata, [...IDENTITY, 'labels']) } as T
}

const BASIC_AUTH = 'kubernetes.io/basic-auth'

/** Passwords of BGP peers are kept, other Secrets' contents are not ours to hold: their type is enough to refuse them. */
export function trimSecret({ metadata, type, data }: Secret): Secret {
  const trimmed = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: picked(metadata, IDENTITY),
    ...(type === undefined ? {} : { type }),
  }
  return type === BASIC_AUTH && data !== undefined ? { ...trimmed, data } : trimmed
}

/** Whether a configuration object says the same: its spec is counted by the generation, its labels are not. */
export function sameConfigObject(a: KubeObject | undefined, b: KubeObject | undefined): boolean {
  if (a === undefined || b === undefined) return false
  const { generation } = a.metadata
  return (
    generation !== undefined &&
    generation === b.metadata.generation &&
    a.metadata.uid === b.metadata.uid &&
    sameLabels(a.metadata.labels, b.metadata.labels)
  )
}

/** A Secret that holds no password for us says nothing but that it is there. */
export function sameSecret(a: Secret | undefined, b: Secret | undefined): boolean {
  if (a === undefined || b === undefined || a.type !== b.type) return false
  return sameLabels(a.data, b.data)
}
