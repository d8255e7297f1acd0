import type { Address } from '@steelyard/net'
import type { FailedCall } from './state.ts'

/** One interface on which the router at the other end is to be found. */
export type RouterPort = {
  readonly ifindex: number
  readonly name: string
  /** False from a failure until `retryAt`. */
  isOpen: boolean
  retryAt: number
  failures: number
  /** Advertisements and solicitations sent since it was opened. */
  advertised: number
  solicited: number
  advertiseAt: number
  lastAdvertisedAt: number
  solicitAt: number
  /** The one that is told. */
  neighbour: string | undefined
  /** Another that was heard; `doubtUntil`: by then the first has spoken too, or it is not there any more. */
  other: string | undefined
  doubtUntil: number
}

/** What the worker knows of routers on unnumbered interfaces. */
export type RouterPart = {
  wanted: ReadonlySet<string>
  /** By interface index. */
  readonly ports: Map<number, RouterPort>
  told: string
}

export function routerPart(): RouterPart {
  return { wanted: new Set(), ports: new Map(), told: '[]' }
}

export type RouterAct =
  | { readonly kind: 'open'; readonly ifindex: number }
  | { readonly kind: 'close'; readonly ifindex: number }
  /** To all nodes or all routers of the link. */
  | { readonly kind: 'advertise' | 'solicit'; readonly ifindex: number; readonly message: Uint8Array }

export type RouterAttempt = RouterAct | { readonly kind: 'receive'; readonly ifindex: number }

export type RouterEvent =
  | {
      readonly kind: 'heard'
      readonly ifindex: number
      readonly bytes: Uint8Array
      readonly source: Address
      readonly hopLimit: number | undefined
    }
  | { readonly kind: 'failed'; readonly tried: RouterAttempt; readonly error: FailedCall }
