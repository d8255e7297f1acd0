/**
 * One end of TCP connections of BGP, in a process of its own so that it can be in a network namespace. Commands come
 * as JSON lines on stdin, what happens goes out as JSON lines on stdout; both name the connection by `id`.
 */
import type { Connection, ConnectionListener } from '@steelyard/bgp-ts'
import { type Address, formatAddress, parseAddress } from '@steelyard/net'
import { kernelIo } from '@steelyard/raw-socket'
import { systemClock } from '@steelyard/runtime'
import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { createInterface } from 'node:readline'
import { hostAddresses } from '../../../speaker/src/bgp/host-addresses.ts'
import { type Awaited, listeners } from '../../../speaker/src/bgp/listener.ts'
import { type TcpTransport, tcpTransport } from '../../../speaker/src/bgp/tcp-transport.ts'

/** As `TcpTarget`, with addresses as texts. */
export type Target = {
  readonly address: string
  readonly port: number
  readonly interface?: { readonly name: string; readonly index: number }
  readonly sourceAddress?: string
  readonly device?: string
  readonly password?: string
  readonly minimumTtl?: number
  readonly routerId?: number
}

export type Command =
  | { readonly do: 'connect'; readonly id: string; readonly target: Target }
  | { readonly do: 'await'; readonly id: string; readonly target: Target }
  | { readonly do: 'send'; readonly id: string; readonly text: string }
  /** Sends as long as the connection says that more can be sent, and goes on when it has drained. */
  | { readonly do: 'flood'; readonly id: string; readonly mebibytes: number }
  | { readonly do: 'password'; readonly id: string; readonly password?: string }
  | { readonly do: 'close'; readonly id: string }
  | { readonly do: 'stop'; readonly id: string }
  /** Takes connections and never reads from them. */
  | { readonly do: 'mute'; readonly id: string; readonly port: number; readonly minimumTtl?: number }
  | { readonly do: 'look'; readonly id: string }

export type Happening =
  | { readonly id: string; readonly kind: 'open'; readonly facts: Readonly<Record<string, string | number>> }
  | { readonly id: string; readonly kind: 'bytes'; readonly text: string }
  | { readonly id: string; readonly kind: 'close'; readonly why: string }
  | { readonly id: string; readonly kind: 'problem'; readonly why?: string | undefined }
  | { readonly id: string; readonly kind: 'password'; readonly isSwapped: boolean }
  | { readonly id: string; readonly kind: 'flooded' | 'ready' }
  | { readonly id: string; readonly kind: 'look'; readonly strangers: number; readonly mebibytes: number }

const io = kernelIo()
const ports = { io, clock: systemClock, nodeName: 'node-a', hostAddresses: hostAddresses(io) }
const posts = listeners(ports)
const transports = new Map<string, TcpTransport>()
const awaited = new Map<string, Awaited>()
const connections = new Map<string, Connection>()
const drains = new Map<string, () => void>()

const say = (happening: Happening): void => void process.stdout.write(`${JSON.stringify(happening)}\n`)
const address = (text: string): Address => parseAddress(text) ?? assert.fail(text)

function hearing(id: string): ConnectionListener {
  return {
    onOpen: ({ localAddress, remoteAddress, routerId, nextHops }) => {
      const addresses = Object.entries({ localAddress, remoteAddress, ...nextHops })
      const texts = Object.fromEntries(addresses.map(([name, value]) => [name, formatAddress(value)]))
      say({ id, kind: 'open', facts: { ...texts, routerId } })
    },
    onBytes: (bytes) => say({ id, kind: 'bytes', text: Buffer.from(bytes).toString() }),
    onDrain: () => drains.get(id)?.(),
    onClose: (why) => say({ id, kind: 'close', why }),
  }
}

function readTarget({ address: peer, sourceAddress, ...rest }: Target) {
  return {
    ...rest,
    address: address(peer),
    ...(sourceAddress === undefined ? {} : { sourceAddress: address(sourceAddress) }),
  }
}

function connect(id: string, target: Target): void {
  const transport = transports.get(id) ?? tcpTransport(readTarget(target), ports)
  transports.set(id, transport)
  connections.set(id, transport.connect(hearing(id)))
}

function awaitPeer(id: string, target: Target): void {
  const peer = {
    ...readTarget(target),
    onIncoming: (incoming: (listener: ConnectionListener) => Connection) =>
      void connections.set(id, incoming(hearing(id))),
    onProblem: (why: string | undefined) => say({ id, kind: 'problem', why }),
  }
  awaited.set(id, posts.await(peer))
  say({ id, kind: 'ready' })
}

function flood(id: string, mebibytes: number): void {
  const connection = connections.get(id) ?? assert.fail(id)
  let left = mebibytes * 16
  const go = (): void => {
    while (left-- > 0) if (!connection.send(new Uint8Array(65_536))) return
    say({ id, kind: 'flooded' })
  }
  drains.set(id, go)
  go()
}

function password(id: string, text: string | undefined): void {
  awaited.get(id)?.setPassword(text)
  say({ id, kind: 'password', isSwapped: transports.get(id)?.setPassword(text) ?? false })
}

function mute({ id, port, minimumTtl }: Extract<Command, { do: 'mute' }>): void {
  const server = createServer({ pauseOnConnect: true }, (socket) => socket.on('error', () => undefined))
  const any = address('0.0.0.0')
  const fd = io.listenTcp({ address: any, port, ...(minimumTtl === undefined ? {} : { minimumTtl }) }).duplicate()
  server.listen({ fd }, () => say({ id, kind: 'ready' }))
}

const ORDERS: { readonly [Do in Command['do']]: (command: Extract<Command, { do: Do }>) => void } = {
  connect: ({ id, target }) => connect(id, target),
  await: ({ id, target }) => awaitPeer(id, target),
  send: ({ id, text }) => void connections.get(id)?.send(Buffer.from(text)),
  flood: ({ id, mebibytes }) => flood(id, mebibytes),
  password: ({ id, password: text }) => password(id, text),
  mute,
  close: ({ id }) => connections.get(id)?.close(),
  stop: ({ id }) => awaited.get(id)?.stop(),
  look: ({ id }) =>
    say({ id, kind: 'look', strangers: posts.strangers(), mebibytes: process.memoryUsage().rss / 2 ** 20 }),
}

const commands = createInterface({ input: process.stdin })
commands.on('line', (line) => {
  const command: Command = JSON.parse(line)
  ;(ORDERS[command.do] as (given: Command) => void)(command)
})
commands.on('close', () => process.exit(0))
