import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { stringify } from 'yaml'
import { type ApiServer, startApiServer } from '../lab/api-server.ts'
import { waitFor } from '../lab/wait.ts'

const ROOT = new URL('../..', import.meta.url).pathname

/**
 * What `npm run build` leaves, started by hand as the README says: with a kubeconfig in YAML, and with one whose
 * credentials come from a plugin, so that everything that is loaded only on demand is loaded once. The speaker's bundle
 * runs in the lab, where it has a network of its own.
 */
describe('the bundles', () => {
  const folder = mkdtempSync(join(tmpdir(), 'steelyard-bundles-'))
  let server: ApiServer
  before(async () => {
    server = await startApiServer()
    await server.kubectl('apply', '--server-side', '-f', join(ROOT, 'config/manifests/steelyard.yaml'))
  })
  after(async () => {
    await server?.stop()
    rmSync(folder, { recursive: true })
  })

  const users = {
    'a token in the kubeconfig': (token: string): object => ({ token }),
    'a credential plugin': (token: string): object => {
      const plugin = join(folder, 'plugin')
      const answer = { apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status: { token } }
      writeFileSync(plugin, `#!/bin/sh\ncat <<'END'\n${JSON.stringify(answer)}\nEND\n`)
      chmodSync(plugin, 0o700)
      return { exec: { apiVersion: 'client.authentication.k8s.io/v1', command: plugin, interactiveMode: 'Never' } }
    },
  }
  for (const [what, user] of Object.entries(users)) {
    it(`the controller gets ready with ${what}`, async () => {
      const kubeconfig = join(folder, 'kubeconfig.yaml')
      writeFileSync(kubeconfig, yamlKubeconfig(server, user(server.adminToken)))
      await untilReady(['dist/controller.mjs', `--kubeconfig=${kubeconfig}`, '--namespace=metallb-system'])
    })
  }
})

function yamlKubeconfig({ url, caFile }: ApiServer, user: object): string {
  const ca = readFileSync(caFile).toString('base64')
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'lab',
    clusters: [{ name: 'lab', cluster: { server: url, 'certificate-authority-data': ca } }],
    users: [{ name: 'me', user }],
    contexts: [{ name: 'lab', context: { cluster: 'lab', user: 'me' } }],
  })
}

/** Runs a program until /readyz says yes, then ends it in order. */
async function untilReady(command: readonly string[]): Promise<void> {
  const port = 20_000 + Math.floor(Math.random() * 10_000)
  const child = spawn(process.execPath, [...command, `--health-probe-port=${port}`], { cwd: ROOT })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => (said += text.toString()))
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  try {
    await waitFor(
      `${command[0]} to be ready`,
      async () => {
        if (child.exitCode !== null) throw new Error(`it ended with status ${child.exitCode}`)
        return (await fetch(`http://127.0.0.1:${port}/readyz`)).ok
      },
      { background: () => said },
    )
  } finally {
    child.kill('SIGTERM')
  }
  assert.equal(await ended, 0, said)
}
