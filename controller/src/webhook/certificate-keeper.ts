import {
  ApiError,
  follow,
  type Follower,
  isConflict,
  isTaken,
  SECRETS,
  VALIDATING_WEBHOOK_CONFIGURATIONS,
  type ValidatingWebhookConfiguration,
} from '@steelyard/kube'
import type { Secret } from '@steelyard/model'
import { errorText, type Validity } from '@steelyard/program'
import { type Cancel, keyedQueue } from '@steelyard/runtime'
import type { WebhookStanding } from '../decide/webhook-condition.ts'
import type { PlainWorld } from '../world.ts'
import {
  certificatesIn,
  type CertificateProblem,
  type CertificateTexts,
  dataOf,
  type Expected,
  type ReadCertificate,
  readOwnCertificate,
  shownTime,
  textsIn,
} from './certificate.ts'
import type { SecretSource } from './certificate-source.ts'
import { conditionWriter, type ConditionWriter } from './condition-writer.ts'
import { CERTIFICATE_TIMES, WEBHOOK_CONFIGURATION } from './constants.ts'
import { withAuthority } from './trusted-authority.ts'

export type KeeperOptions = {
  readonly namespace: string
  readonly secretName: string
  readonly serviceName: string
  readonly secret: SecretSource
  readonly expected: () => Expected
  /** Makes an authority and a certificate of it. */
  readonly make: (validity: Validity) => Promise<CertificateTexts>
  /** Why the own server cannot be asked. */
  readonly serverProblem: () => string | undefined
}

export type Keeper = {
  /** Something it goes by has changed. */
  readonly check: () => void
  readonly stop: () => Promise<void>
}

type State = {
  readonly world: PlainWorld
  readonly options: KeeperOptions
  readonly configurations: Follower<ValidatingWebhookConfiguration>
  readonly condition: ConditionWriter
  readonly startedAt: number
  /** A certificate to come, whose authority is being made known: `since` by the clock, once it is published. */
  next: { readonly texts: CertificateTexts; since: number | undefined } | undefined
  /** What is wrong with the certificate that there is. */
  problem: CertificateProblem | undefined
  cancelWake: Cancel
}

const KEY = 'webhook'
const BACKOFF = { firstMs: 200, maxMs: 30_000 }

/**
 * Keeps a good certificate in the Secret and its authority in the ValidatingWebhookConfiguration, by level: whatever is
 * wrong with either, whoever did it, is put right. Every write carries the version it is based on, so that of two
 * keepers one succeeds and the other finds it done. Nothing is made where there is no such configuration.
 */
export function keepCertificate(world: PlainWorld, options: KeeperOptions): Keeper {
  const { clock, random } = world
  const configurations = followConfiguration(world, () => queue.add(KEY))
  const condition = conditionWriter(world, options.namespace)
  const state: State = {
    world,
    options,
    configurations,
    condition,
    startedAt: clock.now(),
    next: undefined,
    problem: undefined,
    cancelWake: () => {},
  }
  const queue = keyedQueue<string>({
    handle: async () => {
      state.cancelWake()
      const wakeInMs = await keep(state)
      state.cancelWake = clock.wakeAt(clock.now() + wakeInMs, () => queue.add(KEY))
    },
    onFailure: (_, error, retryInMs) => onFailure(state, error, retryInMs),
    concurrency: 1,
    backoff: BACKOFF,
    clock,
    random,
  })
  queue.add(KEY)
  void configurations.synced.then(() => queue.add(KEY))
  return {
    check: () => queue.add(KEY),
    stop: async () => {
      state.cancelWake()
      await Promise.all([queue.stop(), configurations.stop(), condition.stop()])
      state.cancelWake()
    },
  }
}

function followConfiguration({ api, clock, random, log }: PlainWorld, onChange: () => void): State['configurations'] {
  const scope = { fieldSelector: `metadata.name=${WEBHOOK_CONFIGURATION}` }
  return follow(api, VALIDATING_WEBHOOK_CONFIGURATIONS, { scope, clock, random, log: log.from('follow'), onChange })
}

/** Somebody else was faster: the watch brings what it did. Whatever else fails is told, and tried again. */
function onFailure(state: State, error: unknown, retryInMs: number): void {
  const { log } = state.world
  if (isConflict(error) || isTaken(error)) return log.debug('another was faster', { error, retryInMs })
  // Not leading any more, or just now unable to prove it: nothing is wrong with the webhook.
  if (error instanceof ApiError && error.reason === 'NotLeader') return log.debug('not leading', { error, retryInMs })
  const { reason, message } = state.problem ?? { reason: 'AuthorityNotInjected', message: 'its certificate is good' }
  log.warn('the certificate of the webhook could not be kept: trying again', { error, retryInMs })
  state.condition.report({ kind: 'troubled', reason, message: `${message}; ${errorText(error)}` })
}

/** One look at everything. @returns after how many milliseconds to look again, if nothing changes before */
async function keep(state: State): Promise<number> {
  const { options, configurations, condition } = state
  const { secret, expected } = options
  const { lookEveryMs, renewBeforeMs } = CERTIFICATE_TIMES
  if (!secret.isSynced() || !configurations.isSynced()) return waitForLists(state)
  if (configurations.objects.size === 0) {
    condition.report({ kind: 'notInstalled' })
    return lookEveryMs
  }
  const { now } = expected()
  const current = secret.current()
  const reading = readOwnCertificate(textsIn(current?.data), expected())
  state.problem = reading.ok ? undefined : reading.problem
  if (!reading.ok) return remake(state, current, reading.problem)
  const left = reading.value.validTo - renewBeforeMs - now
  if (left <= 0) return renew(state, current, reading.value)
  state.next = undefined
  await inject(state, reading.value.authority)
  condition.report(standingOf(options.serverProblem()))
  return Math.min(left, lookEveryMs)
}

/** A list takes a moment. One that does not come is no right to read, or no API. */
function waitForLists({ world, condition, startedAt }: State): number {
  const left = startedAt + CERTIFICATE_TIMES.announceMs - world.clock.now()
  if (left > 0) return left
  const message = `its Secret and ${WEBHOOK_CONFIGURATION} could not be read yet, see the log`
  condition.report({ kind: 'troubled', reason: 'CertificateUnknown', message })
  return CERTIFICATE_TIMES.lookEveryMs
}

function standingOf(serverProblem: string | undefined): WebhookStanding {
  return serverProblem === undefined
    ? { kind: 'ready' }
    : { kind: 'troubled', reason: 'NotListening', message: serverProblem }
}

/** What there is cannot be used, so there is nothing to be gentle with: the watch brings the new one, and the rest follows. */
async function remake(state: State, current: Secret | undefined, problem: CertificateProblem): Promise<number> {
  state.next = undefined
  const texts = await state.options.make(validityFrom(state.options.expected().now))
  const written = await writeSecret(state, current, texts)
  tell(state, written, `made a certificate for the webhook, since ${problem.message}`)
  return CERTIFICATE_TIMES.lookEveryMs
}

/**
 * While the old one holds, nobody should meet a certificate that it does not trust: first the new authority is
 * published beside the old, then the certificate is replaced. The old authority stays published until the next time,
 * for replicas that still show its certificate.
 */
async function renew(state: State, current: Secret | undefined, old: ReadCertificate): Promise<number> {
  const { world, options } = state
  const { announceMs, lookEveryMs } = CERTIFICATE_TIMES
  state.next ??= { texts: beside(await options.make(validityFrom(options.expected().now)), old), since: undefined }
  const { next } = state
  await inject(state, next.texts.authority)
  next.since ??= world.clock.now()
  const left = next.since + announceMs - world.clock.now()
  if (left > 0) return left
  const written = await writeSecret(state, current, next.texts)
  state.next = undefined
  tell(state, written, `renewed the certificate of the webhook, which would have ended at ${shownTime(old.validTo)}`)
  return lookEveryMs
}

function beside(made: CertificateTexts, old: CertificateTexts): CertificateTexts {
  return { ...made, authority: made.authority + (certificatesIn(old.authority)[0] ?? '') }
}

function validityFrom(now: number): Validity {
  const { headStartMs, lifetimeMs } = CERTIFICATE_TIMES
  return { from: new Date(now - headStartMs), to: new Date(now + lifetimeMs) }
}

/** Conditional: an update carries the version it is based on, a creation fails when there is one. */
function writeSecret({ world, options }: State, current: Secret | undefined, texts: CertificateTexts): Promise<Secret> {
  const { namespace, secretName: name } = options
  const data = dataOf(texts)
  if (current !== undefined) return world.api.update(SECRETS, { ...current, data })
  const object = { apiVersion: 'v1', kind: 'Secret', metadata: { namespace, name }, type: 'Opaque', data }
  return world.api.create(SECRETS, object)
}

/** The configuration as it should be trusts this authority, in every entry that leads to our Service. */
async function inject({ world, options, configurations }: State, authority: string): Promise<void> {
  for (const configuration of configurations.objects.values()) {
    const service = { namespace: options.namespace, name: options.serviceName }
    const wanted = withAuthority(configuration, service, authority)
    if (wanted !== configuration) await world.api.update(VALIDATING_WEBHOOK_CONFIGURATIONS, wanted)
  }
}

function tell({ world }: State, secret: Secret, message: string): void {
  world.log.info(message, { reason: 'CertificateMade' })
  world.events.tell({ ...secret, apiVersion: 'v1', kind: 'Secret' }, 'Normal', 'CertificateMade', message)
}
