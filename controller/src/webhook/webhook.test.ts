import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { BFD_PROFILES, BGP_PEERS, IP_ADDRESS_POOLS, NODES } from '@steelyard/kube'
import { makeAuthority } from '@steelyard/program'
import {
  controllerFixture,
  end,
  ipsOf,
  NAMESPACE,
  pass,
  putPool,
  putService,
  readState,
  until,
} from '../testing/controller-fixture.ts'
import { examplePoolObject } from '../testing/examples.ts'
import { askWebhook, responseIn, reviewOf } from '../testing/webhook-client.ts'
import {
  BEGIN,
  conditionIn,
  DNS_NAME,
  installWebhook,
  once,
  putSecret,
  SECRET_REF,
  secretTexts,
  SERVICE,
  signInPlace,
  trusted,
  webhookFixture,
  type WebhookFixture,
  type WebhookReplica,
} from '../testing/webhook-fixture.ts'
import { startWebhook } from './webhook.ts'

let fixture: WebhookFixture
beforeEach(() => {
  fixture = webhookFixture()
})
afterEach(() => fixture.end())

const conditionNow = (): string => {
  const { status, reason, message } = conditionIn(fixture.cluster) ?? {}
  return `${status} ${reason}: ${message}`
}

describe('the condition webhookReady', () => {
  it('says why the certificate cannot be made, tells it once, and is True again when it can', async () => {
    installWebhook(fixture.cluster)
    const { api, log, keep } = fixture.start()
    const refusal = { status: 403, reason: 'Forbidden', message: 'secrets is forbidden' }
    api.faults.failNext(Infinity, refusal, ({ verb, resource }) => verb === 'create' && resource.plural === 'secrets')
    keep()
    await once(fixture.clock, () => conditionIn(fixture.cluster) !== undefined)
    assert.equal(
      conditionNow(),
      'False CertificateMissing: the webhook is not ready, nothing else is affected: there is no ca.crt, no tls.crt, no ' +
        'tls.key; create secrets metallb-system/metallb-webhook-cert: 403 Forbidden: secrets is forbidden',
    )
    await fixture.clock.advanceAsync(120_000)
    assert.equal(log.filter(({ level }) => level === 'error').length, 1)
    api.faults.heal()
    await once(fixture.clock, () => conditionNow() === 'True Serving: ')
  })

  it('says when the authority cannot be published, and by which words', async () => {
    installWebhook(fixture.cluster)
    const { api, keep } = fixture.start()
    const refusal = { status: 403, reason: 'Forbidden', message: 'no' }
    api.faults.failNext(
      Infinity,
      refusal,
      ({ verb, resource }) => verb === 'update' && resource.plural.startsWith('vali'),
    )
    keep()
    await once(fixture.clock, () => conditionIn(fixture.cluster)?.status === 'False')
    assert.match(
      conditionNow(),
      /^False AuthorityNotInjected: .*its certificate is good; update validatingwebhook.*403/,
    )
  })

  it('says when nothing could be read, once that is no matter of a moment', async () => {
    installWebhook(fixture.cluster)
    const { api, keep } = fixture.start()
    api.faults.failNext(Infinity, { status: 403, reason: 'Forbidden' }, ({ resource }) => resource.plural === 'secrets')
    keep()
    await fixture.clock.advanceAsync(9000)
    assert.equal(conditionIn(fixture.cluster), undefined)
    await once(fixture.clock, () => conditionIn(fixture.cluster) !== undefined)
    assert.match(conditionNow(), /^False CertificateUnknown: .*could not be read yet/)
  })

  it('says when the port is taken', async () => {
    installWebhook(fixture.cluster)
    const first = fixture.start()
    await once(fixture.clock, () => first.webhook.port() !== undefined)
    fixture.start({ port: first.webhook.port() ?? 0 }).keep()
    await once(fixture.clock, () => conditionIn(fixture.cluster)?.status === 'False')
    assert.match(conditionNow(), /^False NotListening: .*cannot listen on port \d+: .*EADDRINUSE/)
  })
})

describe('the judgement of the webhook', () => {
  const ask = async (
    { webhook }: WebhookReplica,
    path: string,
    body: string,
  ): Promise<ReturnType<typeof responseIn>> => {
    const [ca = ''] = trusted(fixture.cluster)
    return responseIn(
      await askWebhook({ port: webhook.port() ?? 0, path, body, ca, servername: DNS_NAME, trustAll: true }),
    )
  }

  it('goes by what is stored now', async () => {
    installWebhook(fixture.cluster)
    const replica = fixture.start()
    replica.keep()
    await once(fixture.clock, () => conditionIn(fixture.cluster)?.status === 'True')
    const path = '/validate-metallb-io-v1beta1-ipaddresspool'
    const question = reviewOf(examplePoolObject('new', ['10.0.0.0/25']))
    assert.equal((await ask(replica, path, question)).allowed, true)
    fixture.cluster.put(IP_ADDRESS_POOLS, examplePoolObject('old', ['10.0.0.0/24']))
    await fixture.clock.advanceAsync(10)
    const { allowed, status } = await ask(replica, path, question)
    assert.equal(allowed, false)
    assert.match(status?.message ?? '', /IPAddressPool new.*IPAddressPool old/)
  })

  it('warns of what has no effect, keeps profiles in use, and knows the nodes', async () => {
    installWebhook(fixture.cluster)
    const replica = fixture.start()
    replica.keep()
    const metadata = { name: 'a', namespace: NAMESPACE }
    const spec = { myASN: 64512, peerASN: 64513, peerAddress: '192.0.2.1', bfdProfile: 'fast', password: 'hunter2' }
    const peer = { apiVersion: 'metallb.io/v1beta2', kind: 'BGPPeer', metadata, spec }
    fixture.cluster.put(BGP_PEERS, peer)
    fixture.cluster.put(NODES, { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1', labels: { a: 'b' } } })
    await once(fixture.clock, () => conditionIn(fixture.cluster)?.status === 'True')
    const twin = { ...peer, metadata: { ...metadata, name: 'twin' }, spec: { ...spec, disableMP: true } }
    const answer = await ask(replica, '/validate-metallb-io-v1beta2-bgppeer', reviewOf(twin))
    assert.equal(answer.allowed, false)
    assert.match(answer.status?.message ?? '', /as in BGPPeer a/)
    assert.match(answer.warnings?.join() ?? '', /spec\.disableMP/)
    const profile = { apiVersion: 'metallb.io/v1beta1', kind: 'BFDProfile', metadata: { ...metadata, name: 'fast' } }
    const deletion = reviewOf(profile, { operation: 'DELETE', object: null, oldObject: profile })
    fixture.cluster.put(BFD_PROFILES, profile)
    const kept = await ask(replica, '/validate-metallb-io-v1beta1-bfdprofile', deletion)
    assert.match(kept.status?.message ?? '', /in use by BGPPeer a;/)
  })
})

describe('the webhook with a certificate from a folder', () => {
  it('shows what lies there and what comes later, makes nothing, and says what is wrong', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'steelyard-webhook-'))
    const write = async (from: number, to: number): Promise<void> => {
      const authority = await makeAuthority('somebody', { from: new Date(from), to: new Date(to) })
      const { certificate, key } = await authority.issue([DNS_NAME])
      writeFileSync(join(folder, 'tls.crt'), certificate)
      writeFileSync(join(folder, 'tls.key'), key)
    }
    const { webhook, api, keep } = fixture.start({ certificateFolder: folder })
    keep()
    await once(fixture.clock, () => conditionIn(fixture.cluster) !== undefined)
    assert.match(conditionNow(), /^False CertificateMissing: .*--cert-dir .*tls\.crt/)
    await write(BEGIN - 1000, BEGIN + 3_600_000)
    await once(fixture.clock, () => conditionNow() === 'True Serving: ')
    assert.equal(webhook.problem(), undefined)
    await fixture.passDays(1)
    await once(fixture.clock, () => conditionNow().startsWith('False CertificateExpired'))
    await write(BEGIN, BEGIN + 10 * 86_400_000)
    await once(fixture.clock, () => conditionNow() === 'True Serving: ')
    writeFileSync(join(folder, 'tls.key'), 'noise')
    await once(fixture.clock, () => conditionNow().startsWith('False CertificateCorrupt'))
    assert.equal(webhook.problem(), undefined, 'the last good one is shown on')
    assert.deepEqual(new Set(api.writes().map(({ resource }) => resource.plural)), new Set(['configurationstates']))
    rmSync(folder, { recursive: true })
  })
})

describe('allocation beside a webhook in trouble', () => {
  it('goes on, the configuration is Valid, and the summary says what is wrong with the webhook', async () => {
    const controllers = controllerFixture()
    const { clock, cluster } = controllers
    installWebhook(cluster)
    putSecret(cluster, { 'tls.crt': 'bm9pc2U=', 'tls.key': 'bm9pc2U=', 'ca.crt': 'bm9pc2U=' })
    putPool(cluster, 'web', ['10.0.0.0/24'])
    const replica = controllers.start('one', {
      webhookFor: (world) =>
        startWebhook({
          ...world,
          namespace: NAMESPACE,
          port: 0,
          http2: false,
          tls: {},
          secretName: SECRET_REF.name,
          serviceName: SERVICE,
          makeCertificate: signInPlace,
        }),
    })
    const refusal = { status: 403, reason: 'Forbidden', message: 'no' }
    replica.api.faults.failNext(
      Infinity,
      refusal,
      ({ verb, resource }) => verb === 'update' && resource.plural === 'secrets',
    )
    putService(cluster, 'default/a')
    await until(clock, () => ipsOf(cluster, 'default/a').length === 1)
    await once(clock, () => (readState(cluster)?.status?.errorSummary ?? '').includes('webhook'))
    const { result, errorSummary = '', conditions = [] } = readState(cluster)?.status ?? {}
    assert.equal(result, 'Valid')
    assert.match(errorSummary, /^the webhook is not ready, nothing else is affected: tls\.crt is no certificate/)
    assert.deepEqual(conditions.map(({ type, status }) => `${type} ${status}`).toSorted(), [
      'poolReconcilerValid True',
      'webhookReady False',
    ])
    putService(cluster, 'default/b')
    await until(clock, () => ipsOf(cluster, 'default/b').length === 1)
    replica.api.faults.heal()
    await once(clock, () => conditionIn(cluster)?.status === 'True')
    await once(clock, () => readState(cluster)?.status?.errorSummary === '')
    assert.notEqual(secretTexts(cluster).key, 'noise')
    await pass(clock, 1000)
    await end(clock, replica)
  })
})
