/** A start that must end at once, with status 1 and one line that says what is wrong. */
export type BadStart = {
  readonly what: string
  readonly program: 'controller' | 'speaker'
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** `FOLDER` in it and in `args` stands for a folder that has the files below. */
  readonly says: string
}

/** Files that a start is pointed at. */
export const FILES: Readonly<Record<string, string>> = {
  'broken.yaml': 'clusters: [',
  'no-context.yaml': 'kind: Config\n',
  'no-cluster.yaml': 'current-context: lab\ncontexts: [{ name: lab, context: { cluster: gone, user: me } }]\n',
}

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
    'no way to an API server for a speaker',
    ['--node-name=n1'],
    'no --kubeconfig, no $KUBECONFIG, and not in a Pod: $KUBERNETES_SERVICE_HOST is not set',
  ),
]
