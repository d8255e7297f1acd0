import type { ConfigObject, ServiceL2Status } from '@steelyard/kube'
import type { EndpointSlice, Labels, Namespace, Node, Pod, Service } from '@steelyard/model'

export const NAMESPACE = 'metallb-system'

type ServiceParts = {
  readonly ips?: readonly string[]
  readonly namespace?: string
  readonly labels?: Labels
  readonly annotations?: Labels
  readonly spec?: Service['spec']
  readonly createdAt?: string
}

/** A Service of type LoadBalancer that has its addresses. */
export function service(name: string, parts: ServiceParts = {}): Service {
  const { ips = [], namespace = 'shop', labels = {}, annotations = {}, spec = {}, createdAt } = parts
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name,
      namespace,
      uid: `uid-${namespace}-${name}`,
      labels,
      annotations,
      creationTimestamp: createdAt ?? '2026-01-01T00:00:00Z',
    },
    spec: { type: 'LoadBalancer', externalTrafficPolicy: 'Cluster', ...spec },
    status: { loadBalancer: { ingress: ips.map((ip) => ({ ip })) } },
  }
}

type Conditions = { readonly ready?: boolean; readonly serving?: boolean; readonly terminating?: boolean }

/** The one EndpointSlice of a Service: an endpoint on each node, all in the same condition. */
export function slice(
  serviceName: string,
  nodes: readonly (string | undefined)[],
  conditions: Conditions = { ready: true },
): EndpointSlice {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: `${serviceName}-1`, namespace: 'shop', labels: { 'kubernetes.io/service-name': serviceName } },
    addressType: 'IPv4',
    endpoints: nodes.map((node, index) => ({
      addresses: [`10.244.0.${index + 1}`],
      conditions,
      ...(node === undefined ? {} : { nodeName: node }),
    })),
  }
}

export function node(name: string, labels: Labels = {}, conditions: Readonly<Record<string, string>> = {}): Node {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { 'kubernetes.io/hostname': name, ...labels } },
    status: {
      conditions: Object.entries({ Ready: 'True', ...conditions }).map(([type, status]) => ({ type, status })),
    },
  }
}

export function speakerPod(nodeName: string, ready = 'True'): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `speaker-${nodeName}`,
      namespace: NAMESPACE,
      uid: `pod-${nodeName}`,
      labels: { app: 'metallb', component: 'speaker' },
    },
    spec: { nodeName },
    status: { conditions: [{ type: 'Ready', status: ready }] },
  }
}

export function namespaceObject(name: string): Namespace {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: {} } }
}

export function pool(name: string, addresses: readonly string[], labels: Labels = {}): ConfigObject {
  return config('IPAddressPool', name, { addresses }, labels)
}

export function l2Advertisement(name: string, spec: object = {}): ConfigObject {
  return config('L2Advertisement', name, spec)
}

export function config(kind: string, name: string, spec: object, labels: Labels = {}): ConfigObject {
  const version = kind === 'BGPPeer' ? 'v1beta2' : 'v1beta1'
  return { apiVersion: `metallb.io/${version}`, kind, metadata: { name, namespace: NAMESPACE, labels }, spec }
}

/** As another speaker would have written it. */
export function l2Status(name: string, about: string, on: string): ServiceL2Status {
  const labels = {
    'metallb.io/node': on,
    'metallb.io/service-name': about,
    'metallb.io/service-namespace': 'shop',
  }
  const status = { node: on, serviceName: about, serviceNamespace: 'shop', interfaces: [] }
  return {
    apiVersion: 'metallb.io/v1beta1',
    kind: 'ServiceL2Status',
    metadata: { name, namespace: NAMESPACE, labels },
    status,
  }
}
