/** A descriptor of ours until it is closed. `what` names it in messages. */
export type Handle = { fd: number; readonly what: string }

/** What `fd` is then. */
export const CLOSED = -1

/** @throws Error when it is closed: the number may be somebody else's by now. */
export function openFd({ fd, what }: Handle): number {
  if (fd === CLOSED) throw new Error(`this ${what} is closed`)
  return fd
}
