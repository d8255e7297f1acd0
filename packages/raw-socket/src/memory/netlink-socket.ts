import { openFd } from '../handle.ts'
import type { NetlinkSocket, NetlinkTopic } from '../link-io.ts'
import { checkTopics } from '../netlink/topics.ts'
import { closeDescriptor, type Host, type NetlinkState, openDescriptor } from './state.ts'

/** Dumps and events of a host in memory. */
export function openMemoryNetlink(
  host: Host,
  options: { readonly topics?: readonly NetlinkTopic[] } = {},
): NetlinkSocket {
  const state: NetlinkState = { topics: new Set(checkTopics(options.topics)), events: [] }
  const handle = openDescriptor(host, 'netlink socket', { isReady: () => state.events.length > 0 })
  host.netlinks.add(state)
  const whileOpen = <T>(read: () => T): T => {
    openFd(handle)
    return read()
  }
  return {
    get fd() {
      return handle.fd
    },
    dumpLinks: () => whileOpen(() => [...host.nics.values()].map(({ link }) => link)),
    dumpAddresses: () => whileOpen(() => [...host.nics.values()].flatMap(({ addresses }) => addresses)),
    dumpNeighbours: () => whileOpen(() => [...host.neighbours.values()]),
    receive: () => whileOpen(() => state.events.splice(0)),
    close: () => {
      host.netlinks.delete(state)
      closeDescriptor(host, handle)
    },
  }
}
