import { formatPrefix, parsePrefix } from '@steelyard/net'
import { type FakeClock, fakeClock, seededRandom } from '@steelyard/runtime'
import type { Notification } from '../message.ts'
import type { PeerConfig, Route, Session, SessionView } from '../peer.ts'
import { startSession } from '../session/session.ts'
import { type MemoryPair, memoryPair, type MemoryPairOptions } from './memory-pair.ts'

/** Two sessions of ours that talk to each other. */
export type Duet = {
  readonly clock: FakeClock
  readonly pair: MemoryPair
  readonly left: Player
  readonly right: Player
}
export type Player = {
  readonly session: Session
  readonly views: SessionView[]
  readonly notifications: { readonly which: 'sent' | 'received'; readonly notification: Notification }[]
}

export const PEER: PeerConfig = {
  localAsn: 64_512,
  peerAsn: { kind: 'number', asn: 64_513 },
  families: [4],
  extendedNextHop: false,
  holdMs: 9000,
  keepaliveMs: 3000,
  passive: false,
}

export type DuetOptions = {
  readonly left?: Partial<PeerConfig>
  readonly right?: Partial<PeerConfig>
  readonly hosts?: Partial<Pick<MemoryPairOptions, 'left' | 'right' | 'latencyMs'>>
  readonly restarting?: boolean
}

/** The right one waits for the left one, unless told otherwise. */
export function duet({ left = {}, right = {}, hosts = {}, restarting = false }: DuetOptions = {}): Duet {
  const clock = fakeClock()
  const pair = memoryPair({
    clock,
    left: { address: '192.0.2.1', routerId: '192.0.2.1' },
    right: { address: '192.0.2.2', routerId: '192.0.2.2' },
    ...hosts,
  })
  const one = play({ clock, host: pair.left, seed: 1, restarting }, { ...PEER, ...left })
  const mirrored: PeerConfig = {
    ...PEER,
    localAsn: 64_513,
    peerAsn: { kind: 'number', asn: 64_512 },
    passive: true,
    ...right,
  }
  const two = play({ clock, host: pair.right, seed: 2, restarting: false }, mirrored)
  pair.left.listen(one.session.accept)
  pair.right.listen(two.session.accept)
  return { clock, pair, left: one, right: two }
}

type Stage = {
  readonly clock: FakeClock
  readonly host: MemoryPair['left']
  readonly seed: number
  readonly restarting: boolean
}

function play({ clock, host, seed, restarting }: Stage, config: PeerConfig): Player {
  const [views, notifications]: [SessionView[], Player['notifications']] = [[], []]
  const ports = { transport: host.transport, clock, random: seededRandom(seed), restarting }
  const session = startSession(config, ports, {
    onView: (view) => void views.push(view),
    onNotification: (which, notification) => void notifications.push({ which, notification }),
  })
  return { session, views, notifications }
}

export function route(text: string, more: Partial<Route> = {}): Route {
  const prefix = parsePrefix(text)
  if (prefix === undefined) throw new Error(`${text} is no prefix`)
  return { prefix, localPref: 100, communities: [], largeCommunities: [], ...more }
}

export const routes = (...all: readonly Route[]): ReadonlyMap<string, Route> =>
  new Map(all.map((one) => [formatPrefix(one.prefix), one]))
