import { detectMs, echoMs, receiveMs, transmitMs } from '@steelyard/bfd'
import type { BfdFact, LinkFact } from '../messages.ts'
import type { BfdPart, BfdWatch } from './bfd-state.ts'

export function bfdFact({ watches }: BfdPart): LinkFact {
  return { kind: 'bfd', sessions: [...watches.values()].map(factOf) }
}

export function bfdCountersFact({ watches }: BfdPart): LinkFact {
  return { kind: 'bfdCounters', sessions: [...watches.values()].map(({ key, packets }) => ({ key, ...packets })) }
}

function factOf({ key, entry, since }: BfdWatch): BfdFact {
  if (entry === undefined)
    return { key, state: 'down', since, transmitMs: 0, receiveMs: 0, detectMs: 0, ups: 0, downs: 0 }
  const { session } = entry
  const echo = session.echo.begunAt === undefined ? undefined : echoMs(session)
  return {
    key,
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
