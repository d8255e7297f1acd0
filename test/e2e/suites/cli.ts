import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { after, before, describe, it } from 'node:test'
import { run } from '../../lab/command.ts'
import type { Lab } from '../../lab/lab.ts'
import { DIST, steelyard, steelyardValue } from './cli-command.ts'
import { service } from './objects.ts'
import { createService, removeService, statusNode, waitForOwner } from './scene.ts'

const VIEWER = fileURLToPath(new URL('../../../config/samples/viewer.yaml', import.meta.url))

type Status = {
  readonly speakers: readonly { readonly node: string; readonly standing: string; readonly maintenance: boolean }[]
  readonly pools: readonly { readonly pool: string; readonly services: number }[]
  readonly services: { readonly count: number; readonly wrong: readonly unknown[] }
}

/** The commands on a cluster where all is well. */
export function cliSuite(lab: () => Lab): void {
  describe('steelyard', () => {
    let address = ''
    before(async () => {
      ;[address = ''] = await createService(lab(), service('shown'))
      await waitForOwner(lab(), 'shown')
      // Reports of speakers follow what they do by a moment.
      await lab().waitFor('status to show that all is well', async () => {
        const { services } = await steelyardValue<Status>(lab(), ['status'])
        return services.count === 1 && services.wrong.length === 0
      })
    })
    after(() => removeService(lab(), 'shown'))

    it('shows the cluster at a glance', async () => {
      const { speakers, pools } = await steelyardValue<Status>(lab(), ['status'])
      assert.deepEqual(
        speakers.map(({ node, standing }) => ({ node, standing })),
        lab().nodes.map(({ name }) => ({ node: name, standing: 'settled' })),
      )
      assert.deepEqual(
        pools.map(({ pool, services }) => ({ pool, services })),
        [{ pool: 'first-pool', services: 1 }],
      )
    })

    it('lists Services with their owner, pools, sessions and moves', async () => {
      const owner = await statusNode(lab(), 'shown')
      const { stdout } = await steelyard(lab(), ['services'])
      assert.match(stdout, new RegExp(`default/shown +${address} +first-pool +${owner} +- +answers`))
      assert.match((await steelyard(lab(), ['pools'])).stdout, /first-pool +yes +1\/81/)
      assert.match((await steelyard(lab(), ['sessions'])).stdout, /no speaker reports a BGP session/)
      assert.match((await steelyard(lab(), ['moves'])).stdout, new RegExp(`${address} +- +${owner} +first`))
    })

    it('explains a Service and its address', async () => {
      const owner = await statusNode(lab(), 'shown')
      const { stdout, status } = await steelyard(lab(), ['explain', 'service', 'shown'])
      assert.equal(status, 0)
      assert.match(stdout, /^Service default\/shown answers\n/)
      assert.match(stdout, new RegExp(`Owner +${owner} has ${address}`))
      const about = await steelyard(lab(), ['explain', 'address', address])
      assert.match(
        about.stdout,
        new RegExp(`^Address ${address} is held by default/shown\nPool +first-pool\nOwner +${owner}`),
      )
    })

    it('has a node hand over what it has, and lets it announce again', async () => {
      const owner = (await statusNode(lab(), 'shown')) ?? ''
      assert.equal((await steelyard(lab(), ['maintenance', owner])).status, 0)
      await lab().waitFor('another owner', async () => {
        const node = await statusNode(lab(), 'shown')
        return node !== undefined && node !== owner
      })
      const { speakers } = await steelyardValue<Status>(lab(), ['status'])
      assert.equal(speakers.find(({ node }) => node === owner)?.maintenance, true)
      assert.equal((await steelyard(lab(), ['maintenance', owner, '--off'])).status, 0)
      await lab().waitFor('the move to be reported', async () => {
        const { stdout } = await steelyard(lab(), ['moves'])
        return new RegExp(`${address} +${owner} +\\S+ +released`).test(stdout)
      })
    })

    it('checks the cluster, and a takeover, and finds nothing in the way', async () => {
      const check = await steelyard(lab(), ['check'])
      assert.equal(check.status, 0, check.stdout)
      const migrate = await steelyard(lab(), ['migrate', '--check'])
      assert.equal(migrate.status, 0, migrate.stdout)
      assert.match(migrate.stdout, /ok +addresses +1 Service with an address, and each keeps it/)
    })

    it('is a plugin of kubectl', async () => {
      const path = `${dirname(process.execPath)}:${DIST}:${process.env['PATH']}`
      const { stdout, stderr } = await run(['env', `PATH=${path}`, lab().binaries.kubectl, 'steelyard', 'version'])
      assert.match(stdout, /^steelyard \d+\.\d+\.\d+\n$/, stderr)
    })

    it('needs no more rights than config/samples/viewer.yaml gives, and names those that are missing', async () => {
      const kubeconfig = await viewer(lab())
      const none = await steelyard(lab(), ['status'], { kubeconfig })
      assert.equal(none.status, 4)
      assert.match(
        none.stderr,
        /^steelyard: status needs rights that you do not have: list services in all namespaces; list /,
      )
      await lab().apply(readFileSync(VIEWER, 'utf8'))
      const account = 'system:serviceaccount:default:viewer'
      const bind = (kind: string, ...more: readonly string[]): Promise<string> =>
        lab().kubectl(['create', kind, 'steelyard-viewer', `--user=${account}`, ...more])
      await bind('clusterrolebinding', '--clusterrole=steelyard-viewer')
      for (const namespace of ['metallb-system', 'kube-system']) {
        await bind('rolebinding', '--role=steelyard-viewer', '-n', namespace)
      }
      const commands = [
        ['status'],
        ['services'],
        ['pools'],
        ['sessions'],
        ['moves'],
        ['explain', 'service', 'shown'],
        ['check'],
        ['migrate', '--check'],
        ['plan', '-f', VIEWER],
      ]
      for (const command of commands) {
        const { status, stderr } = await steelyard(lab(), command, { kubeconfig })
        assert.equal(status, 0, `${command.join(' ')}: ${stderr}`)
      }
      const denied = await steelyard(lab(), ['maintenance', 'n1'], { kubeconfig })
      assert.equal(
        denied.stderr,
        'steelyard: maintenance needs a right that you do not have: patch nodes in all namespaces\n',
      )
    })
  })
}

/** A kubeconfig of a service account that has no rights yet. */
async function viewer(lab: Lab): Promise<string> {
  await lab.kubectl(['create', 'serviceaccount', 'viewer'])
  const token = (await lab.kubectl(['create', 'token', 'viewer', '--duration=1h'])).trim()
  type Config = { users: { name: string; user: object }[] }
  const config = JSON.parse(readFileSync(lab.kubeconfig, 'utf8')) as Config
  for (const entry of config.users) entry.user = { token }
  const path = join(lab.folder, 'viewer.kubeconfig')
  writeFileSync(path, JSON.stringify(config), { mode: 0o600 })
  return path
}
