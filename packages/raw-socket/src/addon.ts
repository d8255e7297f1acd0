import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { ADDON_FILE, ADDON_VERSION } from './addon-version.ts'

/**
 * The compiled module. Every function gives what the system call returned, or -errno; a descriptor
 * that this thread did not open with it, or has closed, is EBADF.
 */
export type Addon = {
  readonly version: number
  /** Bytes of a `size_t`, which control messages are aligned to. */
  readonly wordSize: number
  readonly close: (fd: number) => number
  /** The second descriptor is no longer the addon's: whoever gets it closes it. */
  readonly duplicate: (fd: number) => number
  readonly socket: (domain: number, type: number, protocol: number) => number
  readonly bind: (fd: number, sockaddr: Uint8Array) => number
  readonly connect: (fd: number, sockaddr: Uint8Array) => number
  readonly listen: (fd: number, backlog: number) => number
  readonly setOption: (fd: number, level: number, name: number, value: Uint8Array) => number
  readonly attachFilter: (fd: number, program: Uint8Array) => number
  readonly localAddress: (fd: number, room: Uint8Array) => number
  /**
   * `ancillary`: 128 bytes of room for the sender's sockaddr, then room for control messages. `told`
   * is set to the length of the one, the length of the other, and msg_flags.
   */
  readonly receive: (fd: number, bytes: Uint8Array, ancillary: Uint8Array, told: Int32Array) => number
  readonly send: (fd: number, bytes: Uint8Array, sockaddr: Uint8Array) => number
  /** The first `count` of `fds`; those that are ready stand first afterwards. */
  readonly poll: (fds: Int32Array, count: number, timeoutMs: number) => number
  readonly openEvent: () => number
  readonly adoptEvent: (fd: number) => number
  readonly wakeEvent: (fd: number) => number
  readonly clearEvent: (fd: number) => number
  /** Of the calling thread; gives the slice that it has then, 0 where the kernel has no such thing. */
  readonly setSlice: (nanoseconds: number) => number
}

const BUILD_COMMAND = 'node packages/raw-socket/build.ts'

/** Beside a bundle, which carries its addon along; else where the build puts it, for a program that runs from source. */
const PLACES = [`./${ADDON_FILE}`, `../build/${ADDON_FILE}`].map((place) =>
  fileURLToPath(new URL(place, import.meta.url)),
)

/**
 * Loads the compiled addon: once for each thread, however often it is called.
 * @throws Error when it is missing, cannot be loaded here, or was built for another version of this package.
 */
export function loadAddon(places: readonly string[] = PLACES): Addon {
  const place = places.find((candidate) => existsSync(candidate))
  if (place === undefined) {
    throw new Error(
      `the native addon is missing: neither ${places.join(' nor ')} exists; build it with ${BUILD_COMMAND}`,
    )
  }
  const addon = load(place)
  if (addon.version !== ADDON_VERSION) {
    throw new Error(
      `${place} is version ${addon.version} of the addon and this program needs version ${ADDON_VERSION}; build it anew with ${BUILD_COMMAND}`,
    )
  }
  return addon
}

function load(place: string): Addon {
  try {
    const addon: Addon = createRequire(import.meta.url)(place)
    return addon
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new Error(`${place} cannot be loaded: ${why}; build it anew with ${BUILD_COMMAND}`, { cause })
  }
}
