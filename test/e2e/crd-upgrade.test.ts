import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import { parse } from 'yaml'
import { waitFor } from '../lab/wait.ts'
import { type Kind, KINDS, objectOf, pathOf } from './crd-examples/example.ts'
import { PEER } from './crd-examples/peers.ts'
import { applyCrds, causes, said } from './crd-server.ts'
import { type RealApi, startRealApi } from './real-api.ts'

/** Our CRDs laid over those of a MetalLB install: looser, and with a webhook that converts BGPPeers. */

const ROOT = new URL('../..', import.meta.url).pathname
const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
const WEBHOOK = {
  strategy: 'Webhook',
  webhook: {
    conversionReviewVersions: ['v1beta1', 'v1beta2'],
    clientConfig: { service: { name: 'metallb-webhook-service', namespace: 'metallb-system', path: '/convert' } },
  },
}

type Crd = { readonly metadata: { readonly name: string }; readonly spec: object }
/** What ours adds to the schema that MetalLB's clusters have. */
const OURS = new Set(['x-kubernetes-validations', 'maxItems', 'maxLength', 'maxProperties', 'pattern', 'minLength'])

function loosened(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(loosened)
  if (typeof schema !== 'object' || schema === null) return schema
  const kept = Object.entries(schema).filter(([key]) => !OURS.has(key))
  return Object.fromEntries(kept.map(([key, value]) => [key, loosened(value)]))
}

function foreignCrds(): readonly Crd[] {
  return globSync('crds/*.yaml', { cwd: ROOT }).map((file) => {
    const crd = loosened(parse(readFileSync(`${ROOT}${file}`, 'utf8'), { maxAliasCount: 1000 })) as Crd
    const conversion = file === 'crds/bgppeers.yaml' ? WEBHOOK : { strategy: 'None' }
    return { ...crd, spec: { ...crd.spec, conversion } }
  })
}

const WAYS = [
  { were: 'created, as Helm does', how: ['create', '-f', '-'] },
  { were: 'applied', how: ['apply', '-f', '-'] },
  { were: 'applied by the server', how: ['apply', '--server-side', '-f', '-'] },
] as const

/** What an older schema let in: kind, name, spec, the path that is wrong with it, and what mends it. */
const OLD: readonly (readonly [Kind, string, object, string, object])[] = [
  [KINDS.pool, 'bare', { addresses: ['192.0.2.1'] }, 'spec.addresses[0]', { addresses: ['192.0.2.1/32'] }],
  [KINDS.l2, 'twice', { ipAddressPools: ['a', 'a'] }, 'spec.ipAddressPools', { ipAddressPools: ['a'] }],
  [KINDS.peer, 'zone', { ...PEER, peerAddress: 'fe80::1%eth0' }, 'spec.peerAddress', { peerAddress: 'fe80::1' }],
  [KINDS.peer, 'short-hold', { ...PEER, holdTime: '1s' }, 'spec.holdTime', { holdTime: '3s' }],
]

let api: RealApi
before(async () => {
  api = await startRealApi()
  await api.kubectl(['create', 'namespace', 'metallb-system'])
})
after(() => api.stop())

for (const { were, how } of WAYS) {
  describe(`over CRDs that were ${were}`, () => {
    before(async () => {
      await api.kubectl(['delete', '-f', `${ROOT}crds`, '--ignore-not-found'])
      const old = await api.kubectl(
        how,
        foreignCrds()
          .map((crd) => JSON.stringify(crd))
          .join('\n---\n'),
      )
      assert.equal(old.status, 0, old.stderr)
      for (const [kind, name, spec] of OLD) await putOld(api, kind, objectOf(kind, name, { spec }))
      await applyCrds(api)
    })

    it('the webhook that converted is gone', async () => {
      type Converting = { spec: { conversion: object } }
      const { body } = await api.call<Converting>('GET', `${CRDS}/bgppeers.metallb.io`)
      assert.deepEqual(body.spec.conversion, { strategy: 'None' })
      assert.equal((await api.call('GET', pathOf(KINDS.oldPeer, 'short-hold'))).status, 200)
    })

    for (const [kind, name, , path, accepted] of OLD) {
      it(`${kind.kind} ${name}, which is refused today, can still be labelled, and mended`, async () => {
        const type = 'application/merge-patch+json'
        const patch = (body: object) => api.call('PATCH', pathOf(kind, name), { type, body })
        const labelled = await patch({ metadata: { labels: { seen: 'yes' } } })
        assert.equal(labelled.status, 200, said(labelled))
        const fresh = await api.call('POST', `${pathOf(kind)}?dryRun=All`, {
          body: objectOf(kind, 'fresh', { spec: (labelled.body as { spec?: object }).spec }),
        })
        assert.ok(
          causes(fresh).some((cause) => cause.startsWith(path)),
          said(fresh),
        )
        const mended = await patch({ spec: accepted })
        assert.equal(mended.status, 200, said(mended))
      })
    }

    it('a second apply changes nothing', async () => {
      const before = await versions()
      const { status, stderr } = await api.kubectl(['apply', '-f', `${ROOT}crds`])
      assert.equal(status, 0, stderr)
      assert.deepEqual(await versions(), before)
    })
  })
}

async function versions(): Promise<readonly string[]> {
  type List = { items: { metadata: { name: string; resourceVersion: string } }[] }
  const { body } = await api.call<List>('GET', CRDS)
  return body.items.map(({ metadata }) => `${metadata.name} ${metadata.resourceVersion}`)
}

async function putOld(api: RealApi, kind: Kind, body: object): Promise<void> {
  await waitFor(`${kind.plural} to be taken`, async () => {
    const { status } = await api.call('POST', pathOf(kind), { body })
    return status === 201 || status === 409
  })
}
