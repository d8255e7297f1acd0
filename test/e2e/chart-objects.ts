import { parseAllDocuments } from 'yaml'
import { type Outcome, run } from '../lab/command.ts'
import { findHelm } from '../lab/helm.ts'

const ROOT = new URL('../..', import.meta.url).pathname
export const CHART = `${ROOT}charts/steelyard`
/** A values file as people have it who come from MetalLB. */
export const METALLB_VALUES = `${ROOT}test/fixtures/metallb-values.yaml`

/** An object as an API server takes it. */
export type ManifestObject = {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly labels?: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
  }
}

export function objectsIn(text: string): readonly ManifestObject[] {
  return parseAllDocuments(text).flatMap((document) => {
    const object = (document as { toJS: () => ManifestObject | null }).toJS()
    return object ?? []
  })
}

export function keyOf({ kind, metadata: { name } }: ManifestObject): string {
  return `${kind} ${name}`
}

/** Helm, as it is; what it says of the symbolic link to the CRDs is no news. */
export async function helm(args: readonly string[], options: { readonly kubeconfig?: string } = {}): Promise<Outcome> {
  const program = await findHelm(() => {})
  const flags = options.kubeconfig === undefined ? [] : ['--kubeconfig', options.kubeconfig]
  const outcome = await run([program, ...args, ...flags], { timeoutMs: 120_000 })
  const lines = outcome.stderr.split('\n').filter((line) => !line.includes('found symbolic link'))
  return { ...outcome, stderr: lines.join('\n').trim() }
}

/** What the chart makes of flags and values. @throws Error when Helm refuses */
export async function rendered(...flags: readonly string[]): Promise<readonly ManifestObject[]> {
  const { status, stdout, stderr } = await helm(['template', 'rel', CHART, '--namespace=metallb-system', ...flags])
  if (status !== 0) throw new Error(stderr)
  return objectsIn(stdout)
}

/** `--set-json` for each of `values`, by its path. */
export function setting(values: Readonly<Record<string, unknown>>): readonly string[] {
  return Object.entries(values).map(([path, value]) => `--set-json=${path}=${JSON.stringify(value)}`)
}

/** Everything that is off by default. */
export const EVERYTHING: Readonly<Record<string, unknown>> = {
  loadBalancerClass: 'lab/lb',
  'controller.replicas': 2,
  'networkpolicies.enabled': true,
  'networkpolicies.defaultDeny': true,
  'prometheus.scrapeAnnotations': true,
  'prometheus.serviceAccount': 'prometheus',
  'prometheus.namespace': 'monitoring',
  'prometheus.podMonitor.enabled': true,
  'prometheus.prometheusRule.enabled': true,
  'prometheus.prometheusRule.addressPoolExhausted.excludePools': ['spare', 'old'],
  'tls.minVersion': 'VersionTLS12',
  'tls.curvePreferences': [29, 23],
  'tls.controllerMetricsTLSSecret': 'controller-tls',
  'tls.speakerMetricsTLSSecret': 'speaker-tls',
  'speaker.ignoreExcludeLB': true,
  'speaker.wanConfig': true,
  'speaker.secretName': 'ours',
  'speaker.runtimeClassName': 'runc',
  'speaker.command': '/speaker',
  'speaker.podAnnotations': { 'example.org/team': 'network' },
  'speaker.labels': { team: 'network' },
  'controller.affinity': { nodeAffinity: {} },
  'controller.extraContainers': [{ name: 'beside', image: 'registry.example/beside:1' }],
}

type Tree = unknown

/** The places where two values differ, each as a path, what one has, what the other. Absent is not the same as anything. */
export function differences(left: Tree, right: Tree, path = ''): readonly string[] {
  if (isTree(left) && isTree(right) && Array.isArray(left) === Array.isArray(right)) {
    const names = [...new Set([...Object.keys(left), ...Object.keys(right)])].toSorted()
    return names.flatMap((name) => differences(left[name], right[name], path === '' ? name : `${path}.${name}`))
  }
  return Object.is(left, right) ? [] : [path]
}

function isTree(value: Tree): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
