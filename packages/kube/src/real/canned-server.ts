import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { KubeCredentials } from '../config/credentials.ts'

/** What one request gets; called in order, the last one again and again. */
export type Canned = (response: ServerResponse, request: IncomingMessage) => void

export type CannedServer = {
  readonly credentials: KubeCredentials
  readonly requests: {
    readonly method: string
    readonly url: string
    readonly headers: IncomingMessage['headers']
    readonly body: string
  }[]
  readonly tokensForgotten: () => number
  /** Connections made so far. */
  readonly connections: () => number
  readonly stop: () => Promise<void>
}

/** A server on loopback that answers what a test wants, for what no real API server can be made to say. */
export async function cannedServer(...answers: readonly Canned[]): Promise<CannedServer> {
  const requests: CannedServer['requests'] = []
  const counts = { connections: 0, forgotten: 0 }
  const server = createServer((request, response) => void answer(request, response))
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part as Buffer)
    const { method = '', url = '', headers } = request
    requests.push({ method, url, headers, body: Buffer.concat(parts).toString() })
    answers[Math.min(requests.length, answers.length) - 1]?.(response, request)
  }
  server.on('connection', () => counts.connections++)
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    credentials: {
      server: new URL(`http://127.0.0.1:${port}`),
      namespace: undefined,
      source: 'test',
      access: () => Promise.resolve({ headers: { authorization: `Bearer token-${counts.forgotten}` }, tls: {} }),
      forget: () => void counts.forgotten++,
    },
    requests,
    tokensForgotten: () => counts.forgotten,
    connections: () => counts.connections,
    stop: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => void server.close(resolve))
    },
  }
}

/** An answer in one piece. */
export function says(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Canned {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return (response) => void response.writeHead(status, headers).end(text)
}

/** The body of a watch: pieces as they are written, then an end, unless it is to stay open. */
export function streams(pieces: readonly (string | Uint8Array)[], end: 'ends' | 'breaks' | 'stays'): Canned {
  return (response) => {
    response.writeHead(200)
    const write = (index: number): void => {
      const piece = pieces[index]
      if (piece !== undefined) response.write(piece, () => setImmediate(() => write(index + 1)))
      else if (end === 'ends') response.end()
      else if (end === 'breaks') response.destroy()
    }
    write(0)
  }
}
