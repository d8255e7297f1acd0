import { Agent, request } from 'node:https'
import type { IncomingMessage } from 'node:http'
import type { KubeObject } from '@steelyard/model'

/** Where the API is reached, and as whom. */
export type ApiAccess = { readonly port: number; readonly ca: string; readonly token: string }

/** The API server's certificate names it so; we reach it by a port of this machine's loopback. */
export const API_SERVER_NAME = 'kubernetes.default.svc'

/** An answer other than 2xx. */
export class LabApiError extends Error {
  readonly status: number
  constructor(call: string, status: number, body: string) {
    super(`${call}: ${status} ${messageOf(body)}`)
    this.name = 'LabApiError'
    this.status = status
  }
}

export type ListOf<T> = { readonly items: readonly T[]; readonly metadata: { readonly resourceVersion: string } }
export type LabWatchEvent<T> = {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR'
  readonly object: T
}

/**
 * The API as the lab itself uses it: as administrator, by path, with JSON. Deliberately not
 * `@steelyard/kube`: the judge does not use what it judges.
 */
export type LabApi = {
  readonly get: <T = KubeObject>(path: string) => Promise<T>
  readonly list: <T = KubeObject>(path: string) => Promise<ListOf<T>>
  readonly create: <T = KubeObject>(path: string, body: object) => Promise<T>
  readonly update: <T = KubeObject>(path: string, body: object) => Promise<T>
  /** A JSON merge patch (RFC 7396). */
  readonly patch: <T = KubeObject>(path: string, body: object) => Promise<T>
  readonly remove: (path: string, body?: object) => Promise<void>
  /** Calls `onEvent` for each event; resolves when the server ends the stream, rejects when it breaks. */
  readonly watch: <T = KubeObject>(
    path: string,
    onEvent: (event: LabWatchEvent<T>) => void,
    signal: AbortSignal,
  ) => Promise<void>
  readonly close: () => void
}

type Call = {
  readonly method: string
  readonly path: string
  readonly body?: object
  readonly type?: string
  readonly signal?: AbortSignal
}

const CALL_TIMEOUT_MS = 15_000

export function labApi(access: ApiAccess): LabApi {
  const agent = new Agent({ keepAlive: true, ca: access.ca, servername: API_SERVER_NAME })
  const call = async <T>(call: Call): Promise<T> => JSON.parse(await textOf(await send(access, agent, call), call)) as T
  return {
    get: (path) => call({ method: 'GET', path }),
    list: (path) => call({ method: 'GET', path }),
    create: (path, body) => call({ method: 'POST', path, body }),
    update: (path, body) => call({ method: 'PUT', path, body }),
    patch: (path, body) => call({ method: 'PATCH', path, body, type: 'application/merge-patch+json' }),
    remove: async (path, body = {}) => void (await call({ method: 'DELETE', path, body })),
    watch: async (path, onEvent, signal) => {
      const asked = { method: 'GET', path: `${path}${path.includes('?') ? '&' : '?'}watch=true`, signal }
      await readLines(await send(access, agent, asked), asked, onEvent)
    },
    close: () => agent.destroy(),
  }
}

function send(
  { port, token }: ApiAccess,
  agent: Agent,
  { method, path, body, type, signal }: Call,
): Promise<IncomingMessage> {
  const text = body === undefined ? undefined : JSON.stringify(body)
  const headers = {
    authorization: `Bearer ${token}`,
    accept: 'application/json',
    'user-agent': 'steelyard-lab',
    ...(text === undefined
      ? {}
      : { 'content-type': type ?? 'application/json', 'content-length': Buffer.byteLength(text) }),
  }
  return new Promise((resolve, reject) => {
    const asking = request(
      { host: '127.0.0.1', port, method, path, headers, agent, ...(signal === undefined ? {} : { signal }) },
      resolve,
    )
    asking.setTimeout(CALL_TIMEOUT_MS, () => {
      if (signal === undefined) asking.destroy(new Error(`${method} ${path}: no answer in ${CALL_TIMEOUT_MS / 1000} s`))
    })
    asking.on('error', reject)
    asking.end(text)
  })
}

async function textOf(response: IncomingMessage, { method, path }: Call): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk as Buffer)
  const text = Buffer.concat(chunks).toString()
  const status = response.statusCode ?? 0
  if (status < 200 || status > 299) throw new LabApiError(`${method} ${path}`, status, text)
  return text
}

async function readLines<T>(
  response: IncomingMessage,
  call: Call,
  onEvent: (event: LabWatchEvent<T>) => void,
): Promise<void> {
  if (response.statusCode !== 200) return void (await textOf(response, call))
  let rest = ''
  response.setEncoding('utf8')
  for await (const chunk of response) {
    const lines = (rest + String(chunk)).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) onEvent(JSON.parse(line) as LabWatchEvent<T>)
  }
}

/** The API answers with a Status object, whose message is made for people. */
function messageOf(body: string): string {
  try {
    return (JSON.parse(body) as { message?: string }).message ?? body
  } catch {
    return body
  }
}
