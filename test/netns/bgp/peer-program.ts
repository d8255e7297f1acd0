/**
 * One BGP session of ours over real TCP, in a process of its own so that it can be in a network namespace, be stopped
 * and be killed. Commands come as JSON lines on stdin, facts go out as JSON lines on stdout.
 */
import {
  type Ending,
  type PeerConfig,
  type Route,
  type Session,
  type SessionCounters,
  type SessionView,
  startSession,
} from '@steelyard/bgp-ts'
import { type Address, formatAddress, formatPrefix, parseAddress, parsePrefix } from '@steelyard/net'
import { kernelIo } from '@steelyard/raw-socket'
import { systemClock } from '@steelyard/runtime'
import assert from 'node:assert/strict'
import { createInterface } from 'node:readline'
import { hostAddresses } from '../../../speaker/src/bgp/host-addresses.ts'
import { listeners } from '../../../speaker/src/bgp/listener.ts'
import { tcpTransport } from '../../../speaker/src/bgp/tcp-transport.ts'

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

export type PeerCommand =
  | { readonly do: 'start'; readonly options: PeerOptions }
  | { readonly do: 'announce'; readonly routes: readonly RouteText[] }
  | { readonly do: 'withdraw'; readonly prefixes: readonly string[] }
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
  | { readonly kind: 'view'; readonly view: ViewText }
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

const io = kernelIo()
const ports = { io, clock: systemClock, nodeName: 'node-a', hostAddresses: () => hostAddresses(io) }
const running: { session?: Session } = {}

const say = (fact: PeerFact): void => void process.stdout.write(`${JSON.stringify(fact)}\n`)
const address = (text: string): Address => parseAddress(text) ?? assert.fail(text)
const session = (): Session => running.session ?? assert.fail('not started')

function start({
  config,
  address: peer,
  sourceAddress,
  restarting = false,
  listens = false,
  ...rest
}: PeerOptions): void {
  const target = {
    ...rest,
    address: address(peer),
    port: 179,
    ...(sourceAddress === undefined ? {} : { sourceAddress: address(sourceAddress) }),
  }
  const transport = tcpTransport(target, ports)
  const begun = startSession(
    config,
    { transport, clock: systemClock, random: Math.random, restarting },
    {
      onView: (view) => say({ kind: 'view', view: viewText(view) }),
      onNotification: (which, { code, subcode }, meaning) =>
        say({ kind: 'notification', which, code, subcode, meaning }),
    },
  )
  running.session = begun
  if (!listens) return
  listeners(ports).await({
    ...target,
    onIncoming: (incoming) => begun.accept(incoming),
    onProblem: (why) => say({ kind: 'problem', why }),
  })
}

function viewText({ established, ...view }: SessionView): ViewText {
  if (established === undefined) return view
  const { localAddress, remoteAddress, ...rest } = established
  return {
    ...view,
    established: { ...rest, localAddress: formatAddress(localAddress), remoteAddress: formatAddress(remoteAddress) },
  }
}

function announce(routes: readonly RouteText[]): void {
  const parsed = routes.map((route) => ({ ...route, prefix: parsePrefix(route.prefix) ?? assert.fail(route.prefix) }))
  session().change(new Map(parsed.map((route) => [formatPrefix(route.prefix), route])))
}

const ORDERS: { readonly [Do in PeerCommand['do']]: (command: Extract<PeerCommand, { do: Do }>) => void } = {
  start: ({ options }) => start(options),
  announce: ({ routes }) => announce(routes),
  withdraw: ({ prefixes }) => session().change(new Map(prefixes.map((prefix) => [prefix, undefined]))),
  complete: () => session().complete(),
  retry: () => session().retry(),
  lost: ({ why }) => session().lost(why),
  look: () => say({ kind: 'look', counters: session().counters(), mebibytes: process.memoryUsage().rss / 2 ** 20 }),
  stop: ({ ending }) =>
    void session()
      .stop(ending)
      .then(() => say({ kind: 'stopped' })),
}

const commands = createInterface({ input: process.stdin })
commands.on('line', (line) => {
  const command = JSON.parse(line) as PeerCommand
  ;(ORDERS[command.do] as (given: PeerCommand) => void)(command)
})
commands.on('close', () => process.exit(0))
