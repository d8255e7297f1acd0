import { readFileSync } from 'node:fs'
import { Agent, request } from 'node:https'
import type { IncomingMessage } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { type ApiServer, startApiServer } from '../lab/api-server.ts'
import { findBinaries } from '../lab/binaries.ts'
import { type Outcome, run } from '../lab/command.ts'

/** What the API server answered, whatever the status. */
export type Answer<T = Status> = {
  readonly status: number
  /** What kubectl would print as `Warning: …`. */
  readonly warnings: readonly string[]
  readonly body: T
}

/** The API's own word for a refusal, with one cause per field. */
export type Status = {
  readonly message?: string
  readonly reason?: string
  readonly details?: { readonly causes?: readonly { readonly field?: string; readonly message?: string }[] }
}

export type CallOptions = {
  readonly body?: unknown
  readonly accept?: string
  readonly type?: 'application/json' | 'application/merge-patch+json' | 'application/apply-patch+yaml'
  /** Acts in this name instead of the administrator's, for example as a service account. */
  readonly as?: string
}

/** A real kube-apiserver, for tests of what it makes of our manifests. Refusals are results, never thrown. */
export type RealApi = {
  readonly server: ApiServer
  readonly call: <T = Status>(method: string, path: string, options?: CallOptions) => Promise<Answer<T>>
  /** kubectl as administrator, with `input` for `-f -`. */
  readonly kubectl: (args: readonly string[], input?: string) => Promise<Outcome>
  readonly stop: () => Promise<void>
}

export async function startRealApi(): Promise<RealApi> {
  const binaries = await findBinaries(() => {})
  const server = await startApiServer({ binaries })
  const agent = new Agent({
    keepAlive: true,
    ca: readFileSync(server.caFile, 'utf8'),
    servername: 'kubernetes.default.svc',
  })
  return {
    server,
    call: (method, path, options = {}) => patientCall({ server, agent }, { method, path, ...options }),
    kubectl: (args, input = '') =>
      run([binaries.kubectl, '--kubeconfig', server.kubeconfigPath, ...args], { input, timeoutMs: 60_000 }),
    stop: async () => {
      agent.destroy()
      await server.stop()
    },
  }
}

type Call = CallOptions & { readonly method: string; readonly path: string }
type Connection = { readonly server: ApiServer; readonly agent: Agent }

const BUSY = 429
const MOST_TRIES = 50
const PAUSE_MS = 200

/** A kind that was made just now answers 429 until its store is ready; that says nothing about the call. */
async function patientCall<T>(connection: Connection, asked: Call): Promise<Answer<T>> {
  for (let tries = 1; ; tries++) {
    const answer = await call<T>(connection, asked)
    if (answer.status !== BUSY || tries === MOST_TRIES) return answer
    await pause(PAUSE_MS)
  }
}

async function call<T>(
  { server, agent }: Connection,
  { method, path, body, accept = 'application/json', type = 'application/json', as }: Call,
): Promise<Answer<T>> {
  const text = body === undefined ? undefined : JSON.stringify(body)
  const headers = {
    authorization: `Bearer ${server.adminToken}`,
    accept,
    ...(as === undefined ? {} : { 'impersonate-user': as }),
    ...(text === undefined ? {} : { 'content-type': type, 'content-length': Buffer.byteLength(text) }),
  }
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const asking = request(new URL(path, server.url), { method, headers, agent }, resolve)
    asking.on('error', reject)
    asking.end(text)
  })
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk as Buffer)
  return {
    status: response.statusCode ?? 0,
    warnings: warningsOf(response.headersDistinct['warning'] ?? []),
    body: JSON.parse(Buffer.concat(chunks).toString()) as T,
  }
}

/** RFC 9111 section 5.5 as the API server uses it: `299 - "text"`. */
function warningsOf(headers: readonly string[]): readonly string[] {
  return headers.map((header) => /^299 \S+ "(.*)"$/.exec(header)?.[1] ?? header)
}
