import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { KubeConfigError } from './credentials.ts'
import { loadKubeConfig } from './load.ts'

const folder = mkdtempSync(join(tmpdir(), 'kubeconfig-'))
after(() => rmSync(folder, { recursive: true }))
const SECRET = 'c2VjcmV0'

const cluster = { name: 'c', cluster: { server: 'https://192.0.2.1' } }
const user = { name: 'u', user: { token: SECRET } }
const context = { name: 'x', context: { cluster: 'c', user: 'u' } }
const whole = { clusters: [cluster], users: [user], contexts: [context], 'current-context': 'x' }

function withUser(fields: object): object {
  return { ...whole, users: [{ name: 'u', user: { ...fields } }] }
}
function withCluster(fields: object): object {
  return { ...whole, clusters: [{ name: 'c', cluster: { ...cluster.cluster, ...fields } }] }
}

describe('a broken kubeconfig is told in one line, without its secrets:', () => {
  const cases: readonly [sentence: string, content: unknown, message: string][] = [
    ['not YAML', `users:\n- {token: ${SECRET}\ncontexts: ]`, 'kubeconfig FILE: not valid YAML at line 3, column 1'],
    ['tabs', `users:\n\t- token: ${SECRET}`, 'kubeconfig FILE: not valid YAML at line 2, column 1'],
    ['empty', '', 'kubeconfig FILE: not a mapping'],
    ['a list', [whole], 'kubeconfig FILE: not a mapping'],
    ['a text', SECRET, 'kubeconfig FILE: not a mapping'],
    ['no current-context', { ...whole, 'current-context': undefined }, 'kubeconfig FILE: has no current-context'],
    [
      'a current-context that is not there',
      { ...whole, 'current-context': 'y' },
      'kubeconfig FILE: current-context: "y" is not there; there is "x"',
    ],
    ['no contexts', { ...whole, contexts: null }, 'kubeconfig FILE: current-context: "x" is not there; there are none'],
    [
      'a cluster that is not there',
      { ...whole, clusters: [] },
      'kubeconfig FILE: cluster of context "x": "c" is not there; there are none',
    ],
    [
      'a user that is not there',
      { ...whole, users: [{ ...user, name: 'v' }] },
      'kubeconfig FILE: user of context "x": "u" is not there; there is "v"',
    ],
    [
      'a context that names no user',
      { ...whole, contexts: [{ name: 'x', context: { cluster: 'c' } }] },
      'kubeconfig FILE: user of context "x": "" is not there; there is "u"',
    ],
    ['clusters that are no list', { ...whole, clusters: 'c' }, 'kubeconfig FILE: clusters: not a list'],
    ['users of nothing', { ...whole, users: [user, null] }, 'kubeconfig FILE: users[1]: not a mapping'],
    [
      'a user that is a text',
      { ...whole, users: [{ name: 'u', user: SECRET }] },
      'kubeconfig FILE: users[0].user: not a mapping',
    ],
    ['no server', { ...whole, clusters: [{ name: 'c', cluster: {} }] }, 'kubeconfig FILE: cluster "c" has no server'],
    [
      'a server that is no URL',
      withCluster({ server: '192.0.2.1:6443' }),
      'kubeconfig FILE: server "192.0.2.1:6443" is not an http(s) URL',
    ],
    [
      'a CA file that is not there',
      withCluster({ 'certificate-authority': 'ca.pem' }),
      'certificate-authority: FOLDER/ca.pem: no such file',
    ],
    [
      'a CA file that is a folder',
      withCluster({ 'certificate-authority': '/' }),
      'certificate-authority: /: is a directory',
    ],
    ['a key file that is not there', withUser({ 'client-key': '/none.pem' }), 'client-key: /none.pem: no such file'],
    ['a token file that is not there', withUser({ tokenFile: 'token' }), 'tokenFile: FOLDER/token: no such file'],
    ['a token file that is empty', withUser({ tokenFile: '/dev/null' }), 'tokenFile: /dev/null: is empty'],
    [
      'a plugin that is not there',
      withUser({ exec: { apiVersion: 'client.authentication.k8s.io/v1', command: '/none/plugin' } }),
      'kubeconfig FILE: user "u": spawn /none/plugin ENOENT',
    ],
    [
      'a plugin that fails',
      withUser({
        exec: {
          apiVersion: 'client.authentication.k8s.io/v1',
          command: 'sh',
          args: ['-c', 'echo no login >&2; exit 1'],
        },
      }),
      'kubeconfig FILE: user "u": no login',
    ],
    [
      'a plugin that fails without a word',
      withUser({ exec: { apiVersion: 'client.authentication.k8s.io/v1', command: 'false' } }),
      'kubeconfig FILE: user "u": the plugin failed without a word',
    ],
    [
      'a plugin that answers with something else',
      withUser({ exec: { apiVersion: 'client.authentication.k8s.io/v1', command: 'echo', args: [SECRET] } }),
      'kubeconfig FILE: user "u": the plugin did not answer with an ExecCredential',
    ],
    [
      'a plugin that answers with nothing much',
      withUser({ exec: { apiVersion: 'client.authentication.k8s.io/v1', command: 'echo', args: ['{}'] } }),
      'kubeconfig FILE: user "u": the plugin did not answer with an ExecCredential',
    ],
  ]
  for (const [sentence, content, message] of cases) {
    it(sentence, async () => {
      const path = join(folder, 'config')
      writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
      await assert.rejects(loadKubeConfig({ kubeconfig: path, env: {} }), (error) => {
        assert.ok(error instanceof KubeConfigError)
        assert.equal(error.message, message.replace('FILE', path).replace('FOLDER', folder))
        assert.ok(!error.message.includes(SECRET) && !error.message.includes('\n'))
        return true
      })
    })
  }

  it('not there', async () => {
    const message = 'kubeconfig: /none/config: no such file'
    await assert.rejects(loadKubeConfig({ kubeconfig: '/none/config', env: {} }), { message })
    await assert.rejects(loadKubeConfig({ env: { KUBECONFIG: '/none/config' } }), { message })
  })
})
