import { type AddressClaim, failCheck } from '@steelyard/arp-lib'
import { formatMac } from '@steelyard/net'
import type { AddressConflict } from '../messages.ts'
import { roundKey } from './announced.ts'
import { mayDefend, noteConflict } from './conflict-watch.ts'
import { announceOnce } from './sending.ts'
import { isSilentAbout } from './silence.ts'
import { checkOf } from './pace.ts'
import type { Channel, LinkConfig, LinkEffect, LinkState } from './state.ts'
import { countClaim } from './tally.ts'

type At = { readonly now: number; readonly config: LinkConfig }
type Claimed = { readonly channel: Channel; readonly claim: AddressClaim }

/**
 * Another machine was heard to use an address of this node. Another speaker's node is told only
 * when it lasts: addresses move. Anybody else fails a check of the address, and is answered by an
 * announcement where the address is announced (RFC 5227 section 2.4).
 */
export function hearClaim(
  state: LinkState,
  { channel, claim }: Claimed,
  { now, config }: At,
  effects: LinkEffect[],
): void {
  const { ip, form } = claim
  const mac = formatMac(claim.mac)
  const whose = state.peerMacs.has(mac) ? 'peer' : 'foreign'
  countClaim(state.tally, ip, claim.mac)
  const refusal = whose === 'foreign' ? refuse(state, { channel, claim }, { now, config }) : undefined
  if (refusal === undefined && isSilentAbout(state, ip)) return
  const heard = { ip, mac, interface: channel.plan.name, form, whose, ...refusal } as const
  for (const fact of noteConflict(state.conflicts, heard, now, config.conflicts)) effects.push({ kind: 'tell', fact })
  if (whose === 'foreign') defend(state, { channel, claim }, { now, config }, effects)
}

type Refusal = Pick<AddressConflict, 'refused'> & { readonly keepUntil?: number }

/** Undefined when there was no check to fail. A conflict with a refused address is kept until the next check has had its time. */
function refuse(state: LinkState, { channel, claim: { ip } }: Claimed, { now, config }: At): Refusal | undefined {
  const verdict = failCheck(state.checks, roundKey(channel, ip), now, checkOf(state, config))
  if (verdict?.mode === 'warn') state.known.add(ip)
  if (verdict?.mode !== 'refuse') return verdict && {}
  return { refused: true, keepUntil: verdict.retryAt + config.conflicts.refusalGraceMs }
}

function defend(state: LinkState, { channel, claim }: Claimed, { now, config }: At, effects: LinkEffect[]): void {
  if (!state.defends || isSilentAbout(state, claim.ip) || !channel.announced.has(claim.ip)) return
  if (mayDefend(state.conflicts, roundKey(channel, claim.ip), now, config.conflicts)) {
    announceOnce(state, channel, claim.ip, effects)
  }
}
