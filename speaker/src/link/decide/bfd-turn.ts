import type { LinkFault } from '../messages.ts'
import type { BfdAct, BfdPart, BfdWatch } from './bfd-state.ts'
import type { Opening } from './member-state.ts'
import { postpone } from './seen-interfaces.ts'
import type { FailedCall, LinkConfig, LinkEffect, LinkState } from './state.ts'

/** What a decision about BFD works on. */
export type BfdTurn = {
  readonly state: LinkState
  readonly part: BfdPart
  readonly now: number
  readonly config: LinkConfig
  readonly effects: LinkEffect[]
}

type At = { readonly now: number; readonly config: LinkConfig }

export function bfdTurn(state: LinkState, { now, config }: At, effects: LinkEffect[]): BfdTurn {
  return { state, part: state.bfd, now, config, effects }
}

export function order({ effects }: BfdTurn, act: BfdAct): void {
  effects.push({ kind: 'bfd', act })
}

/** It is opened again after a while. */
export function retryLater({ part, now, config }: BfdTurn, opening: Opening): void {
  postpone(opening, now, config)
  part.retryAt = Math.min(part.retryAt, opening.retryAt)
}

/** The index of an interface by its name; undefined: there is none. */
export function indexOf({ view }: LinkState, name: string | undefined): number | undefined {
  if (name === undefined || view === undefined) return undefined
  for (const link of view.links.values()) if (link.name === name) return link.index
  return undefined
}

/** Each session tells of its own: at once when it is news, then each minute with how often it happened. */
export function tellFault(turn: BfdTurn, watch: BfdWatch, { call, errno, message }: FailedCall): void {
  const { now, config, effects } = turn
  const text = `${call} ${errno}`
  const known = watch.fault?.text === text ? watch.fault : undefined
  const times = (known?.times ?? 0) + 1
  if (known !== undefined && now < known.toldAt + config.faultRepeatMs) {
    known.times = times
    return
  }
  watch.fault = { text, toldAt: now, times: 0 }
  const name = watch.desired.interface ?? watch.desired.device
  const fault: LinkFault = {
    ...(name === undefined ? {} : { interface: name }),
    call,
    errno,
    message: `BFD with ${watch.desired.peer}: ${message}`,
    times,
  }
  effects.push({ kind: 'tell', fact: { kind: 'fault', ...fault } })
}
