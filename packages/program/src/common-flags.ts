import { HEALTH_PORT, HIGHEST_PORT, METRICS_PORT } from './constants.ts'
import { choiceFlag, numberFlag, switchFlag, textFlag } from './flag-kinds.ts'
import type { FlagTable } from './flags.ts'
import { LOG_LEVELS, type LogLevel } from './logger.ts'
import { readGroups, readSuites, type TlsVersion } from './tls-settings.ts'

/** The flags of both programs. */
export const COMMON_FLAGS = {
  kubeconfig: textFlag({
    placeholder: 'FILE',
    help: "how to reach the API server; without it $KUBECONFIG, else the pod's own service account",
  }),
  namespace: textFlag({
    placeholder: 'NAME',
    env: 'METALLB_NAMESPACE',
    help: "the namespace whose configuration objects count; without it that of the pod's service account",
  }),
  'pod-name': textFlag({
    placeholder: 'NAME',
    env: 'METALLB_POD_NAME',
    help: 'the own Pod, owner of the status objects this program writes',
  }),
  'lb-class': textFlag({
    placeholder: 'CLASS',
    help: 'serve only Services of this loadBalancerClass; without it only Services that have none',
  }),
  'log-level': choiceFlag<LogLevel>({
    choices: LOG_LEVELS,
    fallback: 'info',
    help: 'the least important lines to be written',
  }),
  'health-probe-port': numberFlag({
    placeholder: 'PORT',
    fallback: HEALTH_PORT,
    from: 0,
    to: HIGHEST_PORT,
    help: 'port of /healthz and /readyz; 0 = none',
  }),
  port: numberFlag({
    placeholder: 'PORT',
    fallback: METRICS_PORT,
    from: 0,
    to: HIGHEST_PORT,
    help: 'port of /metrics; 0 = none',
  }),
  'metrics-cert-dir': textFlag({ placeholder: 'DIR', help: 'folder of tls.crt and tls.key for /metrics' }),
  'tls-min-version': choiceFlag<TlsVersion>({
    choices: ['VersionTLS13', 'VersionTLS12'],
    fallback: 'VersionTLS13',
    help: 'the oldest TLS version offered',
  }),
  'tls-cipher-suites': {
    ...textFlag({ placeholder: 'NAMES', help: 'the cipher suites offered, by their IANA names, for TLS 1.2 only' }),
    read: readSuites,
  },
  'tls-curve-preferences': {
    ...textFlag({ placeholder: 'IDS', help: 'the curves offered, by their IANA numbers' }),
    read: readGroups,
  },
} satisfies FlagTable

/** Accepted because existing manifests carry them; they never do anything. */
export const IGNORED_FLAGS = {
  host: textFlag({ placeholder: 'ADDRESS', env: 'METALLB_HOST', help: 'ignored' }),
  'pprof-bind-address': textFlag({ placeholder: 'ADDRESS', help: 'ignored' }),
  'bgp-debounce-timeout': textFlag({ placeholder: 'DURATION', env: 'METALLB_BGP_DEBOUNCE_TIMEOUT', help: 'ignored' }),
  'frrk8s-namespace': textFlag({ placeholder: 'NAME', env: 'FRRK8S_NAMESPACE', help: 'ignored' }),
  'frrk8s-secret-passthrough': switchFlag({ help: 'ignored' }),
} satisfies FlagTable

/** Environment variables of the field that mean nothing here. */
export const IGNORED_ENVIRONMENT = [
  'METALLB_BGP_TYPE',
  'FRR_CONFIG_FILE',
  'FRR_RELOADER_PID_FILE',
  'FRR_LOGGING_LEVEL',
] as const

type Given = {
  readonly given: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
}

/** One sentence for each flag or variable that was given and does nothing at all. */
export function ignoredWarnings({ given, env }: Given): string[] {
  const flags = given
    .filter((name) => Object.hasOwn(IGNORED_FLAGS, name))
    .map((name) => `--${name} is accepted for compatibility and has no effect`)
  const variables = IGNORED_ENVIRONMENT.filter((name) => (env[name] ?? '') !== '').map(
    (name) => `${name} in the environment is accepted for compatibility and has no effect`,
  )
  return [...flags, ...variables]
}

/** Rules between flags that no flag can judge alone. */
export function commonProblems(values: {
  readonly 'tls-min-version': string
  readonly 'tls-cipher-suites': string
}): string[] {
  if (values['tls-cipher-suites'] === '' || values['tls-min-version'] !== 'VersionTLS13') return []
  return ['--tls-cipher-suites needs --tls-min-version=VersionTLS12: TLS 1.3 does not let its suites be chosen']
}
