import type { Connection, ConnectionListener, Incoming } from '@steelyard/bgp-ts'
import { type Address, NETWORK_CONTROL, sameAddress } from '@steelyard/net'
import { SystemCallError, type TcpListener, type TransportIo } from '@steelyard/raw-socket'
import type { Cancel, Clock } from '@steelyard/runtime'
import { createServer, type Server, type Socket } from 'node:net'
import { connectFailure, impossible, peerEnded } from '../decide/bgp/connect-failure.ts'
import { listenFailure } from '../decide/bgp/listen-failure.ts'
import { addressOf, connectionFacts } from './connection-facts.ts'
import type { HostAddresses } from './host-addresses.ts'
import { connectionOver, descriptorOf } from './tcp-connection.ts'
import { boundTo, keyOf, SENT_TTL } from './tcp-transport.ts'

/** A peer that connects to us. */
export type PassivePeer = {
  readonly address: Address
  /** Of a link-local `address`. */
  readonly interface?: { readonly name: string; readonly index: number } | undefined
  /** Ours, that it connects to. */
  readonly port: number
  /** Listen on this device only: a VRF. */
  readonly device?: string | undefined
  readonly password?: string | undefined
  readonly routerId?: number | undefined
  /** To be taken before it returns; a connection that is not is closed. */
  readonly onIncoming: (incoming: Incoming) => void
  /** Whenever it is another: why it cannot be listened for, as a sentence; undefined = it is. */
  readonly onProblem: (problem: string | undefined) => void
}

export type Awaited = {
  /** For connections to come: one that stands keeps its key, and has to be made anew. */
  readonly setPassword: (password: string | undefined) => void
  /** Connections that stand are the session's and stay. */
  readonly stop: () => void
}

export type ListenerPorts = {
  readonly io: Pick<TransportIo, 'listenTcp'>
  readonly clock: Clock
  readonly nodeName: string
  readonly hostAddresses: HostAddresses
}

/** Listens for those peers that are awaited, and for nobody else: without one, nothing listens. */
export type Listeners = {
  readonly await: (peer: PassivePeer) => Awaited
  /** Connections that no awaited peer made, closed at once. */
  readonly strangers: () => number
}

type Waiting = { readonly peer: PassivePeer; key: Uint8Array; problem: string | undefined }

/** One for each family, port and device. */
type Post = {
  readonly waiting: Set<Waiting>
  open: { readonly tcp: TcpListener; readonly server: Server } | undefined
  cancel: Cancel | undefined
}

type State = { readonly ports: ListenerPorts; readonly posts: Map<string, Post>; strangers: number }

const ANY: Readonly<Record<Address['family'], Address>> = {
  4: { family: 4, words: [0] },
  6: { family: 6, words: [0, 0, 0, 0] },
}
/** The port may be in use, the device may not be there yet. */
const RETRY_MS = 5000

export function listeners(ports: ListenerPorts): Listeners {
  const state: State = { ports, posts: new Map(), strangers: 0 }
  return { await: (peer) => add(state, peer), strangers: () => state.strangers }
}

function add(state: State, peer: PassivePeer): Awaited {
  const waiting: Waiting = { peer, key: keyOf(peer.password), problem: undefined }
  const postKey = `${peer.address.family} ${peer.port} ${peer.device ?? ''}`
  const post: Post = state.posts.get(postKey) ?? { waiting: new Set(), open: undefined, cancel: undefined }
  state.posts.set(postKey, post)
  post.waiting.add(waiting)
  if (post.open === undefined) listen(state, post)
  else giveKey(post, waiting)
  return {
    setPassword: (password) => {
      waiting.key = keyOf(password)
      giveKey(post, waiting)
    },
    stop: () => {
      if (!post.waiting.delete(waiting)) return
      takeKey(post, waiting)
      if (post.waiting.size > 0) return
      state.posts.delete(postKey)
      shut(post)
    },
  }
}

/** All who wait at one post want the same of it. */
function listen(state: State, post: Post): void {
  post.cancel?.()
  const [first] = post.waiting
  if (first === undefined) return
  const { address, port, device } = first.peer
  const sent = { ttl: SENT_TTL, trafficClass: NETWORK_CONTROL }
  const options = { address: ANY[address.family], port, ...sent, ...(device === undefined ? {} : { device }) }
  try {
    const tcp = state.ports.io.listenTcp(options)
    post.open = { tcp, server: serve(state, post, tcp) }
    for (const waiting of post.waiting) giveKey(post, waiting)
  } catch (error) {
    if (!(error instanceof SystemCallError)) throw error
    fail(state, post, error.errno)
  }
}

function serve(state: State, post: Post, tcp: TcpListener): Server {
  const server = createServer((socket) => receive(state, post, socket))
  server.on('error', (error: NodeJS.ErrnoException) => fail(state, post, error.code ?? error.message))
  return server.listen({ fd: descriptorOf(tcp) })
}

function fail(state: State, post: Post, errno: string): void {
  shut(post)
  for (const waiting of post.waiting) tellProblem(waiting, listenFailure(waiting.peer, errno))
  const { clock } = state.ports
  post.cancel = clock.wakeAt(clock.now() + RETRY_MS, () => listen(state, post))
}

/** The server itself is closed only when the last of its connections is, but nothing listens from here on. */
function shut(post: Post): void {
  post.cancel?.()
  post.open?.server.close()
  post.open?.tcp.close()
  post.open = undefined
}

/** A peer without its key must not be let in unsigned: what it makes is then closed like a stranger's. */
function giveKey({ open }: Post, waiting: Waiting): void {
  const { peer, key } = waiting
  if (open === undefined) return
  const target = { ...peer, interfaceName: peer.interface?.name, hasPassword: key.length > 0 }
  const why = impossible(target, key.length)
  if (why !== undefined) return tellProblem(waiting, why)
  try {
    if (key.length === 0) open.tcp.clearMd5Key(peer.address)
    else open.tcp.setMd5Key({ peer: peer.address, key })
    tellProblem(waiting, undefined)
  } catch (error) {
    if (!(error instanceof SystemCallError)) throw error
    tellProblem(waiting, `the password cannot be used: ${error.message}`)
  }
}

function takeKey({ open }: Post, { peer }: Waiting): void {
  try {
    open?.tcp.clearMd5Key(peer.address)
  } catch (error) {
    // Then a connection of that address is refused for its signature instead of for its address.
    if (!(error instanceof SystemCallError)) throw error
  }
}

function tellProblem(waiting: Waiting, problem: string | undefined): void {
  if (problem === waiting.problem) return
  waiting.problem = problem
  waiting.peer.onProblem(problem)
}

function receive(state: State, post: Post, socket: Socket): void {
  // Whatever becomes of it, an error of it must not end the process.
  socket.on('error', () => undefined)
  const waiting = [...post.waiting].find((one) => one.problem === undefined && isFrom(socket, one.peer))
  if (waiting === undefined) {
    state.strangers++
    return void socket.resetAndDestroy()
  }
  let isTaken = false
  waiting.peer.onIncoming((listener) => {
    isTaken = true
    return take(state, waiting.peer, { socket, listener })
  })
  if (!isTaken) socket.destroy()
}

function isFrom(socket: Socket, peer: PassivePeer): boolean {
  const remote = addressOf(socket.remoteAddress)
  if (remote === undefined || !sameAddress(remote, peer.address)) return false
  const zone = socket.remoteAddress?.split('%')[1]
  return peer.interface === undefined || zone === undefined || zone === peer.interface.name
}

type Arrival = { readonly socket: Socket; readonly listener: ConnectionListener }

function take({ ports }: State, peer: PassivePeer, { socket, listener }: Arrival): Connection {
  const { address, routerId } = peer
  const wire = {
    socket,
    clock: ports.clock,
    facts: () =>
      connectionFacts(socket, {
        nodeName: ports.nodeName,
        host: () => ports.hostAddresses(boundTo(peer)),
        routerId,
        ifindex: peer.interface?.index,
      }),
    explain: (errno: string) => connectFailure({ ...peer, hasPassword: false }, errno),
    ended: (heard: boolean) => peerEnded(address, heard),
  }
  return connectionOver(wire, listener)
}
