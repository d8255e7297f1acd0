import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { nodeTransport, type Route, type RouteChanges, type Session, startSession } from '@steelyard/bgp-ts'
import { formatPrefix, parsePrefix } from '@steelyard/net'
import { systemClock } from '@steelyard/runtime'
import type { BenchResult } from './result.ts'

const ROUTES = 10_000
const RUNS = 20
const WITHIN_MS = 30_000

type Told = { readonly ports?: readonly number[]; readonly prefixes?: number }
/** The announcer's side, and how many prefixes the routers have heard of in all. */
type Scene = { readonly worker: Worker; readonly sessions: readonly Session[]; heard: number }

/** Routes to four routers over loopback TCP: until the last UPDATE is sent, and until the last is read. */
export async function run(): Promise<readonly BenchResult[]> {
  const scene = await meet()
  const results = [
    ...(await table(scene, 'all alike', () => [])),
    ...(await table(scene, 'each its own community', (index) => [index])),
    await single(scene),
  ]
  await Promise.all(scene.sessions.map((session) => session.stop({ kind: 'silent' })))
  await scene.worker.terminate()
  return results
}

async function meet(): Promise<Scene> {
  const worker = new Worker(new URL('bgp-routers.ts', import.meta.url), { execArgv: ['--conditions=source'] })
  const [{ ports = [] }] = (await once(worker, 'message')) as [Told]
  const scene: Scene = { worker, sessions: ports.map(announcer), heard: 0 }
  worker.on('message', ({ prefixes = scene.heard }: Told) => void (scene.heard = prefixes))
  await until(() => scene.sessions.every((session) => session.view().state === 'established'))
  return scene
}

function announcer(port: number): Session {
  const config = {
    localAsn: 64_512,
    peerAsn: { kind: 'external' as const },
    families: [4 as const],
    extendedNextHop: false,
    holdMs: 90_000,
    keepaliveMs: 30_000,
    passive: false,
  }
  const transport = nodeTransport({ host: '127.0.0.1', port }, { routerId: '192.0.2.1' })
  const listener = { onView: (): void => {}, onNotification: (): void => {} }
  return startSession(config, { transport, clock: systemClock, random: Math.random }, listener)
}

async function table(scene: Scene, what: string, communities: (index: number) => number[]): Promise<BenchResult[]> {
  const [sent, read, turn]: [number[], number[], number[]] = [[], [], []]
  const all = new Map(Array.from({ length: ROUTES }, (_, index) => routeOf(index, communities(index))))
  const none = new Map([...all.keys()].map((key) => [key, undefined]))
  for (let times = 0; times < RUNS; times++) {
    const expected = scene.heard + ROUTES * scene.sessions.length
    const begun = performance.now()
    announce(scene, all)
    turn.push(performance.now() - begun)
    await until(() => scene.sessions.every((session) => session.view().pending === 0))
    sent.push(performance.now() - begun)
    await until(() => scene.heard === expected)
    read.push(performance.now() - begun)
    announce(scene, none)
    await until(() => scene.heard === expected + ROUTES * scene.sessions.length)
  }
  const name = `${ROUTES} routes × ${scene.sessions.length} peers, ${what}`
  return [
    { name: `${name}: taken in`, unit: 'ms', samples: turn },
    { name: `${name}: last UPDATE sent`, unit: 'ms', samples: sent },
    { name: `${name}: last UPDATE read`, unit: 'ms', samples: read },
  ]
}

/** What one change costs beside a whole table. */
async function single(scene: Scene): Promise<BenchResult> {
  const read: number[] = []
  const all = new Map(Array.from({ length: ROUTES }, (_, index) => routeOf(index, [])))
  const settled = scene.heard + ROUTES * scene.sessions.length
  announce(scene, all)
  await until(() => scene.heard === settled)
  for (let times = 1; times <= RUNS; times++) {
    const begun = performance.now()
    announce(scene, new Map([routeOf(times, [times])]))
    await until(() => scene.heard === settled + times * scene.sessions.length)
    read.push(performance.now() - begun)
  }
  return { name: `one of ${ROUTES} routes changes: read by ${scene.sessions.length} peers`, unit: 'ms', samples: read }
}

function announce({ sessions }: Scene, changes: RouteChanges): void {
  for (const session of sessions) session.change(changes)
}

function routeOf(index: number, communities: readonly number[]): [string, Route] {
  const prefix = parsePrefix(`10.0.${index >> 8}.${index & 255}/32`)
  if (prefix === undefined) throw new Error(`no prefix for ${index}`)
  return [formatPrefix(prefix), { prefix, localPref: 100, communities, largeCommunities: [] }]
}

async function until(isSo: () => boolean): Promise<void> {
  const end = performance.now() + WITHIN_MS
  while (!isSo()) {
    if (performance.now() > end) throw new Error(`not so after ${WITHIN_MS} ms`)
    await new Promise((resolve) => setImmediate(resolve))
  }
}
