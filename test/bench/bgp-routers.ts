import { createServer, type Server } from 'node:net'
import { parentPort } from 'node:worker_threads'
import { nodeIncoming, nodeTransport, type Session, startSession } from '@steelyard/bgp-ts'
import { systemClock } from '@steelyard/runtime'

/** Routers to announce to, in a thread of their own: what they cost is not the announcer's. Tells their ports, then each new total. */
const ROUTERS = 4
const OPTIONS = { routerId: '192.0.2.254' }
const LOOK_MS = 1

function router(): Session {
  const config = {
    localAsn: 64_513,
    peerAsn: { kind: 'external' as const },
    families: [4 as const],
    extendedNextHop: false,
    holdMs: 90_000,
    keepaliveMs: 30_000,
    passive: true,
  }
  const ports = { transport: nodeTransport({ host: '127.0.0.1' }, OPTIONS), clock: systemClock, random: Math.random }
  return startSession(config, ports, { onView: () => {}, onNotification: () => {} })
}

const sessions = Array.from({ length: ROUTERS }, router)
const servers: Server[] = []
for (const session of sessions) {
  const server = createServer((socket) => session.accept(nodeIncoming(socket, OPTIONS)))
  server.listen(0, '127.0.0.1', () => {
    if (servers.every(({ listening }) => listening)) parentPort?.postMessage({ ports: servers.map(portOf) })
  })
  servers.push(server)
}

function portOf(server: Server): number {
  const address = server.address()
  return address !== null && typeof address === 'object' ? address.port : 0
}

let told = 0
setInterval(() => {
  const prefixes = sessions.reduce((sum, session) => sum + session.counters().receivedPrefixes, 0)
  if (prefixes === told) return
  told = prefixes
  parentPort?.postMessage({ prefixes })
}, LOOK_MS)
