import type { Ending, PeerConfig, Route, RouteChanges, SessionCounters, SessionView } from '@steelyard/bgp-ts'
import { formatAddress, formatPrefix, parsePrefix } from '@steelyard/net'
import assert from 'node:assert/strict'
import type { BfdFact } from '../../../speaker/src/link/messages.ts'

/** How to be a peer of a router, addresses and prefixes as texts. */
export type PeerOptions = {
  readonly config: PeerConfig
  readonly address: string
  readonly interface?: { readonly name: string; readonly index: number }
  readonly sourceAddress?: string
  readonly password?: string
  readonly minimumTtl?: number
  readonly routerId?: number
  /** RFC 4724: this process has just started again. */
  readonly restarting?: boolean
  /** It may connect to us, too. */
  readonly listens?: boolean
}

export type RouteText = Omit<Route, 'prefix'> & { readonly prefix: string }

export type RouteCommand =
  | { readonly do: 'announce'; readonly routes: readonly RouteText[] }
  | { readonly do: 'withdraw'; readonly prefixes: readonly string[] }

export type PeerCommand =
  | { readonly do: 'start'; readonly options: PeerOptions }
  | RouteCommand
  | { readonly do: 'complete' | 'retry' | 'look' }
  | { readonly do: 'lost'; readonly why: string }
  | { readonly do: 'stop'; readonly ending: Ending }

/** As `SessionView`, with the addresses as texts. */
export type ViewText = Omit<SessionView, 'established'> & {
  readonly established?: Omit<NonNullable<SessionView['established']>, 'localAddress' | 'remoteAddress'> & {
    readonly localAddress: string
    readonly remoteAddress: string
  }
}

export type PeerFact =
  /** @property peer of a node, which may have several */
  | { readonly kind: 'view'; readonly peer?: string; readonly view: ViewText }
  | {
      readonly kind: 'notification'
      readonly which: 'sent' | 'received'
      readonly code: number
      readonly subcode: number
      readonly meaning: string
    }
  | { readonly kind: 'problem'; readonly why: string | undefined }
  | { readonly kind: 'look'; readonly counters: SessionCounters; readonly mebibytes: number }
  | { readonly kind: 'stopped' }
  /** From a node with a link worker. */
  | { readonly kind: 'ready' }
  | { readonly kind: 'fault'; readonly message: string }
  | { readonly kind: 'bfd'; readonly peer: string; readonly fact: BfdFact }

export function viewText({ established, ...view }: SessionView): ViewText {
  if (established === undefined) return view
  const { localAddress, remoteAddress, ...rest } = established
  return {
    ...view,
    established: { ...rest, localAddress: formatAddress(localAddress), remoteAddress: formatAddress(remoteAddress) },
  }
}

/** What a command changes of the routes. */
export function changesOf(command: RouteCommand): RouteChanges {
  if (command.do === 'withdraw') return new Map(command.prefixes.map((prefix) => [prefix, undefined]))
  const parsed = command.routes.map((route) => ({
    ...route,
    prefix: parsePrefix(route.prefix) ?? assert.fail(route.prefix),
  }))
  return new Map(parsed.map((route) => [formatPrefix(route.prefix), route]))
}
