import type { Random } from '@steelyard/runtime'
import { SLOW_MS } from './constants.ts'
import type { BfdState } from './transition.ts'

/** What an operator chose for one session. */
export type BfdConfig = {
  /** The peer as sentences name it. */
  readonly peer: string
  /** bfd.DesiredMinTxInterval and bfd.RequiredMinRxInterval once the session is up. */
  readonly transmitMs: number
  readonly receiveMs: number
  readonly multiplier: number
  /** undefined: no echoes, neither sent nor offered to loop back. */
  readonly echoMs: number | undefined
  /** RFC 5880 section 6.1: silent until the peer speaks. */
  readonly passive: boolean
}

export type Intervals = { readonly transmitMs: number; readonly receiveMs: number }

/** What the peer's last packet said. */
export type BfdRemote = {
  /** 0: nothing was heard within the detection time. */
  readonly discriminator: number
  readonly state: BfdState
  readonly demand: boolean
  readonly multiplier: number
  readonly transmitMs: number
  /** 0: it wants no periodic packets. */
  readonly receiveMs: number
  /** 0: it loops no echoes back. */
  readonly echoMs: number
}

/** RFC 5880 section 6.8.1: what holds before a packet was heard. */
export const UNHEARD: BfdRemote = {
  discriminator: 0,
  state: 'down',
  demand: false,
  multiplier: 0,
  transmitMs: 0,
  receiveMs: 0.001,
  echoMs: 0,
}

/** Echoes of this session; `begunAt` undefined = none are sent. */
export type BfdEcho = {
  begunAt: number | undefined
  sendAt: number
  /** When one came back last. undefined: none has yet, so that echoes do not count. */
  returnedAt: number | undefined
  sequence: number
  /** It was told that none comes back. */
  isMissingTold: boolean
}

/** What is told of a session. */
export type Shown = {
  readonly state: BfdState
  readonly remoteState: BfdState | undefined
  readonly transmitMs: number
  readonly receiveMs: number
  readonly multiplier: number
  readonly echoMs: number | undefined
}

/** One session (RFC 5880 section 6.8.1). It belongs to who steps it, and is changed in place. */
export type BfdSession = {
  /** bfd.LocalDiscr. */
  readonly discriminator: number
  /** In each echo, so that nobody else makes one up. */
  readonly nonce: number
  config: BfdConfig
  state: BfdState
  since: number
  diagnostic: number
  remote: BfdRemote
  /** Whether the peer was ever heard. */
  wasHeard: boolean
  /** When the last packet came; undefined = longer ago than the detection time, or never. */
  heardAt: number | undefined
  /** What our packets say. */
  advertised: Intervals
  /** What we go by: a change that would surprise the peer waits for the end of a poll sequence. */
  inUse: Intervals
  /** What was advertised when the poll sequence began that is going on. */
  poll: Intervals | undefined
  sentAt: number
  /** The part of the interval that is waited this time. */
  jitter: number
  /** A packet is due at once. */
  isUrgent: boolean
  readonly echo: BfdEcho
  /** As of the last step. */
  shown: Shown
  lastDown: string | undefined
  ups: number
  downs: number
}

const WORD = 2 ** 32

/** A number of 32 bits that is not 0. */
export function randomWord(random: Random): number {
  return 1 + Math.floor(random() * (WORD - 1))
}

/** @param discriminator one that no other session of this system has, and not 0. */
export function bfdSession(discriminator: number, config: BfdConfig, now: number, random: Random): BfdSession {
  const slow = { transmitMs: Math.max(config.transmitMs, SLOW_MS), receiveMs: config.receiveMs }
  return {
    discriminator,
    nonce: randomWord(random),
    config,
    state: 'down',
    since: now,
    diagnostic: 0,
    remote: UNHEARD,
    wasHeard: false,
    heardAt: undefined,
    advertised: slow,
    inUse: slow,
    poll: undefined,
    sentAt: Number.NEGATIVE_INFINITY,
    jitter: 1,
    isUrgent: false,
    echo: { begunAt: undefined, sendAt: 0, returnedAt: undefined, sequence: 0, isMissingTold: false },
    shown: { state: 'down', remoteState: undefined, ...slow, multiplier: 0, echoMs: undefined },
    lastDown: undefined,
    ups: 0,
    downs: 0,
  }
}
