/**
 * What Steelyard reads of Kubernetes' own objects, as the API sends them. Everything is optional that
 * the API may leave out; fields nobody reads are not listed, but travel along in the object.
 */
export type Labels = Readonly<Record<string, string>>

export type OwnerReference = {
  readonly apiVersion: string
  readonly kind: string
  readonly name: string
  readonly uid: string
  readonly controller?: boolean
}

export type ObjectMeta = {
  readonly name: string
  readonly namespace?: string
  readonly generateName?: string
  readonly uid?: string
  readonly resourceVersion?: string
  readonly generation?: number
  readonly creationTimestamp?: string
  readonly deletionTimestamp?: string
  readonly labels?: Labels
  readonly annotations?: Readonly<Record<string, string>>
  readonly ownerReferences?: readonly OwnerReference[]
}

export type KubeObject = { readonly apiVersion: string; readonly kind: string; readonly metadata: ObjectMeta }

export type ServicePort = {
  readonly name?: string
  readonly protocol?: string
  readonly port: number
  readonly nodePort?: number
  readonly targetPort?: number | string
}
export type LoadBalancerIngress = { readonly ip?: string; readonly hostname?: string }

export type Service = KubeObject & {
  readonly spec?: {
    readonly type?: string
    readonly clusterIP?: string
    readonly clusterIPs?: readonly string[]
    readonly ipFamilies?: readonly string[]
    readonly ipFamilyPolicy?: string
    readonly ports?: readonly ServicePort[]
    readonly selector?: Labels
    readonly externalTrafficPolicy?: string
    readonly loadBalancerIP?: string
    readonly loadBalancerClass?: string
  }
  readonly status?: { readonly loadBalancer?: { readonly ingress?: readonly LoadBalancerIngress[] } }
}

export type Condition = {
  readonly type: string
  readonly status: string
  readonly reason?: string
  readonly message?: string
  readonly lastTransitionTime?: string
  /** The generation of the object that was looked at. */
  readonly observedGeneration?: number
}

export type NodeAddress = { readonly type: string; readonly address: string }
export type Node = KubeObject & {
  readonly spec?: { readonly unschedulable?: boolean }
  readonly status?: { readonly conditions?: readonly Condition[]; readonly addresses?: readonly NodeAddress[] }
}
export type Namespace = KubeObject
export type Pod = KubeObject & {
  readonly spec?: { readonly nodeName?: string }
  readonly status?: { readonly phase?: string; readonly podIP?: string; readonly conditions?: readonly Condition[] }
}

export type Endpoint = {
  readonly addresses: readonly string[]
  readonly nodeName?: string
  readonly conditions?: { readonly ready?: boolean; readonly serving?: boolean; readonly terminating?: boolean }
}
export type EndpointSlice = KubeObject & {
  readonly addressType: string
  /** The API sends null for an empty list. */
  readonly endpoints?: readonly Endpoint[] | null
}
export type Secret = KubeObject & { readonly type?: string; readonly data?: Readonly<Record<string, string>> }
export type ConfigMap = KubeObject & { readonly data?: Readonly<Record<string, string>> }
