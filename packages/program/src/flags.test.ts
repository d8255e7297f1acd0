import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { COMMON_FLAGS, commonProblems, IGNORED_FLAGS, ignoredWarnings } from './common-flags.ts'
import { choiceFlag, numberFlag, switchFlag, textFlag } from './flag-kinds.ts'
import { readFlags, usage } from './flags.ts'

const TABLE = {
  port: numberFlag({ placeholder: 'PORT', fallback: 80, from: 0, to: 65535, help: 'the port', env: 'T_PORT' }),
  'node-name': textFlag({ placeholder: 'NAME', env: 'T_NODE', required: true, help: 'the node' }),
  mode: choiceFlag({ choices: ['on', 'off'], fallback: 'on', help: 'the mode' }),
  loud: switchFlag({ help: 'be loud' }),
}
const read = (args: string[], env: Record<string, string> = {}) => readFlags(TABLE, { args, env })

describe('readFlags', () => {
  const accepted: [name: string, args: string[], env: Record<string, string>, values: Record<string, unknown>][] = [
    ['takes a value after "="', ['--node-name=a', '--port=1'], {}, { port: 1, 'node-name': 'a' }],
    ['takes a value as the next argument', ['--node-name', 'a', '--port', '1'], {}, { port: 1 }],
    ['takes one dash as well as two', ['-node-name=a', '-port', '1'], {}, { port: 1 }],
    ['lets a switch stand alone', ['--loud', '--node-name=a'], {}, { loud: true }],
    ['lets a switch be turned off', ['--loud=false', '--node-name=a'], {}, { loud: false }],
    ['falls back to the environment', [], { T_NODE: 'b', T_PORT: '7' }, { 'node-name': 'b', port: 7 }],
    ['prefers the command line to the environment', ['--port=1'], { T_NODE: 'b', T_PORT: '7' }, { port: 1 }],
    ['takes an empty variable for an absent one', [], { T_NODE: 'b', T_PORT: '' }, { port: 80 }],
    ['counts the last of a repeated flag', ['--port=1', '--port=2', '--node-name=a'], {}, { port: 2 }],
    ['keeps what follows a second "="', ['--node-name=a=b'], {}, { 'node-name': 'a=b' }],
    ['takes a value that begins with a dash', ['--node-name', '-a'], {}, { 'node-name': '-a' }],
  ]
  for (const [name, args, env, values] of accepted) {
    it(name, () => {
      const result = read(args, env)
      assert.ok(result.kind === 'values', JSON.stringify(result))
      assert.partialDeepStrictEqual(result.values, values)
    })
  }

  const refused: [name: string, args: string[], env: Record<string, string>, problem: RegExp][] = [
    [
      'an unknown flag, with the nearest known',
      ['--node-nam=a'],
      {},
      /^unknown flag --node-nam; did you mean --node-name\?$/,
    ],
    ['an unknown flag that is near nothing', ['--qqqqqqqq'], {}, /^unknown flag --qqqqqqqq$/],
    ['a name every object has', ['--constructor=1'], {}, /^unknown flag --constructor$/],
    ['an argument that is no flag', ['--loud', 'false'], {}, /^unexpected argument "false"/],
    ['a bare double dash', ['--'], {}, /^unexpected argument "--"/],
    ['a missing value', ['--port'], {}, /^--port needs a value: --port=PORT$/],
    ['a port that is no number', ['--port=http'], {}, /^--port: "http" is not a whole number from 0 to 65535$/],
    ['a port out of range', ['--port=65536'], {}, /^--port: "65536" is not a whole number/],
    ['a fraction', ['--port=1.5'], {}, /^--port: "1.5" is not a whole number/],
    ['a bad variable, by its name', [], { T_PORT: '-1' }, /^T_PORT \(for --port\): "-1" is not a whole number/],
    ['a word that is no choice', ['--mode=maybe'], {}, /^--mode: "maybe" is none of on, off$/],
    ['a switch that is neither', ['--loud=very'], {}, /^--loud: "very" is neither true nor false$/],
  ]
  for (const [name, args, env, problem] of refused) {
    it(`refuses ${name}`, () => {
      const result = read(args, { T_NODE: 'n', ...env })
      assert.ok(result.kind === 'refused', JSON.stringify(result))
      assert.match(result.problems[0] ?? '', problem)
    })
  }

  it('refuses a required flag that is absent, or empty', () => {
    const problems = ['--node-name is required (or T_NODE in the environment)']
    assert.deepEqual(read([]), { kind: 'refused', problems })
    assert.deepEqual(read(['--node-name=']), { kind: 'refused', problems })
  })
  it('tells all problems at once', () => {
    const result = read(['--port=x', '--mod=on', '--loud=2'])
    assert.ok(result.kind === 'refused')
    assert.equal(result.problems.length, 4)
  })
  it('says which flags were given', () => {
    const result = read(['--loud=false'], { T_NODE: 'n' })
    assert.ok(result.kind === 'values')
    assert.deepEqual(result.given, ['node-name', 'loud'])
  })
  it('knows when help was asked for, whatever else is wrong', () => {
    assert.deepEqual(read(['--port=x', '-h']), { kind: 'help' })
  })
  it('tells of each flag its value, variable and default', () => {
    assert.match(usage('speaker', TABLE), /--port PORT\n +the port \(T_PORT, default 80\)\n/)
    assert.match(usage('speaker', TABLE), /--loud\n +be loud\n/)
  })
})

describe('the flags of both programs', () => {
  const table = { ...COMMON_FLAGS, ...IGNORED_FLAGS }
  const readCommon = (args: string[], env: Record<string, string> = {}) => readFlags(table, { args, env })

  it('have the defaults of the contract', () => {
    const result = readCommon([])
    assert.ok(result.kind === 'values')
    assert.partialDeepStrictEqual(result.values, {
      port: 9120,
      'health-probe-port': 17472,
      'log-level': 'info',
      'tls-min-version': 'VersionTLS13',
      'lb-class': '',
    })
  })
  const refused: [args: string[], problem: RegExp][] = [
    [['--log-level=verbose'], /"verbose" is none of all, debug, info, warn, error, none/],
    [['--tls-min-version=1.2'], /"1.2" is none of VersionTLS13, VersionTLS12/],
    [['--tls-curve-preferences=X25519'], /"X25519" has X25519, which is none of 23 \(prime256v1\), /],
    [['--tls-cipher-suites=ECDHE-RSA'], /"ECDHE-RSA" has ECDHE-RSA, which is none of TLS_AES_256_GCM_SHA384, /],
    [['--health-probe-port=port'], /is not a whole number from 0 to 65535/],
  ]
  for (const [args, problem] of refused) {
    it(`refuse ${args.join(' ')}`, () => {
      const result = readCommon(args)
      assert.ok(result.kind === 'refused')
      assert.match(result.problems[0] ?? '', problem)
    })
  }
  it('refuse cipher suites under TLS 1.3, and take them under 1.2', () => {
    const suites = 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256'
    assert.match(
      commonProblems({ 'tls-min-version': 'VersionTLS13', 'tls-cipher-suites': suites })[0] ?? '',
      /--tls-cipher-suites needs --tls-min-version=VersionTLS12/,
    )
    assert.deepEqual(commonProblems({ 'tls-min-version': 'VersionTLS12', 'tls-cipher-suites': suites }), [])
  })
  it('warn once for each flag or variable that does nothing', () => {
    const env = { METALLB_HOST: '10.0.0.1', METALLB_BGP_TYPE: 'frr', FRR_LOGGING_LEVEL: '' }
    const result = readCommon(['--frrk8s-secret-passthrough'], env)
    assert.ok(result.kind === 'values')
    assert.deepEqual(ignoredWarnings({ given: result.given, env }), [
      '--host is accepted for compatibility and has no effect',
      '--frrk8s-secret-passthrough is accepted for compatibility and has no effect',
      'METALLB_BGP_TYPE in the environment is accepted for compatibility and has no effect',
    ])
  })
})
