import { ANNOTATIONS, type KubeObject, type Service } from '@steelyard/model'
import { type ClusterObjects, type ObjectKey } from './cluster-objects.ts'

/** One object that a user means to apply, or to delete. */
export type Change =
  | { readonly kind: 'apply'; readonly object: KubeObject }
  | { readonly kind: 'delete'; readonly object: KubeObject }

/** The kinds that change what Services have, and where they are kept. */
const KEY_OF_KIND: Readonly<Record<string, ObjectKey>> = {
  Service: 'services',
  Namespace: 'namespaces',
  Node: 'nodes',
  Secret: 'secrets',
  EndpointSlice: 'endpointSlices',
  IPAddressPool: 'pools',
  Community: 'communities',
  L2Advertisement: 'l2Advertisements',
  BGPAdvertisement: 'bgpAdvertisements',
  BGPPeer: 'bgpPeers',
  BFDProfile: 'bfdProfiles',
  BGPPeerPolicy: 'bgpPeerPolicies',
  SpeakerPolicy: 'speakerPolicies',
}
const CLUSTER_WIDE: ReadonlySet<string> = new Set(['Namespace', 'Node', 'SpeakerPolicy'])
/** Kinds that count in any namespace; those of others only in the product's own. */
const ANYWHERE: ReadonlySet<string> = new Set(['Service', 'EndpointSlice', ...CLUSTER_WIDE])

/** Where objects of this kind are kept; undefined = they change nothing here. */
export function keyOfKind({ kind, apiVersion }: Pick<KubeObject, 'kind' | 'apiVersion'>): ObjectKey | undefined {
  const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : ''
  const isKnown = group === '' || group === 'discovery.k8s.io' || group === 'metallb.io' || group === 'steelyard.dev'
  return isKnown ? KEY_OF_KIND[kind] : undefined
}

/** What of the change counts: undefined = nothing, it is another kind, or in a namespace nobody reads. */
export function keyOfChange({ object }: Change, productNamespace: string): ObjectKey | undefined {
  const key = keyOfKind(object)
  if (key === undefined || ANYWHERE.has(object.kind)) return key
  return object.metadata.namespace === productNamespace ? key : undefined
}

/** As `kubectl apply` fills it in: the namespace of the context, where a namespaced object names none. */
export function inNamespace(object: KubeObject, namespace: string): KubeObject {
  if (CLUSTER_WIDE.has(object.kind) || (object.metadata.namespace ?? '') !== '') return object
  return { ...object, metadata: { ...object.metadata, namespace } }
}

/** The objects after the change, and the changed one as it will stand. */
export type Changed = { readonly objects: ClusterObjects; readonly now: KubeObject | undefined }

export function changed(objects: ClusterObjects, change: Change, key: ObjectKey): Changed {
  const list: readonly KubeObject[] = objects[key]
  const before = list.find((one) => isSame(one, change.object))
  const now = change.kind === 'delete' ? undefined : applied(before, change.object)
  const others = list.filter((one) => one !== before)
  return { now, objects: { ...objects, [key]: now === undefined ? others : [...others, now] } }
}

function isSame(a: KubeObject, b: KubeObject): boolean {
  return a.metadata.name === b.metadata.name && (a.metadata.namespace ?? '') === (b.metadata.namespace ?? '')
}

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration'

/** What `kubectl apply` makes of an object: what the file has, without what it once had, on top of what others set. */
export function applied(before: KubeObject | undefined, file: KubeObject): KubeObject {
  if (before === undefined) return created(file)
  const { status: _, ...wanted } = file as KubeObject & { readonly status?: unknown }
  return merged(before, wanted, onceApplied(before)) as KubeObject
}

type Managed = {
  readonly managedFields?: readonly {
    readonly operation?: string
    readonly manager?: string
    readonly fieldsV1?: unknown
  }[]
}

/** What the file had when it was applied before: as kubectl noted it down, or as the server did (server-side apply). */
function onceApplied({ metadata }: KubeObject): unknown {
  const text = metadata.annotations?.[LAST_APPLIED]
  if (text !== undefined) return parsed(text)
  const entries = (metadata as Managed).managedFields ?? []
  return fieldNames(entries.find(({ operation, manager }) => operation === 'Apply' && manager === 'kubectl')?.fieldsV1)
}

/** `f:spec: { f:addresses: {} }` as `spec: { addresses: {} }`; what stands in lists goes with its list. */
function fieldNames(fields: unknown): unknown {
  if (!isFields(fields)) return undefined
  const named = Object.entries(fields).filter(([key]) => key.startsWith('f:'))
  return Object.fromEntries(named.map(([key, inner]) => [key.slice(2), fieldNames(inner)]))
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

type Fields = Readonly<Record<string, unknown>>
const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Three ways: mappings by key, all else whole. */
function merged(live: unknown, file: unknown, last: unknown): unknown {
  if (!isFields(file) || !isFields(live)) return file
  const once = isFields(last) ? last : {}
  const kept = Object.entries(live).flatMap(([key, value]): [string, unknown][] => {
    if (key in file) return []
    return key in once ? withoutOnce(key, value, once[key]) : [[key, value]]
  })
  const given = Object.entries(file).flatMap(([key, value]): [string, unknown][] =>
    value === null ? [] : [[key, merged(live[key], value, once[key])]],
  )
  return Object.fromEntries([...kept, ...given])
}

/** The file had it once and has it no more: of a mapping goes what came from the file. */
function withoutOnce(key: string, value: unknown, once: unknown): [string, unknown][] {
  if (!isFields(value) || !isFields(once) || Object.keys(once).length === 0) return []
  return [[key, merged(value, {}, once)]]
}

/** Nobody's address is believed of an object that is not there yet; younger than all that are. */
function created(file: KubeObject): KubeObject {
  const { status: _, ...rest } = file as KubeObject & { readonly status?: unknown }
  const { [ANNOTATIONS.allocatedFromPool]: __, ...annotations } = file.metadata.annotations ?? {}
  const metadata = { creationTimestamp: '9999-01-01T00:00:00Z', ...file.metadata, annotations }
  return { ...rest, metadata }
}

/** The families of a cluster's Services, the primary one first, as its Services show. */
export function clusterFamilies(services: readonly Service[]): readonly ('IPv4' | 'IPv6')[] {
  const kubernetes = services.find(({ metadata }) => metadata.name === 'kubernetes' && metadata.namespace === 'default')
  const primary = familyOf(kubernetes?.spec?.clusterIP ?? kubernetes?.spec?.clusterIPs?.[0]) ?? 'IPv4'
  const other = primary === 'IPv4' ? 'IPv6' : 'IPv4'
  const isDual = services.some(({ spec }) => (spec?.clusterIPs ?? []).some((ip) => familyOf(ip) === other))
  return isDual ? [primary, other] : [primary]
}

function familyOf(ip: string | undefined): 'IPv4' | 'IPv6' | undefined {
  if (ip === undefined || ip === '' || ip === 'None') return undefined
  return ip.includes(':') ? 'IPv6' : 'IPv4'
}

/** Which addresses they will be nobody knows; of which family they will be decides. */
const STAND_IN = { IPv4: '0.0.0.0', IPv6: '::' } as const

/** A Service with the cluster IPs that the API server would give it. */
export function withClusterIps(service: Service, families: readonly ('IPv4' | 'IPv6')[]): Service {
  const { spec = {} } = service
  if (hasClusterIps(spec) || spec.type === 'ExternalName') return service
  const given = familiesFor(spec, families)
  return { ...service, spec: { ...spec, clusterIPs: given.map((one) => STAND_IN[one]), ipFamilies: given } }
}

type Spec = NonNullable<Service['spec']>

function hasClusterIps({ clusterIPs = [], clusterIP = '' }: Spec): boolean {
  return clusterIPs.length > 0 || clusterIP !== ''
}

function familiesFor(
  { ipFamilies = [], ipFamilyPolicy }: Spec,
  families: readonly ('IPv4' | 'IPv6')[],
): readonly ('IPv4' | 'IPv6')[] {
  const asked = ipFamilies.filter((one): one is 'IPv4' | 'IPv6' => one === 'IPv4' || one === 'IPv6')
  const order = asked.length > 0 ? [...new Set([...asked, ...families])] : families
  const isDual = ipFamilyPolicy === 'RequireDualStack' || ipFamilyPolicy === 'PreferDualStack'
  return order.slice(0, isDual || asked.length > 1 ? 2 : 1)
}
