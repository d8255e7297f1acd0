/** A start that must end at once, with status 1 and one line that says what is wrong. */
export type BadStart = {
  readonly what: string
  readonly program: 'controller' | 'speaker'
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /**
   * `FOLDER` in it and in `args` stands for a folder that has the files below, `TAKEN` for a port
   * that somebody else has, `FREE` for one that nobody has.
   */
  readonly says: string
}

/** Files that a start is pointed at. */
export const FILES: Readonly<Record<string, string>> = {
  'broken.yaml': 'clusters: [',
  'tls.crt': 'half a certif',
  'tls.key': '',
  'unreachable.yaml':
    'current-context: lab\ncontexts: [{ name: lab, context: { cluster: lab, user: me } }]\nclusters: [{ name: lab, cluster: { server: https://127.0.0.1:1 } }]\nusers: [{ name: me, user: { token: abc } }]\n',
  'no-context.yaml': 'kind: Config\n',
  'no-cluster.yaml': 'current-context: lab\ncontexts: [{ name: lab, context: { cluster: gone, user: me } }]\n',
}

/** Far enough to get to the metrics, and no further. */
const READY = ['--kubeconfig=FOLDER/unreachable.yaml', '--health-probe-port=0']

const controller = (what: string, args: readonly string[], says: string): BadStart => ({
  what,
  program: 'controller',
  args: ['--namespace=metallb-system', ...args],
  says,
})
const speaker = (what: string, args: readonly string[], says: string): BadStart => ({
  what,
  program: 'speaker',
  args: ['--namespace=metallb-system', ...args],
  says,
})

export const BAD_STARTS: readonly BadStart[] = [
  controller('a flag that does not exist', ['--no-such-flag'], 'unknown flag --no-such-flag'),
  controller('a flag with a slip of the pen', ['--lb-clas=x'], 'unknown flag --lb-clas; did you mean --lb-class?'),
  controller('a flag without its value', ['--kubeconfig'], '--kubeconfig needs a value: --kubeconfig=FILE'),
  controller(
    'an unknown log level',
    ['--log-level=loud'],
    '--log-level: "loud" is none of all, debug, info, warn, error, none',
  ),
  controller(
    'a port above 65535',
    ['--health-probe-port=99999'],
    '--health-probe-port: "99999" is not a whole number from 0 to 65535',
  ),
  controller('a port that is a word', ['--port=http'], '--port: "http" is not a whole number from 0 to 65535'),
  controller(
    'an unknown webhook mode',
    ['--webhook-mode=sometimes'],
    '--webhook-mode: "sometimes" is none of enabled, disabled, onlywebhook',
  ),
  controller(
    'cipher suites together with TLS 1.3',
    ['--tls-cipher-suites=TLS_AES_128_GCM_SHA256'],
    '--tls-cipher-suites needs --tls-min-version=VersionTLS12: TLS 1.3 does not let its suites be chosen',
  ),
  controller(
    'an unknown cipher suite',
    ['--tls-min-version=VersionTLS12', '--tls-cipher-suites=TLS_RSA_WITH_RC4_128_SHA'],
    '--tls-cipher-suites: "TLS_RSA_WITH_RC4_128_SHA" has TLS_RSA_WITH_RC4_128_SHA, which is none of TLS_AES_256_GCM_SHA384, ',
  ),
  controller(
    'an unknown curve',
    ['--tls-curve-preferences=29,7'],
    '--tls-curve-preferences: "29,7" has 7, which is none of 23 (prime256v1), 24 (secp384r1), 25 (secp521r1), 29 (X25519)',
  ),
  controller(
    'an old version of TLS',
    ['--tls-min-version=VersionTLS11'],
    '--tls-min-version: "VersionTLS11" is none of VersionTLS13, VersionTLS12',
  ),
  controller(
    'a port for metrics that somebody else has',
    [...READY, '--port=TAKEN'],
    'cannot start: --port: cannot listen on all addresses, port TAKEN, for metrics',
  ),
  controller(
    'a folder without a certificate for metrics',
    [...READY, '--port=FREE', '--metrics-cert-dir=FOLDER/gone'],
    'cannot start: --metrics-cert-dir: FOLDER/gone/tls.crt cannot be read',
  ),
  controller(
    'a membership Secret without the Deployment that owns it',
    ['--ml-secret-name=memberlist'],
    '--ml-secret-name needs --deployment: the Secret goes when the Deployment that owns it does',
  ),
  controller(
    'an argument that is no flag',
    ['start'],
    'unexpected argument "start": only flags are accepted (a switch takes its value as --name=false)',
  ),
  controller('a kubeconfig that is not there', ['--kubeconfig=FOLDER/gone'], 'kubeconfig: FOLDER/gone: no such file'),
  controller(
    'a kubeconfig that is no YAML',
    ['--kubeconfig=FOLDER/broken.yaml'],
    'kubeconfig FOLDER/broken.yaml: not valid YAML at line 1, column 12',
  ),
  controller(
    'a kubeconfig without a current context',
    ['--kubeconfig=FOLDER/no-context.yaml'],
    'kubeconfig FOLDER/no-context.yaml: has no current-context',
  ),
  controller(
    'a kubeconfig whose cluster is missing',
    ['--kubeconfig=FOLDER/no-cluster.yaml'],
    'kubeconfig FOLDER/no-cluster.yaml: cluster of context',
  ),
  controller(
    'no way to an API server at all',
    [],
    'no --kubeconfig, no $KUBECONFIG, and not in a Pod: $KUBERNETES_SERVICE_HOST is not set',
  ),
  speaker('no node name', [], '--node-name is required (or METALLB_NODE_NAME in the environment)'),
  speaker(
    'a membership port of 0',
    ['--node-name=n1', '--ml-bindport=0'],
    '--ml-bindport: "0" is not a whole number from 1 to 65535',
  ),
  speaker(
    'a port for metrics that somebody else has',
    [...READY, '--node-name=n1', '--port=TAKEN'],
    'cannot start: --port: cannot listen on all addresses, port TAKEN, for metrics',
  ),
  speaker(
    'a certificate for metrics that is none',
    [...READY, '--node-name=n1', '--port=FREE', '--metrics-cert-dir=FOLDER'],
    'cannot start: --metrics-cert-dir: tls.crt and tls.key in FOLDER are no certificate with its key',
  ),
  speaker(
    'no way to an API server for a speaker',
    ['--node-name=n1'],
    'no --kubeconfig, no $KUBECONFIG, and not in a Pod: $KUBERNETES_SERVICE_HOST is not set',
  ),
]
