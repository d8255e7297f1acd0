import type { Ending, MessageKind, NextHops, Route, SessionListener, SessionView } from '@steelyard/bgp-ts'
import type { BgpPort, OpenOptions, OpenSession } from '../bgp/ports.ts'

/** A session that only remembers what it was told, and is established when a test says so. */
export type MemorySession = {
  readonly options: OpenOptions
  /** By prefix. */
  readonly routes: Map<string, Route>
  readonly lost: string[]
  /** How often it was to be tried at once. */
  retries: number
  readonly passwords: (string | undefined)[]
  readonly counters: MemoryCounters
  isComplete: boolean
  ended: Ending | undefined
  readonly see: (parts: Partial<SessionView>) => void
  /** The peer says a NOTIFICATION. */
  readonly hear: (meaning: string) => void
}

type Counts = Record<MessageKind, number>
/** For a test to set. */
export type MemoryCounters = { readonly sent: Counts; readonly received: Counts; malformedUpdates: number }

export type MemoryBgp = BgpPort & {
  /** All that were ever opened, the newest last. */
  readonly sessions: MemorySession[]
  /** Those that stand, by the address of the peer. */
  readonly standing: () => MemorySession[]
  readonly isClosed: () => boolean
}

const IDLE: SessionView = { state: 'idle', since: 0, flaps: 0, announced: 0, pending: 0, unsendable: 0 }

/** @param connected addresses that are on a subnet of this host, after the name of the device if it is within one */
export function memoryBgp(connected: readonly string[] = []): MemoryBgp {
  const sessions: MemorySession[] = []
  const state = { isClosed: false }
  return {
    open: (options, listener) => open(sessions, options, listener),
    isConnected: (address, device) => connected.includes(device === undefined ? address : `${device} ${address}`),
    close: () => {
      state.isClosed = true
    },
    sessions,
    standing: () => sessions.filter(({ ended }) => ended === undefined),
    isClosed: () => state.isClosed,
  }
}

function open(sessions: MemorySession[], options: OpenOptions, listener: SessionListener): OpenSession {
  const state = { view: IDLE }
  const made: MemorySession = {
    options,
    routes: new Map(),
    lost: [],
    retries: 0,
    passwords: [options.password],
    counters: { sent: { ...NONE }, received: { ...NONE }, malformedUpdates: 0 },
    isComplete: false,
    ended: undefined,
    see: (parts) => {
      state.view = { ...state.view, ...parts }
      listener.onView(state.view)
    },
    hear: (meaning) =>
      listener.onNotification(
        'received',
        { kind: 'notification', code: 6, subcode: 2, data: new Uint8Array() },
        meaning,
      ),
  }
  sessions.push(made)
  return { view: () => state.view, ...orders(made) }
}

const NONE = { open: 0, update: 0, notification: 0, keepalive: 0, routeRefresh: 0 }

function orders(made: MemorySession): Omit<OpenSession, 'view'> {
  return {
    counters: () => ({ ...made.counters, receivedPrefixes: 0 }),
    change: (changes) => {
      for (const [prefix, route] of changes) {
        if (route === undefined) made.routes.delete(prefix)
        else made.routes.set(prefix, route)
      }
    },
    setNextHops: (_nextHops: NextHops) => {},
    complete: () => {
      made.isComplete = true
    },
    accept: () => {
      throw new Error('nobody connects to a session in memory')
    },
    lost: (why) => void made.lost.push(why),
    retry: () => void made.retries++,
    stop: async (ending) => {
      made.ended = ending
    },
    setPassword: (password) => {
      made.passwords.push(password)
      return !made.options.config.passive
    },
  }
}
