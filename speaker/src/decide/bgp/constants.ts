/** The well-known community that asks routers to prefer any other path: 65535:0 (RFC 8326 section 5). */
export const GRACEFUL_SHUTDOWN = 0xffff_0000
/** What goes with it inside the AS: the lowest LOCAL_PREF there is (RFC 8326 section 4.2). */
export const LEAVING_LOCAL_PREF = 0
/** A link bandwidth is told in bytes per second (draft-ietf-idr-link-bandwidth section 2). */
export const MEGABIT_IN_BYTES = 125_000
