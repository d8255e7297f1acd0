import type { MessageKind, SessionCounters } from '../peer.ts'

export type Tally = {
  readonly sent: Record<MessageKind, number>
  readonly received: Record<MessageKind, number>
  receivedPrefixes: number
  malformedUpdates: number
}

export const tally = (): Tally => ({ sent: none(), received: none(), receivedPrefixes: 0, malformedUpdates: 0 })

const none = (): Record<MessageKind, number> => ({ open: 0, update: 0, notification: 0, keepalive: 0, routeRefresh: 0 })

export function countersOf({ sent, received, receivedPrefixes, malformedUpdates }: Tally): SessionCounters {
  return { sent: { ...sent }, received: { ...received }, receivedPrefixes, malformedUpdates }
}
