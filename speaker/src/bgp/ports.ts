import type { PeerConfig, Session, SessionListener } from '@steelyard/bgp-ts'
import type { IsConnected } from '../decide/bgp/desired-bfd.ts'
import type { SessionTarget } from '../decide/bgp/session-plan.ts'

export type OpenOptions = {
  readonly config: PeerConfig
  readonly target: SessionTarget
  /** Secret material: never logged. */
  readonly password: string | undefined
}

/** A session, and what of it can be changed while it stands. */
export type OpenSession = Session & {
  /** @returns false when the connection cannot be given another key: the session has to be made anew */
  readonly setPassword: (password: string | undefined) => boolean
}

/** Makes sessions; over TCP in `main.ts`, in memory in tests. */
export type BgpPort = {
  readonly open: (options: OpenOptions, listener: SessionListener) => OpenSession
  readonly isConnected: IsConnected
  readonly close: () => void
}
