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
  const isAnother = before !== undefined && before.ifindex !== now.ifindex
  if (now.ifindex === undefined) return isAnother ? { kind: 'lost', why: noDevice(now.name) } : undefined
  if (!now.up)
    return before?.up === true ? { kind: 'lost', why: `spec.vrf ${now.name}: the device is down` } : undefined
  if (before?.up !== true) return { kind: 'back', lost: undefined }
  return isAnother ? { kind: 'back', lost: `spec.vrf ${now.name}: the device was removed and made anew` } : undefined
}
