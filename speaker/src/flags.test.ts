import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readSettings } from './flags.ts'

const noFile = (): string => {
  throw new Error('ENOENT')
}
const NEEDED = ['--node-name=n1', '--namespace=metallb-system']
const MEMBER = [...NEEDED, '--ml-bindaddr=192.0.2.11', '--ml-secret-key-path=/etc/ml_secret_key']
const OFF = /: membership is off: speakers must run on every node, and every known node counts as alive$/
const read = (args: string[], env: Record<string, string> = {}) => readSettings({ args, env, readText: noFile })

describe('the settings of a speaker', () => {
  it('have their defaults', () => {
    const result = read(NEEDED)
    assert.ok(result.kind === 'settings')
    assert.deepEqual(result.settings.options, {
      node: 'n1',
      namespace: 'metallb-system',
      podName: '',
      loadBalancerClass: '',
      ignoreExcludeLabel: false,
      speakerLabels: { app: 'metallb', component: 'speaker' },
      membership: undefined,
    })
    assert.equal(result.settings.warnings.length, 1)
    assert.match(result.settings.warnings[0] ?? '', OFF)
  })
  it('have membership on by what the shipped manifest sets, without a warning', () => {
    const result = read(NEEDED, {
      METALLB_ML_BIND_ADDR: '192.0.2.11',
      METALLB_ML_SECRET_KEY_PATH: '/etc/ml_secret_key',
    })
    assert.ok(result.kind === 'settings')
    assert.deepEqual(result.settings.options.membership, {
      bindAddress: '192.0.2.11',
      port: 7946,
      secretKeyPath: '/etc/ml_secret_key',
      wan: false,
    })
    assert.deepEqual(result.settings.warnings, [])
  })
  it('have membership as its flags say', () => {
    const flags = ['--ml-bindaddr=2001:db8::11', '--ml-bindport=7000', '--ml-secret-key-path=/keys', '--ml-wan-config']
    const result = read([...NEEDED, ...flags])
    assert.ok(result.kind === 'settings')
    assert.deepEqual(result.settings.options.membership, {
      bindAddress: '2001:db8::11',
      port: 7000,
      secretKeyPath: '/keys',
      wan: true,
    })
  })
  it('say that membership without a secret is open to all', () => {
    const result = read([...MEMBER, '--ml-secret-key-path='])
    assert.ok(result.kind === 'settings')
    assert.equal(result.settings.options.membership?.secretKeyPath, '')
    assert.match(result.settings.warnings[0] ?? '', /^--ml-secret-key-path is not given: .*not authenticated/)
  })
  it('come from the environment that existing manifests set', () => {
    const result = read([], {
      METALLB_NODE_NAME: 'n1',
      METALLB_NAMESPACE: 'lb',
      METALLB_POD_NAME: 'speaker-x',
      METALLB_ML_LABELS: 'app.kubernetes.io/name=metallb,app.kubernetes.io/component=speaker',
    })
    assert.ok(result.kind === 'settings')
    assert.partialDeepStrictEqual(result.settings.options, {
      node: 'n1',
      namespace: 'lb',
      podName: 'speaker-x',
      speakerLabels: { 'app.kubernetes.io/name': 'metallb', 'app.kubernetes.io/component': 'speaker' },
    })
  })
  it("come from the service account's namespace at last", () => {
    const result = readSettings({ args: ['--node-name=n1'], env: {}, readText: () => 'from-account\n' })
    assert.ok(result.kind === 'settings')
    assert.equal(result.settings.options.namespace, 'from-account')
  })
  it('warn once of each that has no effect', () => {
    const flags = ['--port=7472', '--ml-bindport=7946', '--ml-wan-config', '--bgp-debounce-timeout=3s']
    const result = read([...MEMBER, ...flags], { METALLB_BGP_TYPE: 'frr' })
    assert.ok(result.kind === 'settings')
    assert.deepEqual([...result.settings.warnings].sort(), [
      '--bgp-debounce-timeout is accepted for compatibility and has no effect',
      'METALLB_BGP_TYPE in the environment is accepted for compatibility and has no effect',
    ])
  })
  for (const empty of ['ml-labels', 'ml-bindaddr']) {
    it(`say what an empty --${empty} means`, () => {
      const result = read([...MEMBER, `--${empty}=`])
      assert.ok(result.kind === 'settings')
      assert.equal(result.settings.options.membership, undefined)
      assert.deepEqual(result.settings.warnings.length, 1)
      assert.match(result.settings.warnings[0] ?? '', new RegExp(`^--${empty} not given or empty${OFF.source}`))
    })
  }
  it('have no labels when they are empty', () => {
    const result = read([...MEMBER, '--ml-labels='])
    assert.ok(result.kind === 'settings')
    assert.deepEqual(result.settings.options.speakerLabels, {})
  })

  const refused: [name: string, args: string[], env: Record<string, string>, problem: RegExp][] = [
    ['no node name', ['--namespace=x'], {}, /^--node-name is required \(or METALLB_NODE_NAME in the environment\)$/],
    ['no namespace', ['--node-name=n1'], {}, /^--namespace is not given, nor METALLB_NAMESPACE/],
    ['a mistyped flag', [...NEEDED, '--nodename=n2'], {}, /^unknown flag --nodename; did you mean --node-name\?$/],
    ["the controller's flag", [...NEEDED, '--webhook-mode=disabled'], {}, /^unknown flag --webhook-mode/],
    [
      'labels that are none',
      [...NEEDED, '--ml-labels=app'],
      {},
      /^--ml-labels: "app" is not a comma-separated list of key=value$/,
    ],
    [
      'a bind address that is none',
      NEEDED,
      { METALLB_ML_BIND_ADDR: 'eth0' },
      /^METALLB_ML_BIND_ADDR \(for --ml-bindaddr\): "eth0" is not an IP address$/,
    ],
    [
      'a port beyond the last',
      [...NEEDED, '--ml-bindport=70000'],
      {},
      /^--ml-bindport: "70000" is not a whole number from 1 to 65535$/,
    ],
    [
      'a switch with a strange value',
      [...NEEDED, '--ignore-exclude-lb=maybe'],
      {},
      /^--ignore-exclude-lb: "maybe" is neither true nor false$/,
    ],
    [
      'cipher suites under TLS 1.3',
      [...NEEDED, '--tls-cipher-suites=TLS_AES_128_GCM_SHA256'],
      {},
      /^--tls-cipher-suites needs/,
    ],
  ]
  for (const [name, args, env, problem] of refused) {
    it(`refuse ${name}`, () => {
      const result = read(args, env)
      assert.ok(result.kind === 'refused')
      assert.match(result.problems[0] ?? '', problem)
    })
  }
})
