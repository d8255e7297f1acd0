import { setTimeout as pause } from 'node:timers/promises'
import {
  CONFIGURATION_STATES,
  memoryApi,
  type MemoryApi,
  memoryCluster,
  type MemoryCluster,
  SECRETS,
  VALIDATING_WEBHOOK_CONFIGURATIONS,
  type WebhookEntry,
} from '@steelyard/kube'
import type { Condition, Secret } from '@steelyard/model'
import { makeAuthority, type SignedCertificate, type SignedWish } from '@steelyard/program'
import { type FakeClock, fakeClock, seededRandom } from '@steelyard/runtime'
import { textsIn, type CertificateTexts } from '../webhook/certificate.ts'
import { WEBHOOK_CONFIGURATION } from '../webhook/constants.ts'
import { startWebhook, type Webhook, type WebhookOptions } from '../webhook/webhook.ts'
import type { World } from '../world.ts'
import { type LogLine, NAMESPACE, recordingLog } from './controller-fixture.ts'

export const SECRET_REF = { namespace: NAMESPACE, name: 'metallb-webhook-cert' }
export const SERVICE = 'metallb-webhook-service'
export const DNS_NAME = `${SERVICE}.${NAMESPACE}.svc`
export const BEGIN = Date.parse('2026-06-01T12:00:00Z')
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const CONFIGURATION_REF = { name: WEBHOOK_CONFIGURATION }

export type WebhookReplica = {
  readonly webhook: Webhook
  readonly api: MemoryApi
  readonly log: readonly LogLine[]
  /** Events as `type reason: message`. */
  readonly events: readonly string[]
  /** As when it is elected. */
  readonly keep: () => { readonly stop: () => Promise<void> }
}

/** A cluster in memory, webhooks on it, and a time of day that goes with the clock. */
export type WebhookFixture = {
  readonly clock: FakeClock
  readonly cluster: MemoryCluster
  readonly timeOfDay: () => Date
  /** Days go by for the time of day, of which the clock sees an hour: as after a long sleep. */
  readonly passDays: (days: number) => Promise<void>
  readonly start: (more?: Partial<WebhookOptions>) => WebhookReplica
  /** Ends everything that was started. */
  readonly end: () => Promise<void>
}

export function webhookFixture(): WebhookFixture {
  const clock = fakeClock()
  const skipped = { ms: 0 }
  const timeOfDay = (): Date => new Date(BEGIN + skipped.ms + clock.now())
  const cluster = memoryCluster(timeOfDay)
  const stops: (() => Promise<void>)[] = []
  const metadata = { namespace: NAMESPACE, name: 'controller' }
  cluster.put(CONFIGURATION_STATES, { apiVersion: 'metallb.io/v1beta1', kind: 'ConfigurationState', metadata })
  return {
    clock,
    cluster,
    timeOfDay,
    passDays: async (days) => {
      skipped.ms += days * DAY_MS - HOUR_MS
      for (let minute = 0; minute < 60; minute++) await clock.advanceAsync(HOUR_MS / 60)
    },
    start: (more = {}) => {
      const replica = startReplica({ clock, cluster, timeOfDay }, more, stops)
      stops.push(replica.webhook.stop)
      return replica
    },
    end: async () => {
      const ended = Promise.all(stops.map((stop) => stop()))
      await clock.advanceAsync(2000)
      await ended
    },
  }
}

type Parts = Pick<WebhookFixture, 'clock' | 'cluster' | 'timeOfDay'>

function startReplica(
  { clock, cluster, timeOfDay }: Parts,
  more: Partial<WebhookOptions>,
  stops: (() => Promise<void>)[],
): WebhookReplica {
  const api = memoryApi({ cluster, clock })
  const log: LogLine[] = []
  const events: string[] = []
  const tell: World['events']['tell'] = (_, type, reason, message) => void events.push(`${type} ${reason}: ${message}`)
  const world = { api, clock, timeOfDay, random: seededRandom(stops.length + 1), log: recordingLog(log) }
  const webhook = startWebhook({
    ...world,
    namespace: NAMESPACE,
    port: 0,
    http2: false,
    tls: { minVersion: 'TLSv1.3' },
    secretName: SECRET_REF.name,
    serviceName: SERVICE,
    makeCertificate: signInPlace,
    ...more,
  })
  const keep = (): ReturnType<Webhook['keep']> => {
    const keeping = webhook.keep({ ...world, events: { tell } })
    stops.push(keeping.stop)
    return keeping
  }
  return { webhook, api, log, events, keep }
}

/** As the program's own, without a process for each. */
export async function signInPlace({
  authorityName,
  hosts,
  notBefore,
  notAfter,
}: SignedWish): Promise<SignedCertificate> {
  const authority = await makeAuthority(authorityName, { from: new Date(notBefore), to: new Date(notAfter) })
  return { authority: authority.certificate, ...(await authority.issue(hosts)) }
}

/** Lets time pass in small steps, and the machine make its keys meanwhile, which no clock of ours drives. */
export async function once(clock: FakeClock, holds: () => boolean, limitMs = 60_000): Promise<void> {
  const since = clock.now()
  while (!holds()) {
    if (clock.now() - since > limitMs) throw new Error(`still not so after ${limitMs} ms: ${holds.toString()}`)
    await clock.advanceAsync(20)
    await pause(1)
  }
}

export function installWebhook(cluster: MemoryCluster, more: readonly WebhookEntry[] = []): void {
  cluster.put(VALIDATING_WEBHOOK_CONFIGURATIONS, {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name: WEBHOOK_CONFIGURATION, uid: 'configuration' },
    webhooks: [entry('a.metallb.io'), entry('b.metallb.io'), ...more],
  })
}

function entry(name: string): WebhookEntry {
  return { name, clientConfig: { service: { namespace: NAMESPACE, name: SERVICE, path: `/${name}` } } }
}

export function removeWebhook(cluster: MemoryCluster): void {
  cluster.remove(VALIDATING_WEBHOOK_CONFIGURATIONS, CONFIGURATION_REF)
}

/** The authorities that each entry trusts, as PEM. */
export function trusted(cluster: MemoryCluster): readonly string[] {
  const { webhooks = [] } = cluster.read(VALIDATING_WEBHOOK_CONFIGURATIONS, CONFIGURATION_REF) ?? {}
  return webhooks.map(({ clientConfig }) => Buffer.from(clientConfig.caBundle ?? '', 'base64').toString())
}

/** Somebody else writes the Secret; without data it is the one that is shipped. */
export function putSecret(cluster: MemoryCluster, data?: Secret['data']): void {
  const object = { apiVersion: 'v1', kind: 'Secret', metadata: { ...SECRET_REF, uid: 'secret' }, type: 'Opaque' }
  cluster.put(SECRETS, { ...object, ...(data && { data }) })
}

export function secretTexts(cluster: MemoryCluster): CertificateTexts {
  return textsIn(cluster.read(SECRETS, SECRET_REF)?.data)
}

export function conditionIn(cluster: MemoryCluster): Condition | undefined {
  const state = cluster.read(CONFIGURATION_STATES, { namespace: NAMESPACE, name: 'controller' })
  return state?.status?.conditions?.find(({ type }) => type === 'webhookReady')
}
