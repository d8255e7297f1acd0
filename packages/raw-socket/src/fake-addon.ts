import { constants } from 'node:os'
import type { Addon } from './addon.ts'
import { ADDON_VERSION } from './addon-version.ts'

const done = (): number => 0
const nothing = (): number => -constants.errno.EAGAIN

/** For tests: an addon that touches nothing. Every call succeeds and nothing is ever received, but for what `calls` replaces. */
export function fakeAddon(calls: Partial<Addon>): Addon {
  return {
    version: ADDON_VERSION,
    wordSize: 8,
    socket: () => 3,
    close: done,
    duplicate: done,
    bind: done,
    connect: done,
    listen: done,
    setOption: done,
    attachFilter: done,
    localAddress: done,
    receive: nothing,
    send: done,
    poll: done,
    openEvent: done,
    adoptEvent: done,
    wakeEvent: done,
    clearEvent: done,
    setSlice: done,
    ...calls,
  }
}
