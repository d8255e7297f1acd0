import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { follow, type Follower, SECRETS } from '@steelyard/kube'
import type { Secret } from '@steelyard/model'
import { errorText, type Logger } from '@steelyard/program'
import type { Cancel } from '@steelyard/runtime'
import {
  type CertificateProblem,
  type CertificateReading,
  type CertificateTexts,
  type Expected,
  outOfTime,
  readOwnCertificate,
  readPair,
  shownTime,
  textsIn,
} from './certificate.ts'
import { CERTIFICATE_KEYS } from './constants.ts'
import type { WebhookServer } from './server.ts'
import type { StoredPorts } from './stored.ts'

type Shown = { texts: CertificateTexts | undefined; told: string }

/** Gives the server what it is to show; what cannot be used is told once, and the last good one stays. */
function show(server: WebhookServer, reading: CertificateReading, shown: Shown, log: Logger): CertificateReading {
  const judged = reading.ok ? use(server, reading, shown, log) : reading
  if (judged.ok) {
    shown.told = ''
    return judged
  }
  const { reason, message } = judged.problem
  if (message !== shown.told) log.warn(`a certificate cannot be used: ${message}`, { reason })
  shown.told = message
  return judged
}

function use(
  server: WebhookServer,
  reading: CertificateReading & { readonly ok: true },
  shown: Shown,
  log: Logger,
): CertificateReading {
  const { value } = reading
  if (value.certificate === shown.texts?.certificate && value.key === shown.texts.key) return reading
  try {
    server.useCertificate(value)
  } catch (error) {
    return {
      ok: false,
      problem: { reason: 'CertificateCorrupt', message: `TLS does not take it: ${errorText(error)}` },
    }
  }
  shown.texts = value
  log.info(`the webhook shows a certificate that holds until ${shownTime(value.validTo)}`)
  return reading
}

export type SecretSource = {
  /** The Secret as the watch last had it. */
  readonly current: () => Secret | undefined
  readonly isSynced: () => boolean
  readonly stop: () => Promise<void>
}

export type SourceOptions = StoredPorts & {
  readonly server: WebhookServer
  readonly onChange: () => void
}

/** Every replica shows what the Secret holds, as soon as it holds it. */
export function followSecret(
  { server, onChange, ...ports }: SourceOptions,
  ref: { readonly namespace: string; readonly name: string },
  expected: () => Expected,
): SecretSource {
  const shown: Shown = { texts: undefined, told: '' }
  const secrets: Follower<Secret> = follow(ports.api, SECRETS, {
    ...ports,
    scope: { namespace: ref.namespace, fieldSelector: `metadata.name=${ref.name}` },
    onChange: (_, now) => {
      show(server, readOwnCertificate(textsIn(now?.data), expected()), shown, ports.log)
      onChange()
    },
  })
  void secrets.synced.then(onChange)
  return {
    current: () => secrets.objects.get(`${ref.namespace}/${ref.name}`),
    isSynced: secrets.isSynced,
    stop: secrets.stop,
  }
}

export type FileSource = {
  readonly problem: () => CertificateProblem | undefined
  readonly stop: () => Promise<void>
}

/** A kubelet brings new files within a minute or two; it replaces them all at once. */
const LOOK_EVERY_MS = 10_000

export type FileOptions = SourceOptions & { readonly folder: string; readonly now: () => number }

/** Shows what somebody else puts into a folder. Whoever made it vouches for it, so only the pair is judged, and its time. */
export function followFiles({ server, onChange, folder, now, clock, log }: FileOptions): FileSource {
  const shown: Shown = { texts: undefined, told: '' }
  const state: { problem: CertificateProblem | undefined; cancel: Cancel; stopped: boolean; said: string | undefined } =
    {
      problem: undefined,
      cancel: () => {},
      stopped: false,
      said: undefined,
    }
  const look = async (): Promise<void> => {
    const reading = await readFolder(folder)
    if (state.stopped) return
    const judged = show(server, reading, shown, log)
    state.problem = judged.ok ? outOfTime(judged.value, now()) : judged.problem
    const said = state.problem?.message ?? ''
    if (said !== state.said) onChange()
    state.said = said
    state.cancel = clock.wakeAt(clock.now() + LOOK_EVERY_MS, () => void look())
  }
  void look()
  return {
    problem: () => state.problem,
    stop: async () => {
      state.stopped = true
      state.cancel()
    },
  }
}

async function readFolder(folder: string): Promise<CertificateReading> {
  const { certificate, key } = CERTIFICATE_KEYS
  try {
    const [cert, secret] = await Promise.all([certificate, key].map((name) => readFile(join(folder, name), 'utf8')))
    return readPair({ authority: '', certificate: cert ?? '', key: secret ?? '' })
  } catch (error) {
    const message = `--cert-dir ${folder}: ${errorText(error)}`
    return { ok: false, problem: { reason: 'CertificateMissing', message } }
  }
}
