import type { Labels } from '@steelyard/model'
import { type Decoded, parseAddress } from '@steelyard/net'
import {
  COMMON_FLAGS,
  commonProblems,
  type FlagTable,
  type FlagValues,
  HIGHEST_PORT,
  IGNORED_FLAGS,
  ignoredWarnings,
  numberFlag,
  ownNamespace,
  readFlags,
  switchFlag,
  textFlag,
} from '@steelyard/program'
import type { MembershipOptions, SpeakerOptions } from './options.ts'

const LABEL = '[A-Za-z0-9]([-A-Za-z0-9_./]*[A-Za-z0-9])?=([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?'

/** Every flag that a speaker takes. */
export const SPEAKER_FLAGS = {
  'node-name': textFlag({
    placeholder: 'NAME',
    env: 'METALLB_NODE_NAME',
    required: true,
    help: 'the Node this speaker runs on',
  }),
  'ignore-exclude-lb': switchFlag({
    help: 'announce also from nodes labelled node.kubernetes.io/exclude-from-external-load-balancers',
  }),
  ...COMMON_FLAGS,
  'ml-labels': textFlag({
    placeholder: 'KEY=VALUE,…',
    env: 'METALLB_ML_LABELS',
    fallback: 'app=metallb,component=speaker',
    pattern: new RegExp(`^(${LABEL}(,${LABEL})*)?$`),
    accepts: 'a comma-separated list of key=value',
    help: "the labels of the speakers' Pods; empty = every node has one",
  }),
  'ml-bindaddr': {
    ...textFlag({
      placeholder: 'ADDRESS',
      env: 'METALLB_ML_BIND_ADDR',
      help: "the node's own address, for membership among speakers; empty = off",
    }),
    read: readAddressText,
  },
  'ml-bindport': numberFlag({
    placeholder: 'PORT',
    env: 'METALLB_ML_BIND_PORT',
    fallback: 7946,
    from: 1,
    to: HIGHEST_PORT,
    help: 'the port for membership among speakers',
  }),
  'ml-secret-key-path': textFlag({
    placeholder: 'DIR',
    env: 'METALLB_ML_SECRET_KEY_PATH',
    help: 'folder of the file secretkey, which seals membership; empty = nothing does',
  }),
  'ml-wan-config': switchFlag({ help: 'slower timing for membership over long distances' }),
  'state-dir': textFlag({
    placeholder: 'DIR',
    env: 'STEELYARD_STATE_DIR',
    help: 'a writable folder that keeps what is needed to start while the API server is away; empty = none',
  }),
  ...IGNORED_FLAGS,
} satisfies FlagTable

function readAddressText(text: string): Decoded<string> {
  const isAddress = text === '' || parseAddress(text) !== undefined
  return isAddress ? { ok: true, value: text } : { ok: false, reason: 'is not an IP address' }
}

export type SpeakerSettings = {
  readonly values: FlagValues<typeof SPEAKER_FLAGS>
  readonly options: SpeakerOptions
  /** Sentences for the log, once, at the start. */
  readonly warnings: readonly string[]
}

export type ReadSettings =
  | { readonly kind: 'settings'; readonly settings: SpeakerSettings }
  | { readonly kind: 'help' }
  | { readonly kind: 'refused'; readonly problems: readonly string[] }

type Source = {
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  /** For the namespace of the service account. */
  readonly readText?: (path: string) => string
}

/** What the command line, the environment and the service account say. */
export function readSettings({ args, env, readText }: Source): ReadSettings {
  const read = readFlags(SPEAKER_FLAGS, { args, env })
  if (read.kind !== 'values') return read
  const { values, given } = read
  const namespace = ownNamespace(values.namespace, readText)
  const problems = [...commonProblems(values), ...problemOf(namespace)]
  if (problems.length > 0 || !namespace.ok) return { kind: 'refused', problems }
  const options = optionsOf(values, namespace.value)
  return { kind: 'settings', settings: { values, options, warnings: warningsOf(values, given, env) } }
}

function problemOf(namespace: Decoded<string>): string[] {
  return namespace.ok ? [] : [namespace.reason]
}

function optionsOf(values: FlagValues<typeof SPEAKER_FLAGS>, namespace: string): SpeakerOptions {
  return {
    node: values['node-name'],
    namespace,
    podName: values['pod-name'],
    loadBalancerClass: values['lb-class'],
    ignoreExcludeLabel: values['ignore-exclude-lb'],
    speakerLabels: labelsOf(values['ml-labels']),
    membership: membershipOf(values),
  }
}

/** Without an address there is nothing to bind to, and without labels nobody says who belongs to it. */
function membershipOf(values: FlagValues<typeof SPEAKER_FLAGS>): MembershipOptions | undefined {
  const bindAddress = values['ml-bindaddr']
  if (bindAddress === '' || values['ml-labels'] === '') return undefined
  return {
    bindAddress,
    port: values['ml-bindport'],
    secretKeyPath: values['ml-secret-key-path'],
    wan: values['ml-wan-config'],
  }
}

function labelsOf(text: string): Labels {
  const pairs = text.split(',').filter((pair) => pair !== '')
  return Object.fromEntries(pairs.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]))
}

function warningsOf(values: FlagValues<typeof SPEAKER_FLAGS>, given: readonly string[], env: Source['env']): string[] {
  return [...ignoredWarnings({ given, env }), ...membershipWarnings(values)]
}

const OFF = 'membership is off: speakers must run on every node, and every known node counts as alive'

function membershipWarnings(values: FlagValues<typeof SPEAKER_FLAGS>): string[] {
  const empty = (['ml-labels', 'ml-bindaddr'] as const).filter((name) => values[name] === '')
  if (empty.length > 0) return [`${empty.map((name) => `--${name}`).join(' and ')} not given or empty: ${OFF}`]
  if (values['ml-secret-key-path'] !== '') return []
  return [
    '--ml-secret-key-path is not given: membership is not authenticated, so whoever reaches its port can take part',
  ]
}
