import { checkInteger } from '../checks.ts'
import { openFd } from '../handle.ts'
import type { Wake } from '../link-io.ts'
import { SystemCallError } from '../system-call-error.ts'
import { closeDescriptor, type EventState, type Host, openDescriptor } from './state.ts'

export function openMemoryWake(host: Host, event: EventState = { awake: false }): Wake {
  const handle = openDescriptor(host, 'wake', { isReady: () => event.awake, event })
  const set = (awake: boolean): void => {
    openFd(handle)
    event.awake = awake
  }
  return {
    get fd() {
      return handle.fd
    },
    get handle() {
      return openFd(handle)
    },
    wake: () => set(true),
    clear: () => set(false),
    close: () => closeDescriptor(host, handle),
  }
}

export function adoptMemoryWake(host: Host, given: number): Wake {
  checkInteger('handle', given, [0, 2 ** 31 - 1])
  const event = host.descriptors.get(given)?.event
  if (event === undefined) throw new SystemCallError('fcntl', 'EBADF', 'F_DUPFD_CLOEXEC of an eventfd')
  return openMemoryWake(host, event)
}
