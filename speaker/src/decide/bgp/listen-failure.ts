import { noDevice } from './connect-failure.ts'

/** Where a peer is waited for. */
export type Post = { readonly port: number; readonly device?: string | undefined }

/** Why connections of a passive peer cannot be listened for, as a sentence with what to look at. @param errno symbolic */
export function listenFailure({ port, device }: Post, errno: string): string {
  switch (errno) {
    case 'EADDRINUSE':
      return `another program on this host listens on port ${port} (EADDRINUSE): is there a routing daemon?`
    case 'EACCES':
      return `listening on port ${port} is forbidden (EACCES): ports below 1024 need the capability NET_BIND_SERVICE`
    case 'ENODEV':
      return noDevice(device ?? '')
    default:
      return `listening on port ${port} failed (${errno})`
  }
}
