import type { Agent } from 'node:http'

/** What one request to the API server must carry. */
export type Access = {
  readonly headers: Readonly<Record<string, string | readonly string[]>>
  readonly tls: {
    readonly ca?: string | Buffer
    readonly cert?: string | Buffer
    readonly key?: string | Buffer
    readonly passphrase?: string
    readonly servername?: string
    readonly rejectUnauthorized?: boolean
  }
  /** Only where a proxy lies between; replaces our own connection pool. */
  readonly agent?: Agent
}

/** Where the API server is and how to be let in. */
export type KubeCredentials = {
  /** `https://host:port`, perhaps with a path in front of the API. */
  readonly server: URL
  /** The namespace of the context, or of the service account. */
  readonly namespace: string | undefined
  /** For messages: the file, or `in-cluster`. */
  readonly source: string
  /** Asked before each request: tokens and certificates are renewed while we run. Rejects with `KubeConfigError`. */
  readonly access: () => Promise<Access>
  /** The server refused what `access` gave: read it anew, whatever its age. */
  readonly forget: () => void
}

/** Credentials that cannot be had. The message is one line with the file and the reason, never the secret. */
export class KubeConfigError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'KubeConfigError'
  }
}
