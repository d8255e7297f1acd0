import type { LinkDesired } from './messages.ts'

/** What the main thread hands the worker when it starts it. */
export type WorkerStart = {
  /** For `adoptWake`: rung for each message, and to end. */
  readonly wakeHandle: number
  /** The two words of `Control`. */
  readonly control: SharedArrayBuffer
  readonly member: MemberStart | undefined
}

/** The node's name, and where the worker hears the other speakers: an address to bind to, `0.0.0.0` or `::` for any, and the port of all. */
export type MemberStart = { readonly node: string; readonly address: string; readonly port: number }

export type ToWorker = { readonly kind: 'desired'; readonly desired: LinkDesired }

/** Words that both threads see at any moment, since the worker's event loop never turns. */
export type Control = Int32Array<SharedArrayBuffer>
const STOP = 0
const TURNS = 1
export const CONTROL_BYTES = 2 * Int32Array.BYTES_PER_ELEMENT

export function askToStop(control: Control): void {
  Atomics.store(control, STOP, 1)
}

export function isAskedToStop(control: Control): boolean {
  return Atomics.load(control, STOP) !== 0
}

/** The worker counts its turns, so that the main thread can see that it still takes any. */
export function countTurn(control: Control): void {
  Atomics.add(control, TURNS, 1)
}

export function turnsOf(control: Control): number {
  return Atomics.load(control, TURNS)
}
