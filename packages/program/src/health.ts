import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What is wrong, in words; undefined when nothing is. */
export type HealthCheck = () => string | undefined

export type HealthServer = { readonly port: number; readonly stop: () => Promise<void> }

/**
 * Answers a kubelet's probes: `/healthz` says whether the program should be restarted, `/readyz` whether it
 * does its work. 200 and "ok", or 503 and what is wrong.
 * @param where `port` 0 takes any free one. Rejects when the port cannot be had.
 */
export function startHealth(
  where: { readonly host?: string; readonly port: number },
  checks: { readonly healthy: HealthCheck; readonly ready: HealthCheck },
): Promise<HealthServer> {
  const byPath: Readonly<Record<string, HealthCheck>> = { '/healthz': checks.healthy, '/readyz': checks.ready }
  // An import statement would fetch every export of the module, its WebSocket and fetch machinery among them: 5 MiB and more.
  const { createServer } = process.getBuiltinModule('node:http')
  const server = createServer((request, response) => answer(byPath, request, response))
  return new Promise((resolve, reject) => {
    server.once('error', (cause) =>
      reject(
        new Error(`--health-probe-port: cannot listen on ${where.host ?? 'all addresses'}, port ${where.port}`, {
          cause,
        }),
      ),
    )
    server.listen(where.port, where.host, () => {
      server.removeAllListeners('error')
      resolve({ port: (server.address() as AddressInfo).port, stop: () => stop(server) })
    })
  })
}

function answer(
  checks: Readonly<Record<string, HealthCheck>>,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const [path = ''] = (request.url ?? '').split('?')
  const check = checks[path]
  if (check === undefined) return reply(response, 404, `no such path; there are ${Object.keys(checks).join(' and ')}`)
  const wrong = check()
  reply(response, wrong === undefined ? 200 : 503, wrong ?? 'ok')
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
