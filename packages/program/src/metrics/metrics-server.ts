import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Clock } from '@steelyard/runtime'
import { errorText } from '../error-text.ts'
import type { Logger } from '../logger.ts'
import type { TlsSettings } from '../tls-settings.ts'
import { gate, type Gate, type GatePorts } from './gate.ts'
import { type CertificateKeeper, keepMountedCertificate, keepOwnCertificate } from './metrics-certificate.ts'

export type MetricsServer = { readonly port: number; readonly stop: () => Promise<void> }

export type MetricsOptions = {
  /** Left out, all addresses. */
  readonly host?: string
  /** 0 takes any free one: whoever wants none does not call. */
  readonly port: number
  readonly tls: TlsSettings
  /** Folder of tls.crt and tls.key; empty: a certificate is made. */
  readonly certificateFolder: string
  /** What a certificate that is made is called. */
  readonly name: string
}

export type MetricsPorts = Pick<GatePorts, 'review'> & {
  readonly registry: { readonly contentType: string; readonly parts: () => AsyncIterable<string> }
  readonly clock: Clock
  readonly timeOfDay: () => Date
  readonly log: Logger
}

const PATH = '/metrics'
/** A scraper asks within a moment; whoever dawdles makes room. */
const REQUEST_MS = 10_000
const MOST_CONNECTIONS = 64

/**
 * Answers `/metrics` over HTTPS to whoever may read it. The port is taken at once; until a certificate is there,
 * handshakes fail.
 * @throws Error that names the flag when the port or the certificate of the folder cannot be had
 */
export async function startMetrics(options: MetricsOptions, ports: MetricsPorts): Promise<MetricsServer> {
  const { tls, host, port } = options
  const answering = { ...ports, gate: gate(ports) }
  // As in health.ts: an import statement would fetch all of the module.
  const { createServer } = process.getBuiltinModule('node:https')
  const server = createServer({ ...tls, requestTimeout: REQUEST_MS }, (request, response) => {
    void answer(answering, request, response)
  })
  server.maxConnections = MOST_CONNECTIONS
  await listen(server, host, port)
  const keeper = await kept(server, options, ports)
  return {
    port: (server.address() as AddressInfo).port,
    stop: () => {
      keeper.stop()
      return stop(server)
    },
  }
}

async function kept(server: Server, options: MetricsOptions, ports: MetricsPorts): Promise<CertificateKeeper> {
  try {
    return await keep(server, options, ports)
  } catch (error) {
    await stop(server)
    throw error
  }
}

function keep(
  server: Server,
  { certificateFolder, name, tls }: MetricsOptions,
  ports: MetricsPorts,
): CertificateKeeper | Promise<CertificateKeeper> {
  const using = {
    ...ports,
    use: ({ certificate, key }: { readonly certificate: string; readonly key: string }) =>
      server.setSecureContext({ ...tls, cert: certificate, key }),
  }
  return certificateFolder === ''
    ? keepOwnCertificate({ commonName: name, hosts: [name] }, using)
    : keepMountedCertificate(certificateFolder, using)
}

function listen(server: Server, host: string | undefined, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) =>
      reject(new Error(`--port: cannot listen on ${host ?? 'all addresses'}, port ${port}, for metrics`, { cause })),
    )
    server.listen(port, host, () => {
      server.removeAllListeners('error')
      resolve()
    })
  })
}

type Answering = MetricsPorts & { readonly gate: Gate }

async function answer(
  { gate: entrance, registry, log }: Answering,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const wrong = misguided(request)
  if (wrong !== undefined) return reply(response, wrong.status, wrong.text)
  try {
    const admission = await entrance.admit(request.headers.authorization)
    if (!admission.ok) return refuse(response, admission)
    response.setHeader('content-type', registry.contentType)
    await send(response, registry.parts())
  } catch (error) {
    log.error('the metrics could not be read', { op: 'metrics', error })
    // Half an answer must not look like a whole one.
    if (response.headersSent) response.destroy()
    else reply(response, 500, `the metrics could not be read: ${errorText(error)}`)
  }
}

/** As fast as it is read. Whoever goes away in the middle gets no more. */
async function send(response: ServerResponse, parts: AsyncIterable<string>): Promise<void> {
  for await (const part of parts) {
    if (response.destroyed) return
    if (!response.write(part)) await drained(response)
  }
  response.end()
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done).off('close', done)
      resolve()
    }
    response.on('drain', done).on('close', done)
    if (response.destroyed) done()
  })
}

function misguided({ url, method }: IncomingMessage): { readonly status: number; readonly text: string } | undefined {
  const [path] = (url ?? '').split('?')
  if (path !== PATH) return { status: 404, text: `no such path; there is ${PATH}` }
  if (method !== 'GET' && method !== 'HEAD') return { status: 405, text: `${PATH} is only read: GET` }
  return undefined
}

function refuse(response: ServerResponse, { status, why }: { readonly status: number; readonly why: string }): void {
  if (status === 401) response.setHeader('www-authenticate', 'Bearer')
  reply(response, status, why)
}

function reply(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${text}\n`)
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
