import type { Random } from '@steelyard/runtime'
import { decodePacket } from '../packet.ts'
import { type BfdConfig, type BfdSession, bfdSession } from '../session.ts'
import { type BfdEffect, type BfdEvent, nextDeadline, step } from '../step.ts'
import { CONFIG } from './peer-packet.ts'

export type PairOptions = {
  readonly a?: Partial<BfdConfig>
  readonly b?: Partial<BfdConfig>
  /** The share of packets lost. */
  readonly loss?: number
  /** The longest time on the way; the shortest is 0. */
  readonly delayMs?: number
}

type Parcel = { readonly at: number; readonly to: 'a' | 'b'; readonly event: BfdEvent }

/** Two sessions that talk to each other over a wire that loses and delays, on a clock of their own. */
export type Pair = {
  readonly a: BfdSession
  readonly b: BfdSession
  loss: number
  now: number
  readonly sent: { a: number; b: number }
  readonly run: (ms: number) => void
  readonly feed: (who: 'a' | 'b', event: BfdEvent) => void
}

type Who = 'a' | 'b'
type World = { readonly state: Pair; readonly parcels: Parcel[]; readonly random: Random; readonly delayMs: number }

export function pair(random: Random, options: PairOptions = {}): Pair {
  const sessionOf = (discriminator: number, change: Partial<BfdConfig> = {}): BfdSession =>
    bfdSession(discriminator, { ...CONFIG, ...change }, 0, random)
  const state: Pair = {
    a: sessionOf(1, options.a),
    b: sessionOf(2, options.b),
    loss: options.loss ?? 0,
    now: 0,
    sent: { a: 0, b: 0 },
    run: (ms) => run(world, ms),
    feed: (who, event) => feed(world, who, event),
  }
  const world: World = { state, parcels: [], random, delayMs: options.delayMs ?? 0 }
  return state
}

function feed(world: World, who: Who, event: BfdEvent): void {
  const { state, random } = world
  carry(world, who, step(state[who], event, state.now, random))
}

/** Nothing overtakes. */
function carry({ state, parcels, random, delayMs }: World, from: Who, effects: readonly BfdEffect[]): void {
  const to = from === 'a' ? 'b' : 'a'
  for (const effect of effects) {
    if (effect.kind !== 'send') continue
    state.sent[from] += 1
    const read = decodePacket(effect.bytes)
    if (!read.ok || random() < state.loss) continue
    const before = parcels.findLast((parcel) => parcel.to === to)?.at ?? 0
    const at = Math.max(before, state.now + random() * delayMs)
    parcels.push({ at, to, event: { kind: 'packet', packet: read.packet } })
  }
}

function run(world: World, ms: number): void {
  const { state, parcels } = world
  const until = state.now + ms
  for (;;) {
    const due = earliestOf(parcels)
    const next = Math.min(due?.at ?? Infinity, nextDeadline(state.a), nextDeadline(state.b))
    if (next > until) break
    state.now = Math.max(state.now, next)
    if (due !== undefined && due.at <= state.now) {
      parcels.splice(parcels.indexOf(due), 1)
      feed(world, due.to, due.event)
    }
    for (const who of ['a', 'b'] as const) feed(world, who, { kind: 'tick', readUntil: state.now })
  }
  state.now = until
}

function earliestOf(parcels: readonly Parcel[]): Parcel | undefined {
  return parcels.reduce<Parcel | undefined>((first, next) => (first && first.at <= next.at ? first : next), undefined)
}
