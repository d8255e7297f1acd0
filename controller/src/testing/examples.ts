import {
  compileController,
  type KubeObject,
  type Pool,
  type Service,
  type ServiceView,
  viewService,
} from '@steelyard/model'

type Spec = NonNullable<Service['spec']>

/** What differs from the plainest Service that wants one IPv4 address. */
export type ServiceExample = {
  readonly uid?: string
  readonly createdAt?: string
  readonly annotations?: Readonly<Record<string, string>>
  readonly labels?: Readonly<Record<string, string>>
  readonly spec?: Spec
  /** Addresses in the status. */
  readonly ips?: readonly string[]
  readonly ingress?: readonly { readonly ip?: string; readonly hostname?: string; readonly ipMode?: string }[]
}

const CLUSTER_IPS = { 4: '10.96.0.1', 6: 'fd00:96::1' } as const

export const IPV4_ONLY: Spec = { clusterIPs: [CLUSTER_IPS[4]], ipFamilies: ['IPv4'] }
export const IPV6_ONLY: Spec = { clusterIPs: [CLUSTER_IPS[6]], ipFamilies: ['IPv6'] }
export const DUAL = {
  clusterIPs: [CLUSTER_IPS[4], CLUSTER_IPS[6]],
  ipFamilies: ['IPv4', 'IPv6'],
  ipFamilyPolicy: 'RequireDualStack',
} satisfies Spec
export const PREFER_DUAL = { ...DUAL, ipFamilyPolicy: 'PreferDualStack' } satisfies Spec

export function exampleService(key: string, example: ServiceExample = {}): Service {
  const [namespace = '', name = ''] = key.split('/')
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { namespace, name, ...exampleMetadata(key, example) },
    spec: {
      type: 'LoadBalancer',
      ...IPV4_ONLY,
      ports: [{ protocol: 'TCP', port: 80 }],
      selector: { app: name },
      ...example.spec,
    },
    status: { loadBalancer: exampleStatus(example) },
  }
}

function exampleMetadata(key: string, example: ServiceExample): object {
  const { uid = `uid of ${key}`, createdAt = '2026-01-01T00:00:00Z', annotations = {}, labels = {} } = example
  return { uid, creationTimestamp: createdAt, annotations, labels }
}

function exampleStatus({ ips, ingress = ips?.map((ip) => ({ ip })) }: ServiceExample): object {
  return ingress === undefined ? {} : { ingress }
}

export function exampleView(key: string, example: ServiceExample = {}): ServiceView {
  return viewService(exampleService(key, example))
}

export function examplePoolObject(name: string, addresses: readonly string[], more: object = {}): KubeObject {
  return {
    apiVersion: 'metallb.io/v1beta1',
    kind: 'IPAddressPool',
    metadata: { name, namespace: 'metallb-system' },
    spec: { addresses, ...more },
  } as KubeObject
}

export type PoolSpec = {
  readonly addresses: readonly string[]
  readonly autoAssign?: boolean
  readonly avoidBuggyIPs?: boolean
  readonly serviceAllocation?: object
}
/** By name: the lines of a plain pool, or a whole spec. */
export type PoolExamples = Readonly<Record<string, readonly string[] | PoolSpec>>

/** Pools as the configuration has them, read from objects. There are the namespaces `default` and `shop`. */
export function examplePools(examples: PoolExamples): readonly Pool[] {
  const pools = Object.entries(examples).map(([name, spec]) =>
    'addresses' in spec ? examplePoolObject(name, spec.addresses, spec) : examplePoolObject(name, spec),
  )
  const namespaces = ['default', 'shop'].map((name) => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, labels: { 'kubernetes.io/metadata.name': name } },
  }))
  const compiled = compileController({ pools, communities: [], namespaces })
  if (!compiled.ok) throw new Error(compiled.problems.map(({ message }) => message).join('; '))
  return compiled.config.pools
}
