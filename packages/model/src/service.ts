import { type Address, type Family, parseAddress } from '@steelyard/net'
import type { Labels, ObjectMeta, Service, ServicePort } from './kubernetes.ts'

export type TrafficPolicy = 'Cluster' | 'Local'
export type FamilyPolicy = 'SingleStack' | 'PreferDualStack' | 'RequireDualStack'

/** A Service as the decisions see it. Made by `viewService`; holds no reference to the object it came from. */
export type ServiceView = {
  /** `namespace/name`. */
  readonly key: string
  readonly namespace: string
  readonly name: string
  readonly uid: string
  /** RFC 3339, as the API has it. */
  readonly createdAt: string
  readonly deleting: boolean
  readonly labels: Labels
  readonly annotations: Readonly<Record<string, string>>
  readonly isLoadBalancer: boolean
  readonly loadBalancerClass: string | undefined
  /** Parsed; headless ("None") and unparseable entries are left out. */
  readonly clusterIps: readonly Address[]
  readonly primaryFamily: Family
  readonly familyPolicy: FamilyPolicy
  readonly trafficPolicy: TrafficPolicy
  readonly selector: Labels
  readonly ports: readonly ServicePort[]
  readonly specLoadBalancerIp: string | undefined
  /** `status.loadBalancer.ingress`, as it stands. */
  readonly ingress: readonly { readonly ip?: string; readonly hostname?: string }[]
}

type Spec = NonNullable<Service['spec']>
type Identity = Pick<
  ServiceView,
  'key' | 'namespace' | 'name' | 'uid' | 'createdAt' | 'deleting' | 'labels' | 'annotations'
>

/** What is wanted of this Service and what it has, copied out of the API's object. Never throws on what the API sends. */
export function viewService(service: Service): ServiceView {
  const spec = service.spec ?? {}
  return {
    ...identity(service.metadata),
    isLoadBalancer: spec.type === 'LoadBalancer',
    loadBalancerClass: spec.loadBalancerClass,
    clusterIps: clusterIps(spec),
    primaryFamily: spec.ipFamilies?.[0] === 'IPv6' ? 6 : 4,
    familyPolicy: familyPolicy(spec.ipFamilyPolicy),
    trafficPolicy: spec.externalTrafficPolicy === 'Local' ? 'Local' : 'Cluster',
    selector: { ...spec.selector },
    ports: (spec.ports ?? []).map((port) => ({ ...port, protocol: port.protocol ?? 'TCP' })),
    specLoadBalancerIp: spec.loadBalancerIP === '' ? undefined : spec.loadBalancerIP,
    ingress: (service.status?.loadBalancer?.ingress ?? []).map((entry) => ({ ...entry })),
  }
}

function identity(metadata: ObjectMeta): Identity {
  const namespace = metadata.namespace ?? ''
  return {
    key: `${namespace}/${metadata.name}`,
    namespace,
    name: metadata.name,
    uid: metadata.uid ?? '',
    createdAt: metadata.creationTimestamp ?? '',
    deleting: metadata.deletionTimestamp !== undefined,
    labels: { ...metadata.labels },
    annotations: { ...metadata.annotations },
  }
}

/** `clusterIP` counts only where the API server is too old, or a test too short, to fill `clusterIPs`. */
function clusterIps({ clusterIPs, clusterIP }: Spec): Address[] {
  const texts = clusterIPs ?? (clusterIP === undefined ? [] : [clusterIP])
  return texts.flatMap((text) => parseAddress(text) ?? [])
}

function familyPolicy(text: string | undefined): FamilyPolicy {
  return text === 'PreferDualStack' || text === 'RequireDualStack' ? text : 'SingleStack'
}
