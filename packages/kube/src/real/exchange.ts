import type { Agent, AgentOptions, IncomingMessage, OutgoingHttpHeaders } from 'node:http'
import https from 'node:https'
import type { Cancel, Clock } from '@steelyard/runtime'
import { ApiError } from '../api-error.ts'
import { type CallName, callName } from '../api.ts'
import type { Access, KubeCredentials } from '../config/credentials.ts'

/** Connections to one API server. */
export type Wire = {
  readonly credentials: KubeCredentials
  readonly clock: Clock
  readonly requestTimeoutMs: number
  readonly agent: Agent
  /** A watch holds its connection for minutes, so watches do not count against the limit of the others. */
  readonly watchAgent: Agent
}

export type Exchange = {
  readonly call: CallName
  readonly method: string
  readonly path: string
  readonly body?: string
  readonly contentType?: string
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
}

/** Requests that are under way at one time; more wait in line for a connection. */
export const MAX_CONCURRENT_REQUESTS = 16
/** After this silence the kernel asks whether the other end is alive; it gives up ten seconds later (libuv's choice). */
const TCP_KEEPALIVE_MS = 15_000
/** An unused connection is closed before the API server does it (90 s), which would race with our next request. */
const UNUSED_CONNECTION_MS = 60_000

export function newWire(options: Pick<Wire, 'credentials' | 'clock' | 'requestTimeoutMs'>): Wire {
  const client = clientFor(options.credentials.server)
  const common = { keepAlive: true, keepAliveMsecs: TCP_KEEPALIVE_MS, timeout: UNUSED_CONNECTION_MS }
  return {
    ...options,
    agent: new client.Agent({
      ...common,
      maxSockets: MAX_CONCURRENT_REQUESTS,
      maxFreeSockets: MAX_CONCURRENT_REQUESTS,
    }),
    watchAgent: new client.Agent({ ...common, maxFreeSockets: 1 }),
  }
}

type HttpClient = { readonly request: typeof https.request; readonly Agent: new (options: AgentOptions) => Agent }

/**
 * `node:http` is fetched when it is needed, and not imported: as an ES module it shows all that it exports, a
 * WebSocket client among it, which costs 10 MiB that nobody uses.
 */
function clientFor({ protocol }: URL): HttpClient {
  return protocol === 'http:' ? process.getBuiltinModule('node:http') : https
}

export function closeWire({ agent, watchAgent }: Wire): void {
  agent.destroy()
  watchAgent.destroy()
}

/**
 * Sends a request and resolves when the head of the answer is there; the caller reads the body. Rejects
 * with ApiError `Unreachable`, `TimedOut` (the limit covers the body as well) or `NoCredentials`.
 */
export async function send(wire: Wire, exchange: Exchange): Promise<IncomingMessage> {
  const access = await accessFor(wire, exchange.call)
  try {
    return await sendOnce(wire, exchange, access)
  } catch (error) {
    if (!(error instanceof LostConnection) || exchange.call.verb === 'create') throw error
    return sendOnce(wire, exchange, access)
  }
}

async function accessFor({ credentials }: Wire, call: CallName): Promise<Access> {
  try {
    return await credentials.access()
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    throw new ApiError(callName(call), { status: 0, reason: 'NoCredentials', message })
  }
}

/** The server closed an unused connection just when we took it: it has not seen the request. */
class LostConnection extends ApiError {}

function sendOnce(wire: Wire, exchange: Exchange, access: Access): Promise<IncomingMessage> {
  const { server } = wire.credentials
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const sent = clientFor(server).request({
    ...access.tls,
    host: server.hostname.replaceAll(/[[\]]/g, ''),
    port: server.port,
    path: server.pathname.replace(/\/$/, '') + exchange.path,
    method: exchange.method,
    agent: access.agent ?? (exchange.call.verb === 'watch' ? wire.watchAgent : wire.agent),
    headers: headersOf(exchange, access),
    ...(exchange.signal === undefined ? {} : { signal: exchange.signal }),
  })
  const heard: { response?: IncomingMessage } = {}
  const cancel = startTimeout(wire, exchange, (error) => (heard.response ?? sent).destroy(error))
  sent.on('error', (error) => reject(transportError(exchange.call, error, sent.reusedSocket)))
  sent.on('close', cancel)
  sent.on('response', (response) => {
    heard.response = response
    // A watch has no end of its own; its reader looks after silence.
    if (exchange.call.verb === 'watch') cancel()
    resolve(response)
  })
  sent.end(exchange.body)
  return promise
}

function headersOf({ body, contentType }: Exchange, { headers }: Access): OutgoingHttpHeaders {
  const fixed = { ...(headers as OutgoingHttpHeaders), accept: 'application/json', 'user-agent': 'steelyard' }
  if (body === undefined) return fixed
  const type = contentType ?? 'application/json'
  return { ...fixed, 'content-type': type, 'content-length': Buffer.byteLength(body) }
}

function startTimeout({ clock, requestTimeoutMs }: Wire, exchange: Exchange, fail: (error: Error) => void): Cancel {
  const limitMs = exchange.timeoutMs ?? requestTimeoutMs
  const failure = { status: 0, reason: 'TimedOut', message: `no answer within ${limitMs} ms` }
  return clock.wakeAt(clock.now() + limitMs, () => fail(new ApiError(callName(exchange.call), failure)))
}

/** A failure below HTTP as an ApiError: `Unreachable`, with the system's word for it. */
export function transportError(call: CallName, error: Error, reusedSocket = false): ApiError {
  if (error instanceof ApiError) return error
  const code = (error as NodeJS.ErrnoException).code
  const failure = {
    status: 0,
    reason: 'Unreachable',
    message: error.message === '' ? (code ?? error.name) : error.message,
  }
  const lost = reusedSocket && (code === 'ECONNRESET' || code === 'EPIPE')
  return lost ? new LostConnection(callName(call), failure) : new ApiError(callName(call), failure)
}
