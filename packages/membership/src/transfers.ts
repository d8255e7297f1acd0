import { sendAll } from './outbox.ts'
import { isLiving, type Peer } from './peer.ts'
import { type RecordEdition, splitRecord } from './record-parts.ts'
import type { MembershipState, Transfer, Turn } from './state.ts'

/** Further askers are not served now; they ask again. */
const TRANSFERS_MAX = 256

/** Puts a record in line to be sent. A newer version takes the place of the one that is being sent to the same peers. */
export function offer(
  { transfers, self }: MembershipState,
  record: Omit<RecordEdition, 'from'> & { readonly bytes: Uint8Array },
  to: readonly Peer[],
): void {
  const key = `${record.node} ${to.length === 1 ? to[0]?.node : '*'}`
  if (to.length === 0 || transfers.get(key)?.version === record.version) return
  if (transfers.size >= TRANSFERS_MAX && !transfers.has(key)) return
  const { node, boot, version, bytes } = record
  const parts = splitRecord({ from: self.node, node, boot, version }, bytes)
  transfers.set(key, { version, parts, to, next: 0 })
}

/** Sends what is in line, a burst at a time, so that no receiver's buffer overflows. */
export function sendTransfers(turn: Turn): void {
  const { state, config, at } = turn
  if (at < state.transferAt) return
  let left = config.burstParts
  for (const [key, transfer] of state.transfers) {
    left = sendParts(turn, transfer, left)
    if (transfer.next >= transfer.parts.length) state.transfers.delete(key)
    if (left <= 0) break
  }
  if (left <= 0) state.transferAt = at + config.burstPauseMs
}

function sendParts(turn: Turn, transfer: Transfer, budget: number): number {
  const to = transfer.to.filter(isLiving)
  let left = budget
  for (const part of transfer.parts.slice(transfer.next)) {
    if (left <= 0) break
    sendAll(turn, to, part)
    transfer.next += 1
    left -= Math.max(1, to.length)
  }
  return left
}

export function transferAt({ transfers, transferAt }: MembershipState): number {
  return transfers.size === 0 ? Number.POSITIVE_INFINITY : transferAt
}
