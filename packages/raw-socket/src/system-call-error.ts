/** The kernel, or the memory adapter in its place, refused a call. `errno` is the symbolic name, such as `ENODEV`. */
export class SystemCallError extends Error {
  readonly call: string
  readonly errno: string
  constructor(call: string, errno: string, about?: string) {
    super(about === undefined ? `${call}: ${errno}` : `${call}: ${errno} (${about})`)
    this.name = 'SystemCallError'
    this.call = call
    this.errno = errno
  }
}
