import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { parseAllDocuments } from 'yaml'

const ROOT = new URL('../..', import.meta.url).pathname
export const MANIFEST = `${ROOT}config/manifests/steelyard.yaml`
export const NAMESPACE = 'metallb-system'

export type Container = Readonly<Record<string, unknown>>
type PodSpec = {
  readonly serviceAccountName: string
  readonly hostNetwork?: boolean
  readonly priorityClassName?: string
  readonly terminationGracePeriodSeconds: number
  readonly tolerations?: readonly { readonly key: string; readonly effect: string }[]
  readonly volumes?: readonly { readonly name: string }[]
  readonly containers: readonly Container[]
}
export type Template = { readonly metadata: object; readonly spec: PodSpec }
export type Listed = {
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly labels?: Readonly<Record<string, string>>
  }
  readonly spec?: { readonly template?: Template }
  readonly data?: Readonly<Record<string, string>>
  readonly rules?: readonly { readonly resourceNames?: readonly string[] }[]
  readonly webhooks?: readonly Webhook[]
}
type Webhook = {
  readonly name: string
  readonly clientConfig: {
    readonly service: { readonly name: string; readonly path: string }
    readonly caBundle?: string
  }
  readonly rules: readonly Readonly<
    Record<'apiGroups' | 'apiVersions' | 'resources' | 'operations', readonly string[]>
  >[]
  readonly failurePolicy: string
  readonly sideEffects: string
  readonly matchPolicy: string
  readonly timeoutSeconds: number
  readonly admissionReviewVersions: readonly string[]
}

/** Every object of a manifest. */
export function objectsOf(file: string): readonly Listed[] {
  return parseAllDocuments(readFileSync(file, 'utf8')).map((document) => document.toJS() as Listed)
}

/** Every object of the shipped manifest. */
export const OBJECTS = objectsOf(MANIFEST)

export function find(kind: string, name: string): Listed {
  const found = OBJECTS.find((object) => object.kind === kind && object.metadata.name === name)
  assert.ok(found !== undefined, `the manifest has no ${kind} ${name}`)
  return found
}

function templateOf(kind: string, name: string): Template {
  const { template } = find(kind, name).spec ?? {}
  assert.ok(template !== undefined)
  return template
}

/** The Pods of the Deployment and of the DaemonSet. */
export const CONTROLLER = templateOf('Deployment', 'controller')
export const SPEAKER = templateOf('DaemonSet', 'speaker')
