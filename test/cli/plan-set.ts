import type { KubeObject } from '@steelyard/model'
import { examplePoolObject } from '../../controller/src/testing/examples.ts'

/** A Service as a file has it. */
export type ServiceFile = {
  readonly annotations?: Readonly<Record<string, string>>
  readonly labels?: Readonly<Record<string, string>>
  readonly spec?: object
}

/** What is there at the start, and what a user then applies, one object after the other. */
export type PlanSet = {
  readonly name: string
  readonly pools: Readonly<Record<string, readonly [addresses: readonly string[], more?: object]>>
  /** In the order of their age. */
  readonly services: Readonly<Record<string, ServiceFile>>
  readonly applied?: readonly KubeObject[]
  readonly deleted?: readonly KubeObject[]
  /** Whether an address moves or goes. */
  readonly moves: boolean
  /** A real API server turns one of the objects down, by its schema, and takes the others. */
  readonly turnedDown?: true
}

export const pool = (name: string, addresses: readonly string[], more: object = {}): KubeObject =>
  examplePoolObject(name, addresses, more)
export const service = (key: string, { annotations = {}, labels = {}, spec = {} }: ServiceFile = {}): KubeObject => {
  const [namespace = '', name = ''] = key.split('/')
  const whole = { type: 'LoadBalancer', selector: { app: name }, ports: [{ protocol: 'TCP', port: 80 }], ...spec }
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace, annotations, labels },
    spec: whole,
  } as KubeObject
}
export const namespace = (name: string, labels: Readonly<Record<string, string>>): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, labels },
})

export const IPS = 'metallb.io/loadBalancerIPs'
export const POOL = 'metallb.io/address-pool'
export const SHARE = 'metallb.io/allow-shared-ip'
export const port = (number: number): object => ({ ports: [{ protocol: 'TCP', port: number }] })
export const DUAL = { ipFamilyPolicy: 'RequireDualStack', ipFamilies: ['IPv4', 'IPv6'] }
export const TWO = { 'default/a': {}, 'default/b': {} }
export const ROOMY = { first: [['192.0.2.8/29']] } as const
export const TIGHT = { first: [['192.0.2.8/31']] } as const
