import { detectMs, echoMs, receiveMs, transmitMs } from '@steelyard/bfd'
import type { BfdFact, LinkFact } from '../messages.ts'
import type { BfdPart, BfdWatch } from './bfd-state.ts'

export function bfdFact({ watches }: BfdPart): LinkFact {
  return { kind: 'bfd', sessions: [...watches.values()].flatMap(factsOf) }
}

export function bfdCountersFact({ watches }: BfdPart): LinkFact {
  const sessions = [...watches.values()].flatMap(({ keys, packets }) => keys.map((key) => ({ key, ...packets })))
  return { kind: 'bfdCounters', sessions }
}

function factsOf(watch: BfdWatch): BfdFact[] {
  const fact = factOf(watch)
  return watch.keys.map((key) => ({ key, ...fact }))
}

function factOf({ entry, since }: BfdWatch): Omit<BfdFact, 'key'> {
  if (entry === undefined) return { state: 'down', since, transmitMs: 0, receiveMs: 0, detectMs: 0, ups: 0, downs: 0 }
  const { session } = entry
  const echo = session.echo.begunAt === undefined ? undefined : echoMs(session)
  return {
    state: session.state,
    since: session.since,
    ...(session.wasHeard ? { remoteState: session.remote.state } : {}),
    ...(session.lastDown === undefined ? {} : { lastDown: session.lastDown }),
    transmitMs: transmitMs(session),
    receiveMs: receiveMs(session),
    detectMs: detectMs(session),
    ...(echo === undefined ? {} : { echoMs: echo }),
    ups: session.ups,
    downs: session.downs,
  }
}
