import type { Condition, ConfigMap, KubeObject } from '@steelyard/model'
import { ApiError } from '../api-error.ts'
import type { Api } from '../api.ts'
import type { Draft } from '../objects.ts'
import type { Resource } from '../resources.ts'

/** A server under test. Everything is asked for at the time of a test, when it is up. */
export type ContractSubject = {
  readonly api: () => Api
  /** An empty namespace of the suite's own. */
  readonly namespace: string
  /** Lets this much time pass for the server. */
  readonly pass: (ms: number) => Promise<void>
  /** Makes the server forget all but the present: older versions and pages are too old from now on. */
  readonly forget: () => Promise<void>
}

/** One thing that every `Api` does. Throws AssertionError when it does not. */
export type ContractCase = readonly [sentence: string, check: (subject: ContractSubject) => Promise<void>]

/** A custom resource with a status subresource; a real server gets its definition from the test that starts it. */
export type Gadget = KubeObject & {
  readonly spec?: Readonly<Record<string, unknown>>
  readonly status?: { readonly count?: number | bigint; readonly conditions?: readonly Condition[] }
}

export const GADGETS: Resource<Gadget> = {
  group: 'contract.steelyard.dev',
  version: 'v1',
  plural: 'gadgets',
  kind: 'Gadget',
  namespaced: true,
  status: true,
}

export const GADGET_DEFINITION = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'gadgets.contract.steelyard.dev' },
  spec: {
    group: GADGETS.group,
    scope: 'Namespaced',
    names: { plural: GADGETS.plural, singular: 'gadget', kind: GADGETS.kind, listKind: 'GadgetList' },
    versions: [
      {
        name: GADGETS.version,
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: { openAPIV3Schema: gadgetSchema() },
      },
    ],
  },
}

function gadgetSchema(): unknown {
  const text = { type: 'string' }
  const condition = {
    type: 'object',
    required: ['type', 'status'],
    properties: { type: text, status: text, reason: text, message: text },
  }
  const conditions = {
    type: 'array',
    items: condition,
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['type'],
  }
  return {
    type: 'object',
    properties: {
      spec: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
      status: { type: 'object', properties: { count: { type: 'integer', format: 'int64' }, conditions } },
    },
  }
}

export function gadget(namespace: string, name: string, spec: Readonly<Record<string, unknown>> = {}): Draft<Gadget> {
  return { apiVersion: 'contract.steelyard.dev/v1', kind: 'Gadget', metadata: { namespace, name }, spec }
}

export function configMap(
  namespace: string,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): Draft<ConfigMap> {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace, name, labels }, data: { name } }
}

/** For `assert.rejects`: an ApiError of this status and reason. */
export function refusal(status: number, reason: string): (error: unknown) => boolean {
  return (error) => {
    if (error instanceof ApiError && error.status === status && error.reason === reason) return true
    throw error
  }
}
