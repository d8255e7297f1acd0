import { BGP_PORT, type Session, type SessionListener, startSession, type Transport } from '@steelyard/bgp-ts'
import { formatAddress, parseAddress } from '@steelyard/net'
import type { LinkIo, TransportIo } from '@steelyard/raw-socket'
import type { Clock, Random } from '@steelyard/runtime'
import { isOnLink } from '../decide/bgp/next-hops.ts'
import type { SessionTarget } from '../decide/bgp/session-plan.ts'
import { type HostAddresses, hostAddresses } from './host-addresses.ts'
import { type Listeners, listeners } from './listener.ts'
import { watchNextHops } from './next-hop-watch.ts'
import type { BgpPort, OpenOptions, OpenSession } from './ports.ts'
import { type TcpTarget, tcpTransport } from './tcp-transport.ts'

export type TcpBgpPorts = {
  readonly io: TransportIo & Pick<LinkIo, 'openNetlink'>
  readonly clock: Clock
  readonly random: Random
  readonly nodeName: string
}

type State = {
  readonly ports: TcpBgpPorts
  readonly tcp: Omit<TcpBgpPorts, 'random'> & { readonly hostAddresses: HostAddresses }
  readonly listeners: Listeners
  /** Peers that had a session in this life of the process. */
  readonly known: Set<string>
}

/** Sessions over TCP. */
export function tcpBgp(ports: TcpBgpPorts): BgpPort {
  const tcp = { ...ports, hostAddresses: hostAddresses(ports.io) }
  const state: State = { ports, tcp, listeners: listeners(tcp), known: new Set() }
  return {
    open: (options, listener) => (options.config.passive ? waitFor : connectTo)(state, options, listener),
    isConnected: (text, device) => {
      const address = parseAddress(text)
      return address !== undefined && isOnLink(tcp.hostAddresses(device), address)
    },
    close: () => {},
  }
}

function connectTo(state: State, options: OpenOptions, listener: SessionListener): OpenSession {
  const transport = tcpTransport({ ...tcpTarget(options.target), password: options.password }, state.tcp)
  const session = start(state, options, { transport, listener })
  return { ...session, setPassword: transport.setPassword }
}

function waitFor(state: State, options: OpenOptions, listener: SessionListener): OpenSession {
  const { target, password } = options
  const known = { problem: undefined as string | undefined }
  const view = (): ReturnType<Session['view']> =>
    known.problem === undefined ? session.view() : { ...session.view(), lastError: known.problem }
  const session = start(state, options, {
    transport: NOBODY,
    listener: { ...listener, onView: () => listener.onView(view()) },
  })
  const { minimumTtl: _, sourceAddress: __, ...rest } = tcpTarget(target)
  const awaited = state.listeners.await({
    ...rest,
    port: target.listenPort ?? BGP_PORT,
    password,
    onIncoming: session.accept,
    onProblem: (problem) => {
      known.problem = problem
      listener.onView(view())
    },
  })
  return {
    ...session,
    view,
    // The kernel swaps the key of what listens, not of what was accepted.
    setPassword: () => false,
    stop: (ending) => {
      awaited.stop()
      return session.stop(ending)
    },
  }
}

/** A passive session never connects. */
const NOBODY: Transport = {
  connect: () => {
    throw new Error('a passive session wanted to connect')
  },
}

type Ends = { readonly transport: Transport; readonly listener: SessionListener }

function start({ ports, tcp, known }: State, { config, target }: OpenOptions, { transport, listener }: Ends): Session {
  const { clock, random } = ports
  const at = [formatAddress(target.address), target.interface, target.device, target.port, target.sourceAddress]
  const name = JSON.stringify(at)
  // RFC 4724 section 3: only the first OPEN of a life says that there was one before.
  const restarting = !known.has(name)
  known.add(name)
  const session = startSession(config, { transport, clock, random, restarting }, listener)
  const host = (): ReturnType<HostAddresses> => tcp.hostAddresses(target.interface ?? target.device)
  const unwatch = watchNextHops(session, target.ifindex, { clock, host })
  return {
    ...session,
    stop: (ending) => {
      unwatch()
      return session.stop(ending)
    },
  }
}

function tcpTarget(target: SessionTarget): Omit<TcpTarget, 'password'> {
  const { address, port, sourceAddress, device, minimumTtl, routerId, ifindex } = target
  return {
    address,
    port,
    sourceAddress,
    device,
    minimumTtl,
    routerId: routerId?.words[0],
    ...(target.interface === undefined || ifindex === undefined
      ? {}
      : { interface: { name: target.interface, index: ifindex } }),
  }
}
