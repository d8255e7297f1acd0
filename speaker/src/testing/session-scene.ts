import type { Route } from '@steelyard/bgp-ts'
import type { BfdProfile, BgpPeer } from '@steelyard/model'
import { parsePrefix } from '@steelyard/net'
import { createLogger } from '@steelyard/program'
import { fakeClock } from '@steelyard/runtime'
import assert from 'node:assert/strict'
import { type BgpSessions, bgpSessions } from '../bgp/sessions.ts'
import { bgpPeer } from './bgp-rules.ts'
import { type MemoryBgp, memoryBgp } from './memory-bgp.ts'

export const PROFILE: BfdProfile = {
  name: 'fast',
  receiveIntervalMs: 50,
  transmitIntervalMs: 50,
  echoIntervalMs: 50,
  detectMultiplier: 3,
  minimumTtl: 254,
  echoMode: false,
  passiveMode: false,
}
export const PEER = bgpPeer('rt')

export type SessionScene = {
  readonly bgp: MemoryBgp
  readonly sessions: BgpSessions
  readonly routes: Map<string, Route>
  readonly lines: Readonly<Record<string, unknown>>[]
  readonly wishes: () => number
}

export function sessionScene(connected: readonly string[] = []): SessionScene {
  const bgp = memoryBgp(connected)
  const routes = new Map<string, Route>()
  const lines: Readonly<Record<string, unknown>>[] = []
  const state = { wishes: 0 }
  const log = createLogger({
    level: 'debug',
    caller: 'test',
    to: { write: (line) => void lines.push(JSON.parse(line) as Record<string, unknown>) },
  })
  const sessions = bgpSessions({
    port: bgp,
    clock: fakeClock(),
    log,
    routesOf: () => new Map(routes),
    onView: () => {},
    onWantedLinks: () => void state.wishes++,
  })
  return { bgp, sessions, routes, lines, wishes: () => state.wishes }
}

export function route(text: string): Route {
  const prefix = parsePrefix(text)
  assert.ok(prefix)
  return { prefix, localPref: 100, communities: [], largeCommunities: [] }
}

/** What was to be done with a session is done, one after the other. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await Promise.resolve()
}

export const set = (sessions: BgpSessions, ...peers: readonly BgpPeer[]): void => sessions.setPeers(peers, () => true)
