import type { KubeObject, Service } from '@steelyard/model'

/** Kubernetes objects as the tests need them, and the paths they are created at. */
export const PRODUCT_NAMESPACE = 'metallb-system'

/** As it is created. */
export type NewObject = KubeObject & { readonly spec?: object; readonly stringData?: object; readonly type?: string }

export const PATHS = {
  services: '/api/v1/namespaces/default/services',
  pods: '/api/v1/namespaces/default/pods',
  endpointSlices: '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices',
  nodes: '/api/v1/nodes',
  pools: `/apis/metallb.io/v1beta1/namespaces/${PRODUCT_NAMESPACE}/ipaddresspools`,
  l2Advertisements: `/apis/metallb.io/v1beta1/namespaces/${PRODUCT_NAMESPACE}/l2advertisements`,
  l2Statuses: `/apis/metallb.io/v1beta1/namespaces/${PRODUCT_NAMESPACE}/servicel2statuses`,
  policies: '/apis/steelyard.dev/v1alpha1/speakerpolicies',
  configurationStates: `/apis/metallb.io/v1beta1/namespaces/${PRODUCT_NAMESPACE}/configurationstates`,
} as const

export function pool(name: string, addresses: readonly string[], more: object = {}): NewObject {
  return custom('IPAddressPool', name, { addresses, ...more })
}

export function l2Advertisement(name: string, spec: object): NewObject {
  return custom('L2Advertisement', name, spec)
}

/** The one that counts. */
export function speakerPolicy(spec: object): NewObject {
  return { apiVersion: 'steelyard.dev/v1alpha1', kind: 'SpeakerPolicy', metadata: { name: 'default' }, spec }
}

function custom(kind: string, name: string, spec: object): NewObject {
  return { apiVersion: 'metallb.io/v1beta1', kind, metadata: { name, namespace: PRODUCT_NAMESPACE }, spec }
}

/** A Pod of the lab's small web server on a given node: TCP and UDP on 8080. */
export function webPod(name: string, app: string, node: string): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { app } },
    spec: {
      nodeSelector: { 'kubernetes.io/hostname': node },
      containers: [
        {
          name: 'web',
          image: 'web',
          ports: [
            { containerPort: 8080, protocol: 'TCP' },
            { containerPort: 8080, protocol: 'UDP' },
          ],
        },
      ],
    },
  }
}

type Meta = {
  readonly annotations?: Readonly<Record<string, string>>
  readonly labels?: Readonly<Record<string, string>>
}

/** A LoadBalancer Service for `app: web` on port 80, unless `spec` says otherwise. */
export function service(name: string, spec: object = {}, meta: Meta = {}): Service {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'default', ...meta },
    spec: {
      type: 'LoadBalancer',
      selector: { app: 'web' },
      ports: [{ name: 'web', port: 80, targetPort: 8080 }],
      ...spec,
    },
  }
}

export function addressesOf({ status }: Service): readonly string[] {
  return (status?.loadBalancer?.ingress ?? []).flatMap(({ ip }) => ip ?? [])
}
