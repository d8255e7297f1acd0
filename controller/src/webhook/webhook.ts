import type { Api } from '@steelyard/kube'
import type { Logger, SignedCertificate, SignedWish, Validity } from '@steelyard/program'
import type { Clock, Random, TimeOfDay } from '@steelyard/runtime'
import type { PlainWorld } from '../world.ts'
import type { CertificateTexts, Expected } from './certificate.ts'
import { keepCertificate, type Keeper } from './certificate-keeper.ts'
import { type FileSource, followFiles, followSecret, type SecretSource } from './certificate-source.ts'
import { AUTHORITY_NAME } from './constants.ts'
import { watchFiles } from './file-watch.ts'
import { type ServerOptions, startServer, type WebhookServer } from './server.ts'
import { followStored } from './stored.ts'

export type WebhookOptions = {
  readonly api: Api
  readonly clock: Clock
  readonly timeOfDay: TimeOfDay
  readonly random: Random
  readonly log: Logger
  readonly namespace: string
  readonly port: number
  readonly http2: boolean
  readonly tls: ServerOptions['tls']
  readonly secretName: string
  readonly serviceName: string
  readonly makeCertificate: (wish: SignedWish) => Promise<SignedCertificate>
  /** Given: the certificate comes from this folder, and nobody of ours makes or publishes one. */
  readonly certificateFolder?: string | undefined
}

export type Webhook = {
  /** Where it listens; undefined while it does not. */
  readonly port: () => number | undefined
  /** Why it cannot be asked; undefined when it can. */
  readonly problem: () => string | undefined
  /** Keeps certificate, trust and condition in order until it is stopped: for the one replica that may write. */
  readonly keep: (world: PlainWorld) => Pick<Keeper, 'stop'>
  readonly stop: () => Promise<void>
}

type Running = {
  readonly options: WebhookOptions
  readonly server: WebhookServer
  readonly expected: () => Expected
  readonly listeners: Set<() => void>
}

/**
 * Starts to answer the API server, in every replica. Nothing of it is waited for, and nothing of it ends the process:
 * allocation goes on without.
 */
export function startWebhook(options: WebhookOptions): Webhook {
  const { namespace, serviceName, timeOfDay } = options
  const stored = followStored({ ...options, log: options.log.from('follow') }, namespace)
  const listeners = new Set<() => void>()
  const onChange = (): void => {
    for (const listener of listeners) listener()
  }
  const surroundings = { namespace, stored: stored.objects, missing: stored.missing }
  const server = startServer({ ...options, log: options.log.from('webhook'), surroundings, onChange })
  const dnsName = `${serviceName}.${namespace}.svc`
  const expected = (): Expected => ({ authorityName: AUTHORITY_NAME, dnsName, now: timeOfDay().getTime() })
  const running: Running = { options, server, expected, listeners }
  const { source, keep } = sourceOf(running, onChange)
  return {
    port: server.port,
    problem: server.problem,
    keep: (world) => {
      const keeper = keep({ ...world, log: world.log.from('webhook') })
      listeners.add(keeper.check)
      return {
        stop: () => {
          listeners.delete(keeper.check)
          return keeper.stop()
        },
      }
    },
    stop: async () => {
      await Promise.all([server.stop(), source.stop(), stored.stop()])
    },
  }
}

type Source = {
  readonly source: SecretSource | FileSource
  readonly keep: (world: PlainWorld) => Keeper
}

function sourceOf({ options, server, expected }: Running, onChange: () => void): Source {
  const { namespace, secretName, serviceName, certificateFolder: folder } = options
  const ports = { ...options, log: options.log.from('webhook'), server, onChange }
  const shared = { namespace, serverProblem: server.problem }
  if (folder !== undefined) {
    const files = followFiles({ ...ports, folder, now: () => options.timeOfDay().getTime() })
    return { source: files, keep: (world) => watchFiles(world, { ...shared, fileProblem: files.problem }) }
  }
  const secret = followSecret(ports, { namespace, name: secretName }, expected)
  const make = ({ from, to }: Validity): Promise<CertificateTexts> =>
    options.makeCertificate({
      authorityName: AUTHORITY_NAME,
      hosts: [expected().dnsName],
      notBefore: from.getTime(),
      notAfter: to.getTime(),
    })
  const more = { secretName, serviceName, secret, expected, make }
  return { source: secret, keep: (world) => keepCertificate(world, { ...shared, ...more }) }
}
