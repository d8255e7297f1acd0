import { checkInteger } from './checks.ts'
import { type Handle, openFd } from './handle.ts'
import { checked, closeHandle, type Kernel } from './kernel.ts'
import type { Wake } from './link-io.ts'

/** Opens an eventfd: see `LinkIo.openWake`. */
export function openWake(kernel: Kernel): Wake {
  return wakeOf(kernel, checked(kernel.addon.openEvent(), 'eventfd'))
}

/**
 * A second descriptor on an event of another thread: see `LinkIo.adoptWake`.
 * @throws SystemCallError EBADF when the handle is of no open event.
 */
export function adoptWake(kernel: Kernel, handle: number): Wake {
  checkInteger('handle', handle, [0, 2 ** 31 - 1])
  return wakeOf(kernel, checked(kernel.addon.adoptEvent(handle), 'fcntl', 'F_DUPFD_CLOEXEC of an eventfd'))
}

function wakeOf(kernel: Kernel, fd: number): Wake {
  const handle: Handle = { fd, what: 'wake' }
  return {
    get fd() {
      return handle.fd
    },
    get handle() {
      return openFd(handle)
    },
    wake: () => void checked(kernel.addon.wakeEvent(openFd(handle)), 'eventfd_write'),
    clear: () => void checked(kernel.addon.clearEvent(openFd(handle)), 'eventfd_read'),
    close: () => closeHandle(kernel, handle),
  }
}
