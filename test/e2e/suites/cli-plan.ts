import assert from 'node:assert/strict'
import { afterEach, describe, it } from 'node:test'
import { stringify } from 'yaml'
import type { KubeObject, Service } from '@steelyard/model'
import type { Lab } from '../../lab/lab.ts'
import { steelyard, steelyardValue } from './cli-command.ts'
import { addressesOf, l2Advertisement, PATHS, pool, PRODUCT_NAMESPACE, service } from './objects.ts'
import { createService, statusNode, waitForOwner } from './scene.ts'

type Planned = {
  readonly addresses: readonly {
    readonly service: string
    readonly change: string
    readonly after: readonly string[]
  }[]
  readonly announcements: readonly {
    readonly service: string
    readonly protocol: string
    readonly change: string
    readonly after: string
  }[]
}

const ASK = { annotations: { 'metallb.io/address-pool': 'planned' } }
const planned = (addresses: readonly string[]): KubeObject => pool('planned', addresses, { autoAssign: false })

/** What `plan` says, against what the programs then do. */
export function cliPlanSuite(lab: () => Lab): void {
  describe('steelyard plan says what then happens when', () => {
    const plan = async (objects: readonly KubeObject[]): Promise<{ plan: Planned; status: number; yaml: string }> => {
      const yaml = objects.map((object) => stringify(object)).join('---\n')
      const { status, stderr } = await steelyard(lab(), ['plan', '-f', '-'], { input: yaml })
      assert.equal(stderr, '')
      return { plan: await steelyardValue<Planned>(lab(), ['plan', '-f', '-'], { input: yaml }), status, yaml }
    }
    const shown = async (): Promise<Readonly<Record<string, string>>> => {
      const { items } = await lab().api.list<Service>(PATHS.services)
      const balanced = items.filter(({ spec }) => spec?.type === 'LoadBalancer')
      return Object.fromEntries(balanced.map((one) => [`default/${one.metadata.name}`, addressesOf(one).join()]))
    }
    /** Applies, and waits for the very addresses that the plan told. */
    const happens = async (objects: readonly KubeObject[]): Promise<{ plan: Planned; status: number }> => {
      const before = await shown()
      const told = await plan(objects)
      const after = Object.fromEntries(told.plan.addresses.map((one) => [one.service, one.after.join()]))
      await lab().apply(told.yaml)
      // One that is new and gets nothing is no change of the plan.
      const created = objects
        .filter(({ kind }) => kind === 'Service')
        .map(({ metadata }) => [`default/${metadata.name}`, ''])
      const wanted = { ...Object.fromEntries(created), ...before, ...after }
      await lab().waitFor(`the addresses of the plan: ${JSON.stringify(wanted)}`, async () => {
        return JSON.stringify(sorted(await shown())) === JSON.stringify(sorted(wanted))
      })
      return told
    }

    afterEach(async () => {
      await lab().tryKubectl(['delete', 'service', 'one', 'two', 'three', '--ignore-not-found'])
      const own = ['l2advertisement/planned', 'ipaddresspool/planned', 'ipaddresspool/renamed']
      await lab().tryKubectl(['-n', PRODUCT_NAMESPACE, 'delete', '--ignore-not-found', ...own])
    })

    it('a pool loses an address in use', async () => {
      await lab().apply(stringify(planned(['192.168.67.210-192.168.67.213'])))
      await createService(lab(), service('one', {}, ASK))
      await createService(lab(), service('two', {}, ASK))
      const { status } = await happens([planned(['192.168.67.211-192.168.67.213'])])
      assert.equal(status, 2)
      assert.deepEqual(await shown(), { 'default/one': '192.168.67.212', 'default/two': '192.168.67.211' })
    })

    it('a pool is too small for all', async () => {
      await lab().apply(stringify(planned(['192.168.67.210/32'])))
      const objects = ['one', 'two'].map((name) => service(name, {}, ASK))
      const { status } = await happens(objects)
      assert.equal(status, 0)
    })

    it('a waiting Service is served by a pool that grows', async () => {
      await lab().apply(stringify(planned(['192.168.67.210/32'])))
      await createService(lab(), service('one', {}, ASK))
      await lab().api.create(PATHS.services, service('two', {}, ASK))
      assert.equal((await happens([planned(['192.168.67.210-192.168.67.211'])])).status, 0)
    })

    it('Services share, and one of them takes a port too many', async () => {
      await lab().apply(stringify(planned(['192.168.67.210-192.168.67.213'])))
      const share = { annotations: { ...ASK.annotations, 'metallb.io/allow-shared-ip': 'k' } }
      await createService(lab(), service('one', {}, share))
      const other = (port: number): Service =>
        service('two', { ports: [{ name: 'web', port, targetPort: 8080 }] }, share)
      assert.equal((await happens([other(443)])).status, 0)
      assert.equal((await happens([other(80)])).status, 2)
    })

    it('a pool that overlaps another is refused, and nothing happens', async () => {
      await createService(lab(), service('one'))
      const { plan: told, status } = await plan([planned(['192.168.67.120/32'])])
      assert.equal(status, 1)
      assert.deepEqual(told.addresses, [])
    })

    it('nodeSelectors take an address from its node', async () => {
      await lab().apply(stringify(planned(['192.168.67.210/32'])))
      const lan = (names: readonly string[]): KubeObject =>
        l2Advertisement('planned', {
          ipAddressPools: ['planned'],
          nodeSelectors: names.map((name) => ({ matchLabels: { 'kubernetes.io/hostname': name } })),
        })
      await lab().apply(stringify(lan(['n1', 'n2', 'n3'])))
      await createService(lab(), service('one', {}, ASK))
      const owner = await waitForOwner(lab(), 'one')
      const others = lab()
        .nodes.map(({ name }) => name)
        .filter((name) => name !== owner)
      await lab().waitFor('the owner to be reported', async () => (await plan([lan(others)])).status === 2)
      const { plan: told } = await plan([lan(others)])
      const [move] = told.announcements
      assert.equal(move?.change, 'moves')
      await lab().apply(stringify(lan(others)))
      await lab().waitFor(`${move?.after} to own it`, async () => (await statusNode(lab(), 'one')) === move?.after)
    })
  })
}

function sorted(record: Readonly<Record<string, string>>): readonly (readonly [string, string])[] {
  return Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1))
}
