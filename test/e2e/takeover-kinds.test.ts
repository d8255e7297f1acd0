import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { CONTROLLER, MANIFEST, OBJECTS, SPEAKER, type Listed } from './manifest.ts'
import { type Definition, metallbFile } from './metallb.ts'
import { type RealApi, startRealApi } from './real-api.ts'

/** Our manifest over MetalLB's objects with no step before it, for whoever has not read docs/migrate.md. */

const ROOT = new URL('../..', import.meta.url).pathname
const CRD = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/bgppeers.metallb.io'
const WEBHOOKS = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/metallb-webhook-configuration'
const APPS = '/apis/apps/v1/namespaces/metallb-system'
const WORKLOADS = [
  ['deployments/controller', CONTROLLER],
  ['daemonsets/speaker', SPEAKER],
] as const
const THEIRS = (['install', 'definitions', 'webhook'] as const).map(metallbFile)
const OUR_WEBHOOKS = OBJECTS.flatMap(({ webhooks = [] }) => webhooks.map(({ name }) => name)).toSorted()

let api: RealApi

async function succeed(...args: readonly string[]): Promise<void> {
  const { status, stderr } = await api.kubectl(args)
  assert.equal(status, 0, stderr)
}

async function strategy(): Promise<string | undefined> {
  return (await api.call<Definition>('GET', CRD)).body.spec.conversion?.strategy
}

/** What stays when our manifest is applied, because kubectl does not know that it put it there. */
const STAYS = {
  webhooks: ['addresspoolvalidationwebhook.metallb.io Fail', 'bgppeersvalidationwebhook.metallb.io Fail'],
  volumes: ['cert', 'memberlist'],
}
const NOTHING_STAYS = { webhooks: [], volumes: [] }
const WAYS = [
  { were: 'applied', how: ['apply'], stays: NOTHING_STAYS },
  { were: 'applied by the server', how: ['apply', '--server-side'], stays: STAYS },
  { were: 'created, as Helm does', how: ['create'], stays: STAYS },
] as const

/** What is there and not ours. */
async function strangers(): Promise<typeof STAYS> {
  const { webhooks = [] } = (await api.call<Listed>('GET', WEBHOOKS)).body
  const volumes = WORKLOADS.map(async ([place, { spec }]) => {
    const { volumes: now = [] } = (await api.call<Listed>('GET', `${APPS}/${place}`)).body.spec?.template?.spec ?? {}
    const ours = (spec.volumes ?? []).map(({ name }) => name)
    return now.map(({ name }) => name).filter((name) => !ours.includes(name))
  })
  return {
    webhooks: webhooks
      .filter(({ name, failurePolicy }) => !OUR_WEBHOOKS.includes(name) || failurePolicy !== 'Ignore')
      .map(({ name, failurePolicy }) => `${name} ${failurePolicy}`),
    volumes: (await Promise.all(volumes)).flat(),
  }
}

for (const { were, how, stays } of WAYS) {
  describe(`over objects of MetalLB that were ${were}`, () => {
    before(async () => {
      // One each: without a controller manager no namespace ever ends, so none can be made again.
      api = await startRealApi()
      for (const file of THEIRS) await succeed(...how, '-f', file)
    })
    after(() => api.stop())

    it('kubectl apply is taken, and nobody converts any more', async () => {
      assert.equal(await strategy(), 'Webhook')
      await succeed('apply', '-f', MANIFEST)
      assert.equal(await strategy(), 'None')
    })

    it(stays === STAYS ? 'what kubectl did not apply stays' : 'nothing of it stays', async () => {
      assert.deepEqual(await strangers(), stays)
    })

    it('nothing of it stays when what docs/migrate.md deletes is deleted before', async () => {
      await succeed('delete', 'validatingwebhookconfiguration', 'metallb-webhook-configuration')
      await succeed('delete', '-n', 'metallb-system', 'deployment/controller', 'daemonset/speaker')
      await succeed('apply', '-f', MANIFEST)
      assert.deepEqual(await strangers(), NOTHING_STAYS)
    })
  })
}

describe('a server-side apply over a webhook that converts', () => {
  before(async () => {
    api = await startRealApi()
    await succeed('create', '-f', metallbFile('definitions'))
  })
  after(() => api.stop())

  it('is refused, and taken once a plain apply has taken the webhook away', async () => {
    const again = ['apply', '--server-side', '--force-conflicts', '-f', `${ROOT}crds/bgppeers.yaml`]
    const { status, stderr } = await api.kubectl(again)
    assert.equal(status, 1)
    assert.match(stderr, /spec\.conversion\.webhookClientConfig: Forbidden/)
    await succeed('apply', '-f', `${ROOT}crds`)
    await succeed(...again)
    assert.equal(await strategy(), 'None')
  })
})
