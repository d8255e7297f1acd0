import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type ControllerFlags, readControllerFlags } from './flags.ts'

const read = (args: readonly string[], env: Record<string, string> = {}): ReturnType<typeof readControllerFlags> =>
  readControllerFlags({ args, env })

describe("the controller's flags", () => {
  it('has every flag of the contract, with its default', () => {
    const flags = read([])
    assert.equal(flags.kind, 'values')
    assert.deepEqual(flags.kind === 'values' && flags.values, {
      kubeconfig: '',
      namespace: '',
      'pod-name': '',
      'lb-class': '',
      'log-level': 'info',
      'health-probe-port': 17472,
      port: 9120,
      'metrics-cert-dir': '',
      'tls-min-version': 'VersionTLS13',
      'tls-cipher-suites': '',
      'tls-curve-preferences': '',
      'webhook-mode': 'enabled',
      'ml-secret-name': '',
      deployment: '',
      'disable-cert-rotation': false,
      'cert-dir': '/tmp/k8s-webhook-server/serving-certs',
      'cert-service-name': 'metallb-webhook-service',
      'webhook-secret': 'metallb-webhook-cert',
      'webhook-http2': false,
      host: '',
      'pprof-bind-address': '',
      'bgp-debounce-timeout': '',
      'frrk8s-namespace': '',
      'frrk8s-secret-passthrough': false,
    })
    assert.deepEqual(flags.kind === 'values' && flags.warnings, [])
  })

  const variables: [variable: string, flag: keyof ControllerFlags][] = [
    ['METALLB_NAMESPACE', 'namespace'],
    ['METALLB_POD_NAME', 'pod-name'],
    ['METALLB_ML_SECRET_NAME', 'ml-secret-name'],
    ['METALLB_DEPLOYMENT', 'deployment'],
    ['METALLB_HOST', 'host'],
  ]
  for (const [variable, flag] of variables) {
    it(`--${flag} may come from ${variable}`, () => {
      const flags = read([], { METALLB_DEPLOYMENT: 'controller', [variable]: 'there' })
      assert.equal(flags.kind === 'values' && flags.values[flag], 'there')
    })
  }

  const warnings: [name: string, args: string[], env: Record<string, string>, expected: RegExp | undefined][] = [
    ['a flag of the metrics endpoint', ['--port=1'], {}, undefined],
    ['a flag of the webhook', ['--disable-cert-rotation'], {}, undefined],
    [
      'a flag that only old manifests carry',
      ['--pprof-bind-address=:1'],
      {},
      /^--pprof-bind-address is accepted for compatibility/,
    ],
    [
      'a variable that only old manifests carry',
      [],
      { METALLB_BGP_TYPE: 'frr' },
      /^METALLB_BGP_TYPE in the environment is accepted/,
    ],
    ['a flag that has effect', ['--lb-class=a'], {}, undefined],
  ]
  for (const [name, args, env, expected] of warnings) {
    it(`warns ${expected === undefined ? 'not' : 'once'} of ${name}`, () => {
      const flags = read(args, env)
      const told = flags.kind === 'values' ? flags.warnings : ['refused']
      assert.equal(told.length, expected === undefined ? 0 : 1)
      if (expected !== undefined) assert.match(told[0] ?? '', expected)
    })
  }

  it('names a Secret only together with the Deployment that is to own it', () => {
    assert.equal(read(['--ml-secret-name=memberlist', '--deployment=controller']).kind, 'values')
    assert.equal(read(['--deployment=controller']).kind, 'values')
    assert.deepEqual(read([], { METALLB_ML_SECRET_NAME: 'memberlist' }), {
      kind: 'refused',
      problems: ['--ml-secret-name needs --deployment: the Secret goes when the Deployment that owns it does'],
    })
  })

  const refusals: [name: string, args: string[], expected: RegExp][] = [
    [
      'a webhook mode that there is not',
      ['--webhook-mode=maybe'],
      /--webhook-mode.*"maybe" is none of enabled, disabled, onlywebhook/,
    ],
    [
      'a log level that there is not',
      ['--log-level=loud'],
      /--log-level.*"loud" is none of all, debug, info, warn, error, none/,
    ],
    [
      'a port that is none',
      ['--health-probe-port=70000'],
      /--health-probe-port.*"70000" is not a whole number from 0 to 65535/,
    ],
    ['a mistyped flag', ['--lb-clas=a'], /unknown flag --lb-clas; did you mean --lb-class\?/],
    ['a flag of the speaker', ['--ignore-exclude-lb'], /unknown flag --ignore-exclude-lb/],
    [
      'cipher suites under TLS 1.3',
      ['--tls-cipher-suites=TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256'],
      /--tls-cipher-suites needs --tls-min-version=VersionTLS12/,
    ],
    [
      'a switch with a value that is none',
      ['--webhook-http2=perhaps'],
      /--webhook-http2.*"perhaps" is neither true nor false/,
    ],
  ]
  for (const [name, args, expected] of refusals) {
    it(`refuses ${name}`, () => {
      const flags = read(args)
      assert.equal(flags.kind, 'refused')
      assert.match(flags.kind === 'refused' ? flags.problems.join('\n') : '', expected)
    })
  }
})
