import type { Address, Family } from '@steelyard/net'
import { constants } from 'node:os'
import { checkAddress, checkFamily, checkInteger, IFINDEX_BOUNDS, PORT_BOUNDS } from './checks.ts'
import { SO_REUSEADDR, SOL_SOCKET } from './constants.ts'
import { checkTarget, localPort } from './internet-socket.ts'
import { type Handle, openFd } from './handle.ts'
import { bindTo, checked, closeHandle, type Kernel, setInteger } from './kernel.ts'
import { internetSockaddr } from './sockaddr.ts'
import { checkMd5Key } from './tcp-md5.ts'
import { checkTcpOptions, clearMd5Key, openStream, setMd5Key } from './tcp-settings.ts'
import type { TcpConnectOptions, TcpHandover, TcpListener, TcpListenOptions, TcpSocket } from './transport-io.ts'

type State = { readonly kernel: Kernel; readonly handle: Handle; readonly family: Family }

/** Opens a TCP socket that is not connected yet: see `TransportIo.openTcp`. */
export function openTcpSocket(kernel: Kernel, options: TcpConnectOptions): TcpSocket {
  const family = checkFamily(options.family)
  const settings = checkTcpOptions(options, family)
  const source = options.source === undefined ? undefined : checkAddress('source', options.source, family)
  const ifindex =
    options.sourceIfindex === undefined ? 0 : checkInteger('sourceIfindex', options.sourceIfindex, IFINDEX_BOUNDS)
  const handle = openStream(kernel, settings, (opened) => {
    if (source !== undefined) bindTo(kernel, opened, internetSockaddr({ address: source, port: 0, ifindex }))
  })
  const state = { kernel, handle, family }
  return {
    get fd() {
      return handle.fd
    },
    connect: (to) => connect(state, internetSockaddr(checkTarget(to, family))),
    ...handover(state),
  }
}

/** Opens a listening TCP socket: see `TransportIo.listenTcp`. */
export function listenTcpSocket(kernel: Kernel, options: TcpListenOptions): TcpListener {
  const address = checkAddress('address', options.address)
  const port = checkInteger('port', options.port, PORT_BOUNDS)
  const ifindex = options.ifindex === undefined ? 0 : checkInteger('ifindex', options.ifindex, IFINDEX_BOUNDS)
  const backlog = options.backlog === undefined ? 128 : checkInteger('backlog', options.backlog, [1, 65535])
  const handle = openStream(kernel, checkTcpOptions(options, address.family), (opened) => {
    // So that a restart need not wait for the old connections' TIME_WAIT.
    setInteger(kernel, opened, { level: SOL_SOCKET, name: SO_REUSEADDR, about: 'SO_REUSEADDR' }, 1)
    bindTo(kernel, opened, internetSockaddr({ address, port, ifindex }))
    checked(kernel.addon.listen(openFd(opened), backlog), 'listen')
  })
  return {
    port: localPort(kernel, handle),
    get fd() {
      return handle.fd
    },
    ...handover({ kernel, handle, family: address.family }),
  }
}

function handover(state: State): Omit<TcpHandover, 'fd'> {
  const { kernel, handle, family } = state
  return {
    setMd5Key: (key) => setMd5Key(kernel, handle, checkMd5Key('key', key, family)),
    clearMd5Key: (peer: Address) => clearMd5Key(kernel, handle, checkAddress('peer', peer, family)),
    duplicate: () => checked(kernel.addon.duplicate(openFd(handle)), 'fcntl', 'F_DUPFD_CLOEXEC'),
    close: () => closeHandle(kernel, handle),
  }
}

function connect({ kernel, handle }: State, sockaddr: Uint8Array): void {
  const result = kernel.addon.connect(openFd(handle), sockaddr)
  if (result !== -constants.errno.EINPROGRESS) checked(result, 'connect')
}
