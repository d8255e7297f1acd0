import { ALL_NODES, ALL_ROUTERS, ROUTER_DISCOVERY_TYPES } from '@steelyard/arp-lib'
import { addressBytes } from '@steelyard/net'
import { type GroupSocket, SystemCallError } from '@steelyard/raw-socket'
import type { RouterAct, RouterAttempt, RouterEvent } from './decide/router-state.ts'
import type { LinkEvent } from './decide/state.ts'
import type { LinkLoop } from './link-loop.ts'

/** By interface index. They stand beside those of announcements, which an interface may be excluded from. */
export type RouterSockets = Map<number, GroupSocket>

/** What the kernel refuses becomes an event, as for the other sockets. */
export function carryOutRouterAct(loop: LinkLoop, act: RouterAct): LinkEvent | undefined {
  return attemptOf(act, () => perform(loop, act))
}

function attemptOf(tried: RouterAttempt, call: () => RouterEvent | undefined): LinkEvent | undefined {
  try {
    const what = call()
    return what && { kind: 'routers', what }
  } catch (error) {
    if (!(error instanceof SystemCallError)) throw error
    return { kind: 'routers', what: { kind: 'failed', tried, error } }
  }
}

function perform({ world: { io }, routers }: LinkLoop, act: RouterAct): undefined {
  if (act.kind === 'open') {
    closeRouter(routers, act.ifindex)
    routers.set(act.ifindex, open(io, act.ifindex))
  } else if (act.kind === 'close') closeRouter(routers, act.ifindex)
  else routers.get(act.ifindex)?.send(act.kind === 'advertise' ? ALL_NODES : ALL_ROUTERS, act.message)
}

/** Who advertises is a router in its neighbours' eyes, and is asked as one; all nodes' group every host has joined. */
function open(io: LinkLoop['world']['io'], ifindex: number): GroupSocket {
  const socket = io.openGroups({ ifindex, receiveTypes: ROUTER_DISCOVERY_TYPES })
  try {
    socket.join(addressBytes(ALL_ROUTERS))
    return socket
  } catch (error) {
    socket.close()
    throw error
  }
}

function closeRouter(routers: RouterSockets, ifindex: number): void {
  routers.get(ifindex)?.close()
  routers.delete(ifindex)
}

export function closeRouters(routers: RouterSockets): void {
  for (const ifindex of routers.keys()) closeRouter(routers, ifindex)
}

/** The next message that waits, as an event. */
export function nextDiscovery({ routers }: LinkLoop, ifindex: number): LinkEvent | undefined {
  return attemptOf({ kind: 'receive', ifindex }, () => {
    const message = routers.get(ifindex)?.receive()
    if (message === undefined) return undefined
    const { bytes, source, hopLimit } = message
    return { kind: 'heard', ifindex, bytes, source, hopLimit }
  })
}
