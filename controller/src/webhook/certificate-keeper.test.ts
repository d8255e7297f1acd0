import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { SECRETS } from '@steelyard/kube'
import { makeAuthority } from '@steelyard/program'
import {
  BEGIN,
  conditionIn,
  DNS_NAME,
  installWebhook,
  once,
  putSecret,
  removeWebhook,
  SECRET_REF,
  secretTexts,
  trusted,
  webhookFixture,
  type WebhookFixture,
  type WebhookReplica,
} from '../testing/webhook-fixture.ts'
import { serialTrusted } from '../testing/webhook-client.ts'
import { type CertificateTexts, certificatesIn, dataOf } from './certificate.ts'

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000

let fixture: WebhookFixture
beforeEach(() => {
  fixture = webhookFixture()
})
afterEach(() => fixture.end())

const isReady = (): boolean => conditionIn(fixture.cluster)?.status === 'True'
const writesOf = ({ api }: WebhookReplica): readonly string[] =>
  api.writes().map(({ verb, resource }) => `${verb} ${resource.plural}`)

/** The serial number of the certificate that a client meets who trusts what the API server is told to trust. */
async function serialMet({ webhook }: WebhookReplica): Promise<string> {
  const [bundle = ''] = trusted(fixture.cluster)
  return serialTrusted(webhook.port() ?? 0, DNS_NAME, { bundle, now: fixture.timeOfDay() })
}

const serialStored = (): string => new X509Certificate(secretTexts(fixture.cluster).certificate).serialNumber

async function ready(): Promise<WebhookReplica> {
  installWebhook(fixture.cluster)
  putSecret(fixture.cluster)
  const replica = fixture.start()
  replica.keep()
  await once(fixture.clock, isReady)
  return replica
}

async function madeElsewhere(
  from: number,
  to: number,
  names = [DNS_NAME],
  whose = 'Steelyard webhook',
): Promise<CertificateTexts> {
  const authority = await makeAuthority(whose, { from: new Date(from), to: new Date(to) })
  return { authority: authority.certificate, ...(await authority.issue(names)) }
}

describe('the certificate of the webhook', () => {
  it('is made into the Secret that is shipped empty, and is trusted by every entry that leads to our Service', async () => {
    const elsewhere = { name: 'c.example', clientConfig: { url: 'https://elsewhere.example', caBundle: 'b3RoZXI=' } }
    installWebhook(fixture.cluster, [elsewhere])
    putSecret(fixture.cluster)
    const replica = fixture.start()
    replica.keep()
    await once(fixture.clock, isReady)
    const { authority, certificate, key } = secretTexts(fixture.cluster)
    assert.deepEqual(trusted(fixture.cluster), [authority, authority, 'other'])
    assert.equal(new X509Certificate(certificate).subjectAltName, `DNS:${DNS_NAME}`)
    assert.match(key, /^-----BEGIN PRIVATE KEY-----/)
    assert.equal(fixture.cluster.read(SECRETS, SECRET_REF)?.metadata.uid, 'secret', 'filled, not replaced')
    assert.equal(await serialMet(replica), serialStored())
    assert.deepEqual(replica.events, [
      'Normal CertificateMade: made a certificate for the webhook, since there is no ca.crt, no tls.crt, no tls.key',
    ])
  })

  it('is made together with its Secret where there is none', async () => {
    installWebhook(fixture.cluster)
    const replica = fixture.start()
    replica.keep()
    await once(fixture.clock, isReady)
    assert.equal(await serialMet(replica), serialStored())
  })

  it('is not made where there is no webhook, which takes no write at all, and is made when one is installed', async () => {
    putSecret(fixture.cluster)
    const replica = fixture.start()
    replica.keep()
    await fixture.clock.advanceAsync(HOUR_MS)
    assert.deepEqual(writesOf(replica), [])
    assert.equal(conditionIn(fixture.cluster), undefined)
    installWebhook(fixture.cluster)
    await once(fixture.clock, isReady)
    removeWebhook(fixture.cluster)
    await once(fixture.clock, () => conditionIn(fixture.cluster) === undefined)
  })

  it('is left to the one who keeps it; others show it as soon as it is there', async () => {
    installWebhook(fixture.cluster)
    putSecret(fixture.cluster)
    const [standby, active] = [fixture.start(), fixture.start()]
    active.keep()
    await once(fixture.clock, isReady)
    await once(fixture.clock, () => standby.webhook.problem() === undefined)
    assert.deepEqual(writesOf(standby), [])
    assert.equal(await serialMet(standby), serialStored())
    assert.equal(await serialMet(active), serialStored())
  })

  it('costs no write at rest, whatever time passes before it is due', async () => {
    const replica = await ready()
    const before = writesOf(replica).length
    for (let week = 0; week < 39; week++) await fixture.passDays(7)
    assert.equal(writesOf(replica).length, before)
  })

  it('stands in no line of the log nor in any Event', async () => {
    const replica = await ready()
    const told = JSON.stringify([replica.log, replica.events, conditionIn(fixture.cluster)])
    assert.doesNotMatch(told, /PRIVATE KEY|BEGIN/)
    const [, middle = ''] = secretTexts(fixture.cluster).key.split('\n')
    assert.ok(middle.length > 20 && !told.includes(middle))
  })

  type Row = readonly [
    what: string,
    data: (good: CertificateTexts) => Promise<CertificateTexts | undefined>,
    says: RegExp,
  ]
  const ROWS: readonly Row[] = [
    ['deleted', () => Promise.resolve(undefined), /there is no ca\.crt/],
    ['emptied', () => Promise.resolve({ authority: '', certificate: '', key: '' }), /there is no ca\.crt/],
    ['robbed of its key', (good) => Promise.resolve({ ...good, key: '' }), /there is no tls\.key/],
    [
      'overwritten with noise',
      (good) => Promise.resolve({ ...good, certificate: 'noise' }),
      /tls\.crt is no certificate in PEM/,
    ],
    ['given a broken key', (good) => Promise.resolve({ ...good, key: 'noise' }), /tls\.key is no private key/],
    [
      'given the key of another',
      async (good) => ({ ...good, key: (await madeElsewhere(BEGIN, BEGIN + DAY_MS)).key }),
      /tls\.key is not the key of tls\.crt/,
    ],
    [
      'given another authority',
      async (good) => ({ ...good, authority: (await madeElsewhere(BEGIN, BEGIN + 400 * DAY_MS)).authority }),
      /ca\.crt did not sign tls\.crt/,
    ],
    [
      'replaced by that of another product',
      () => madeElsewhere(BEGIN, BEGIN + 4000 * DAY_MS, [DNS_NAME], 'cert'),
      /ca\.crt is not of our making/,
    ],
    [
      'replaced by one for another name',
      () => madeElsewhere(BEGIN, BEGIN + 400 * DAY_MS, ['other.svc']),
      /tls\.crt is not for metallb-webhook-service\.metallb-system\.svc/,
    ],
    [
      'replaced by one that has expired',
      () => madeElsewhere(BEGIN - 2 * DAY_MS, BEGIN - DAY_MS),
      /does not hold now|ended at/,
    ],
    [
      'replaced by one that is not valid yet',
      () => madeElsewhere(BEGIN + DAY_MS, BEGIN + 2 * DAY_MS),
      /does not hold now|holds from/,
    ],
  ]
  for (const [what, data, says] of ROWS) {
    it(`is made anew at once when it was ${what}, and shown without a restart`, async () => {
      const replica = await ready()
      const before = serialStored()
      const texts = await data(secretTexts(fixture.cluster))
      if (texts === undefined) fixture.cluster.remove(SECRETS, SECRET_REF)
      else putSecret(fixture.cluster, dataOf(texts))
      await once(fixture.clock, () => replica.events.length === 2)
      assert.match(replica.events[1] ?? '', says)
      await once(fixture.clock, () => trusted(fixture.cluster)[0] === secretTexts(fixture.cluster).authority)
      assert.notEqual(serialStored(), before)
      assert.equal(await serialMet(replica), serialStored())
      await once(fixture.clock, isReady)
    })
  }

  it('is renewed 90 days before its end, and nobody meets one that is not trusted meanwhile', async () => {
    const replica = await ready()
    const [first, { authority }] = [serialStored(), secretTexts(fixture.cluster)]
    await fixture.passDays(275)
    await once(fixture.clock, () => trusted(fixture.cluster)[0] !== authority)
    // The new authority is known first, beside the old, and the old certificate is still shown.
    const [bundle = ''] = trusted(fixture.cluster)
    assert.equal(certificatesIn(bundle)[1], authority)
    assert.equal(serialStored(), first)
    assert.equal(await serialMet(replica), first)
    const announcedAt = fixture.clock.now()
    await once(fixture.clock, () => serialStored() !== first)
    assert.ok(fixture.clock.now() - announcedAt >= 9000, 'every API server has the time to hear of it')
    assert.equal(await serialMet(replica), serialStored())
    assert.equal(trusted(fixture.cluster)[0], bundle)
    assert.equal(secretTexts(fixture.cluster).authority, bundle)
    assert.match(replica.events[1] ?? '', /renewed .* which would have ended at 2027-06-01T/)
    assert.equal(isReady(), true)
  })

  it('keeps no more than the last authority beside its own, however often it is renewed', async () => {
    await ready()
    const serials = new Set([serialStored()])
    for (let time = 1; time <= 3; time++) {
      await fixture.passDays(275)
      await once(fixture.clock, () => !serials.has(serialStored()))
      serials.add(serialStored())
      assert.equal(certificatesIn(secretTexts(fixture.cluster).authority).length, 2)
    }
  })

  it('is trusted again when somebody took that away', async () => {
    const replica = await ready()
    installWebhook(fixture.cluster)
    await once(fixture.clock, () => trusted(fixture.cluster)[1] === secretTexts(fixture.cluster).authority)
    assert.equal(await serialMet(replica), serialStored())
  })

  it('is not fought over: of two that keep it one writes, and the other finds it done', async () => {
    installWebhook(fixture.cluster)
    putSecret(fixture.cluster)
    const replicas = [fixture.start(), fixture.start()]
    for (const { api, keep } of replicas) {
      // Both have read before either writes.
      api.faults.delay(200)
      keep()
    }
    await once(fixture.clock, isReady)
    await once(fixture.clock, () => replicas.every(({ webhook }) => webhook.problem() === undefined))
    await fixture.clock.advanceAsync(60_000)
    const before = replicas.flatMap(writesOf).length
    const serial = serialStored()
    await fixture.clock.advanceAsync(20 * HOUR_MS)
    assert.equal(serialStored(), serial)
    assert.equal(replicas.flatMap(writesOf).length, before, 'no further write')
    assert.equal(replicas.flatMap(({ events }) => events).length, 1, 'one certificate was made')
    for (const replica of replicas) assert.equal(await serialMet(replica), serial)
  })
})
