import type { Address, Mac } from '@steelyard/net'
import type { Clock, Random } from '@steelyard/runtime'

export type SegmentOptions = {
  readonly clock: Clock
  /** Decides what is lost. */
  readonly random: Random
  /** The chance that one station does not get a frame, from 0 (never, the default) to 1. */
  readonly loss?: number
  /** From sending to arrival; 0 (the default) is at once. */
  readonly delayMs?: number
}

export type Station = {
  readonly deliver: (frame: Uint8Array) => void
  /** Its MAC, if the address is its own. */
  readonly macOf?: (address: Address) => Mac | undefined
}

/** A station's end of its cable. */
export type Plug = {
  readonly send: (frame: Uint8Array) => void
  /** What a neighbour table would know of another station here: nobody asks for it by frames. */
  readonly macOf: (address: Address) => Mac | undefined
  readonly unplug: () => void
}

/**
 * An Ethernet segment in memory: every frame reaches every other station, as through a hub, each with
 * its own luck. Interfaces of a `memoryHost` are its stations; a test may plug in one of its own that
 * plays whom it likes.
 */
export type EthernetSegment = {
  readonly plug: (station: Station) => Plug
  readonly setLoss: (loss: number) => void
  readonly setDelayMs: (delayMs: number) => void
  /** Told of every frame when it is sent, lost or not; gives the way to end it. The frame must not be changed. */
  readonly watch: (listener: (frame: Uint8Array) => void) => () => void
}

type State = {
  readonly clock: Clock
  readonly random: Random
  readonly stations: Set<Station>
  readonly listeners: Set<(frame: Uint8Array) => void>
  loss: number
  delayMs: number
}

export function ethernetSegment(options: SegmentOptions): EthernetSegment {
  const state: State = {
    clock: options.clock,
    random: options.random,
    stations: new Set(),
    listeners: new Set(),
    loss: checkLoss(options.loss ?? 0),
    delayMs: checkDelay(options.delayMs ?? 0),
  }
  return {
    plug: (station) => {
      state.stations.add(station)
      return {
        send: (frame) => send(state, station, frame),
        macOf: (address) => macOf(state, station, address),
        unplug: () => void state.stations.delete(station),
      }
    },
    setLoss: (loss) => {
      state.loss = checkLoss(loss)
    },
    setDelayMs: (delayMs) => {
      state.delayMs = checkDelay(delayMs)
    },
    watch: (listener) => {
      state.listeners.add(listener)
      return () => void state.listeners.delete(listener)
    },
  }
}

function checkLoss(loss: number): number {
  if (!(loss >= 0 && loss <= 1)) throw new RangeError(`loss must be from 0 to 1, not ${loss}`)
  return loss
}

function checkDelay(delayMs: number): number {
  if (!(delayMs >= 0 && Number.isFinite(delayMs))) throw new RangeError(`delayMs must be 0 or more, not ${delayMs}`)
  return delayMs
}

/** The bytes are copied: whoever sends may use his buffer again. */
function send(state: State, from: Station, bytes: Uint8Array): void {
  if (!state.stations.has(from)) return
  const frame = bytes.slice()
  for (const listener of state.listeners) listener(frame)
  for (const station of state.stations) {
    if (station !== from && !isLost(state)) carry(state, station, frame)
  }
}

function macOf({ stations }: State, from: Station, address: Address): Mac | undefined {
  for (const station of stations) {
    const mac = station === from ? undefined : station.macOf?.(address)
    if (mac !== undefined) return mac
  }
  return undefined
}

function isLost({ loss, random }: State): boolean {
  return loss > 0 && random() < loss
}

function carry({ clock, stations, delayMs }: State, to: Station, frame: Uint8Array): void {
  if (delayMs === 0) {
    to.deliver(frame)
    return
  }
  clock.wakeAt(clock.now() + delayMs, () => {
    if (stations.has(to)) to.deliver(frame)
  })
}
