import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2'
import type { Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import type { SecureContextOptions } from 'node:tls'
import { errorText, type KeyedCertificate, type Logger } from '@steelyard/program'
import { backoffMs, type Cancel, type Clock, type Random } from '@steelyard/runtime'
import { answerRequest, type HttpAnswer, type Surroundings } from '../decide/admission/answer-request.ts'
import { admissionPath } from '../decide/admission/paths.ts'
import { type BodyLimits, readBody } from './body.ts'

export type ServerOptions = {
  /** 0 takes any free one. */
  readonly port: number
  readonly http2: boolean
  readonly tls: Pick<SecureContextOptions, 'minVersion' | 'ciphers' | 'ecdhCurve'>
  readonly surroundings: Surroundings
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  readonly limits?: Partial<BodyLimits>
  /** Called when it listens, when it fails to, and when it has got a certificate. */
  readonly onChange: () => void
}

export type WebhookServer = {
  /** Where it listens; undefined while it does not. */
  readonly port: () => number | undefined
  /** Why it cannot be asked; undefined when it can. */
  readonly problem: () => string | undefined
  /** From the next connection on. Throws what TLS makes of a pair that does not fit. */
  readonly useCertificate: (pair: KeyedCertificate) => void
  readonly stop: () => Promise<void>
}

type Request = IncomingMessage | Http2ServerRequest
type Response = ServerResponse | Http2ServerResponse

type State = {
  readonly options: ServerOptions
  readonly server: Server
  /** Connections, those in the middle of a handshake too. */
  readonly sockets: Set<Duplex>
  /** Why it could not listen, the last time it tried. */
  failure: string
  failures: number
  cancelRetry: Cancel
  hasCertificate: boolean
}

/** An AdmissionReview holds an object twice, and the API server takes none above 3 MiB. */
const LIMITS: BodyLimits = { bytes: 8 * 2 ** 20, ms: 5000 }
/** The API server keeps its connections this long; closing first would cost a question now and then. */
const IDLE_MS = 120_000
const CHECK_MS = 1000
const LINGER_MS = 1000
const MOST_CONNECTIONS = 256
const MOST_STREAMS = 100
const BACKOFF = { firstMs: 500, maxMs: 30_000 }

/**
 * Answers the API server's questions by HTTPS. It never gives up: a port that is taken is tried again, and until there
 * is a certificate every handshake fails, so that the API server goes by the webhook's failure policy.
 */
export function startServer(options: ServerOptions): WebhookServer {
  const server = newServer(options, (request, response) => void handle(options, request, response))
  const state: State = {
    options,
    server,
    sockets: new Set(),
    failure: 'it does not listen yet',
    failures: 0,
    cancelRetry: () => {},
    hasCertificate: false,
  }
  server.on('connection', (socket) => {
    state.sockets.add(socket)
    socket.on('close', () => state.sockets.delete(socket))
  })
  server.on('listening', () => onListening(state))
  server.on('error', (error) => onError(state, error))
  server.listen(options.port)
  return {
    port: () => (server.listening ? (server.address() as AddressInfo).port : undefined),
    problem: () => {
      if (!server.listening) return state.failure
      return state.hasCertificate ? undefined : 'it has no certificate yet'
    },
    useCertificate: ({ certificate, key }) => {
      server.setSecureContext({ ...options.tls, cert: certificate, key })
      state.hasCertificate = true
      options.onChange()
    },
    stop: () => stop(state),
  }
}

function newServer({ http2, tls }: ServerOptions, listener: (request: Request, response: Response) => void): Server {
  if (http2) {
    const { createSecureServer } = process.getBuiltinModule('node:http2')
    const settings = { maxConcurrentStreams: MOST_STREAMS }
    const server = createSecureServer({ ...tls, allowHTTP1: true, settings }, listener)
    server.setTimeout(IDLE_MS)
    // Of TLS, of sockets and of HTTP/1.1 it has all that is used here.
    return Object.assign(server as unknown as Server, { maxConnections: MOST_CONNECTIONS })
  }
  // An import statement would fetch every export of the module: see health.ts of packages/program.
  const { createServer } = process.getBuiltinModule('node:https')
  const timeouts = { requestTimeout: LIMITS.ms, headersTimeout: LIMITS.ms, keepAliveTimeout: IDLE_MS }
  const server = createServer({ ...tls, ...timeouts, connectionsCheckingInterval: CHECK_MS }, listener)
  return Object.assign(server, { maxConnections: MOST_CONNECTIONS })
}

function onListening(state: State): void {
  state.failures = 0
  state.options.log.info(`the webhook listens on port ${(state.server.address() as AddressInfo).port}`)
  state.options.onChange()
}

function onError(state: State, error: Error): void {
  const { options, server } = state
  if (server.listening) return options.log.warn('the webhook', { error })
  state.failures++
  const retryInMs = backoffMs(state.failures, BACKOFF, options.random)
  state.failure = `it cannot listen on port ${options.port}: ${errorText(error)}`
  if (state.failures === 1) options.log.error(`the webhook: ${state.failure}: trying again`, { retryInMs })
  state.cancelRetry = options.clock.wakeAt(options.clock.now() + retryInMs, () => server.listen(options.port))
  options.onChange()
}

async function handle(options: ServerOptions, request: Request, response: Response): Promise<void> {
  try {
    reply(response, await answer(options, request))
  } catch (error) {
    // Allocation runs in this process and must not end for a question, so this is one place that catches everything.
    options.log.error('the webhook could not answer', { error })
    reply(response, { status: 500, body: 'see the log of the controller' })
  }
  // Time enough to read why, for whoever would go on sending.
  if (!request.complete) options.clock.wakeAt(options.clock.now() + LINGER_MS, () => request.destroy())
}

async function answer(options: ServerOptions, request: Request): Promise<HttpAnswer> {
  const path = admissionPath((request.url ?? '').split('?')[0] ?? '')
  if (path === undefined) return { status: 404, body: 'nothing is judged at this path' }
  if (request.method !== 'POST') return { status: 405, body: 'accepted: POST' }
  const type = request.headers['content-type'] ?? ''
  if (!/^application\/json\s*(;|$)/i.test(type)) return { status: 415, body: 'accepted: content-type application/json' }
  const body = await readBody(request, { ...LIMITS, ...options.limits }, options.clock)
  if (!body.ok) return body.answer
  const answered = answerRequest(path, body.text, options.surroundings)
  if (answered.refusal !== undefined) options.log.info(`refused: ${answered.refusal}`, { reason: 'AdmissionRefused' })
  return answered
}

function reply(response: Response, { status, body }: HttpAnswer): void {
  if (response.headersSent || response.destroyed) return
  const [type, text] =
    typeof body === 'string' ? ['text/plain; charset=utf-8', `${body}\n`] : ['application/json', JSON.stringify(body)]
  // Written to a client that has gone: no more than that.
  response.on('error', () => {})
  response.statusCode = status
  response.setHeader('content-type', type)
  response.setHeader('content-length', Buffer.byteLength(text))
  response.end(text)
}

function stop({ server, cancelRetry, sockets }: State): Promise<void> {
  cancelRetry()
  return new Promise((resolve) => {
    if (!server.listening) return resolve()
    server.close(() => resolve())
    for (const socket of sockets) socket.destroy()
  })
}
