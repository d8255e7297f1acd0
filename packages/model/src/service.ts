import { type Address, type Family } from '@steelyard/net'
import type { Labels, ServicePort } from './kubernetes.ts'

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
