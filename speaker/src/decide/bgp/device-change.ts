import type { WatchedDevice } from '../../link/messages.ts'
import { noDevice } from './connect-failure.ts'

/** What becomes of a session when something is told of the device that it is bound to. */
export type DeviceChange =
  /** Its connection, if there is one, leads nowhere any more. @property why a sentence */
  | { readonly kind: 'lost'; readonly why: string }
  /** What could not be had before can be had now. @property lost why what stood does not stand any more */
  | { readonly kind: 'back'; readonly lost: string | undefined }

/**
 * A socket is bound to a device by its index: of one that was removed and made anew under its name, what was bound
 * to the first hears nothing. The kernel tells no connection of it.
 * @param before undefined: nothing was told of it yet
 */
export function deviceChange(before: WatchedDevice | undefined, now: WatchedDevice): DeviceChange | undefined {
  const { name } = now
  // What nothing was told of may have been there until a moment ago.
  const was = before ?? { name, ifindex: now.ifindex ?? 0, up: !now.up }
  if (now.ifindex === undefined) return was.ifindex === undefined ? undefined : { kind: 'lost', why: noDevice(name) }
  if (!now.up) return was.up ? { kind: 'lost', why: `spec.vrf ${name}: the device is down` } : undefined
  if (!was.up) return { kind: 'back', lost: undefined }
  return was.ifindex === now.ifindex
    ? undefined
    : { kind: 'back', lost: `spec.vrf ${name}: the device was removed and made anew` }
}
