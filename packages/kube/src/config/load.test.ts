import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, describe, it } from 'node:test'
import { fakeClock } from '@steelyard/runtime'
import type { KubeCredentials } from './credentials.ts'
import { loadKubeConfig } from './load.ts'

const folder = mkdtempSync(join(tmpdir(), 'kubeconfig-'))
after(() => rmSync(folder, { recursive: true }))

function file(name: string, content: unknown): string {
  const path = join(folder, name)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}

type Parts = { readonly cluster?: object; readonly user?: object; readonly context?: object; readonly more?: object }

function config({ cluster = {}, user = {}, context = {}, more = {} }: Parts = {}): object {
  return {
    clusters: [{ name: 'c', cluster: { server: 'https://192.0.2.1:6443', ...cluster } }],
    users: [{ name: 'u', user }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u', ...context } }],
    'current-context': 'x',
    ...more,
  }
}

function load(content: unknown): Promise<KubeCredentials> {
  return loadKubeConfig({ kubeconfig: file('config', content), env: {} })
}

describe('a kubeconfig', () => {
  it('says where the server is, and the namespace', async () => {
    const { server, namespace, source } = await load(config({ context: { namespace: 'shop' } }))
    assert.deepEqual([server.href, namespace, source], ['https://192.0.2.1:6443/', 'shop', join(folder, 'config')])
  })

  it('may be YAML', async () => {
    const yaml = `clusters: [{name: c, cluster: {server: "https://192.0.2.1"}}]\nusers:\n- name: u\n  user: {token: t}\ncontexts:\n- name: x\n  context: {cluster: c, user: u}\ncurrent-context: x\n`
    assert.deepEqual((await (await load(yaml)).access()).headers, { authorization: 'Bearer t' })
  })

  const users: readonly [sentence: string, user: object, headers: object][] = [
    ['a token', { token: 't' }, { authorization: 'Bearer t' }],
    ['a name and password', { username: 'me', password: 'pw' }, { authorization: 'Basic bWU6cHc=' }],
    ['nothing', {}, {}],
    [
      'somebody else to act as',
      { token: 't', as: 'jane', 'as-groups': ['g'] },
      { authorization: 'Bearer t', 'impersonate-user': 'jane', 'impersonate-group': ['g'] },
    ],
  ]
  for (const [sentence, user, headers] of users) {
    it(`may let us in with ${sentence}`, async () => {
      assert.deepEqual((await (await load(config({ user }))).access()).headers, headers)
    })
  }

  it('may hold certificates as data, or name files in its own folder', async () => {
    for (const name of ['ca', 'cert', 'key']) file(`pki/${name}.pem`, `${name}!`)
    const data = (text: string): string => Buffer.from(text).toString('base64')
    const inside = await load(
      config({
        cluster: { 'certificate-authority-data': data('ca!'), 'tls-server-name': 'kubernetes' },
        user: { 'client-certificate-data': data('cert!'), 'client-key-data': data('key!') },
      }),
    )
    const beside = await load(
      config({
        cluster: { 'certificate-authority': 'pki/ca.pem', 'insecure-skip-tls-verify': true },
        user: { 'client-certificate': './pki/cert.pem', 'client-key': join(folder, 'pki/key.pem') },
      }),
    )
    const files = { ca: Buffer.from('ca!'), cert: Buffer.from('cert!'), key: Buffer.from('key!') }
    assert.deepEqual((await inside.access()).tls, { ...files, servername: 'kubernetes' })
    assert.deepEqual((await beside.access()).tls, { ...files, rejectUnauthorized: false })
  })

  it('with a token file is read again after ten seconds, and at once when the server refused the token', async () => {
    const clock = fakeClock()
    file('token', 'first\n')
    const kubeconfig = file('config', config({ user: { tokenFile: 'token', token: 'old' } }))
    const credentials = await loadKubeConfig({ kubeconfig, env: {}, clock })
    const token = async (): Promise<unknown> => (await credentials.access()).headers['authorization']
    file('token', 'second\n')
    assert.equal(await token(), 'Bearer first')
    clock.advance(10_000)
    assert.equal(await token(), 'Bearer second')
    file('token', 'third\n')
    credentials.forget()
    assert.equal(await token(), 'Bearer third')
  })

  it('may name a program that makes the credentials, which is asked again when they are refused', async () => {
    const credential = {
      apiVersion: 'client.authentication.k8s.io/v1',
      kind: 'ExecCredential',
      status: { token: 'made' },
    }
    chmodSync(file('bin/plugin', `#!/bin/sh\necho '${JSON.stringify(credential)}'\n`), 0o755)
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: './bin/plugin', interactiveMode: 'Never' }
    const credentials = await load(config({ user: { exec } }))
    assert.equal((await credentials.access()).headers['Authorization'], 'Bearer made')
    const other = { ...credential, status: { token: 'made anew' } }
    file('bin/plugin', `#!/bin/sh\necho '${JSON.stringify(other)}'\n`)
    credentials.forget()
    assert.equal((await credentials.access()).headers['Authorization'], 'Bearer made anew')
  })

  it('may send us through a proxy', async () => {
    const { agent } = await (await load(config({ cluster: { 'proxy-url': 'http://192.0.2.9:3128' } }))).access()
    assert.equal(typeof agent?.destroy, 'function')
  })
})

describe('several kubeconfigs in $KUBECONFIG', () => {
  it('are one: of each name the first counts, and files that are not there are passed over', async () => {
    const one = file('one', { 'current-context': 'x', users: [{ name: 'u', user: { token: 'one' } }] })
    const two = file('two', config({ user: { token: 'two' }, more: { 'current-context': 'other' } }))
    const credentials = await loadKubeConfig({ env: { KUBECONFIG: `${folder}/none:${one}:${two}` } })
    assert.equal(credentials.server.hostname, '192.0.2.1')
    assert.deepEqual((await credentials.access()).headers, { authorization: 'Bearer one' })
  })

  it('come after --kubeconfig', async () => {
    const flag = file('flag', config({ user: { token: 'flag' } }))
    const credentials = await loadKubeConfig({ kubeconfig: flag, env: { KUBECONFIG: file('env', 'nonsense') } })
    assert.deepEqual((await credentials.access()).headers, { authorization: 'Bearer flag' })
  })
})

describe('a Pod', () => {
  const env = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' }

  it('has its service account', async () => {
    file('sa/token', 'pod\n')
    file('sa/ca.crt', 'ca!')
    file('sa/namespace', 'metallb-system')
    const credentials = await loadKubeConfig({ env, serviceAccountFolder: join(folder, 'sa') })
    assert.deepEqual([credentials.server.href, credentials.namespace], ['https://[fd00::1]/', 'metallb-system'])
    const { headers, tls } = await credentials.access()
    assert.deepEqual([headers, tls], [{ authorization: 'Bearer pod' }, { ca: Buffer.from('ca!') }])
  })

  it('without its token says which file is missing', async () => {
    file('half/ca.crt', 'ca!')
    const loading = loadKubeConfig({ env, serviceAccountFolder: join(folder, 'half') })
    await assert.rejects(loading, { message: `in-cluster credentials: ${folder}/half/token: no such file` })
  })

  it('and none of the rest is said in one line', async () => {
    const message = 'no --kubeconfig, no $KUBECONFIG, and not in a Pod: $KUBERNETES_SERVICE_HOST is not set'
    await assert.rejects(loadKubeConfig({ kubeconfig: '', env: { KUBECONFIG: '' } }), {
      name: 'KubeConfigError',
      message,
    })
  })
})
