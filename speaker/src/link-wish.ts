import type { MembershipConfig } from '@steelyard/membership'
import { formatMac } from '@steelyard/net'
import type { DesiredAddress, LinkDesired } from './link/messages.ts'
import type { LinkPort } from './ports.ts'
import type { Peers } from './peers.ts'
import type { Reckoned } from './decide/reckoned.ts'

export type RosterEntry = { readonly node: string; readonly address: string }

/** What the link worker needs beside what was reckoned. Read anew for each message. */
export type LinkSurroundings = {
  readonly excludePatterns: () => readonly string[]
  readonly schedule: () => NonNullable<LinkDesired['schedule']>
  /** How an address that nobody had before is checked for another user. */
  readonly check: () => NonNullable<DesiredAddress['check']>
  readonly peers: Peers
  /** Undefined where speakers do not talk to each other, and as long as it is not known who the others may be. */
  readonly membership: () => MembershipSurroundings | undefined
  /** What BGP sessions want to have watched over, and found. */
  readonly bgpLinks: () => Pick<LinkDesired, 'bfd' | 'unnumbered' | 'devices'>
}

export type MembershipSurroundings = {
  readonly roster: readonly RosterEntry[]
  readonly secrets: readonly Uint8Array[]
  readonly config: MembershipConfig
  readonly gateway: { readonly ip: string; readonly interface: string } | undefined
}

/** The one place from which the link worker is told anything, always all of it. */
export type LinkWish = {
  readonly carryOut: (reckoned: Reckoned) => void
  /** Something of the surroundings changed. */
  readonly refresh: () => void
  /** Announces nothing any more, and has the worker say goodbye to the other speakers. */
  readonly leave: () => void
}

const NOTHING: Reckoned = {
  addresses: [],
  standby: [],
  record: { claims: [], draining: false, missing: [], impaired: [], macs: [] },
}

export function linkWish(link: Pick<LinkPort, 'set'>, surroundings: LinkSurroundings): LinkWish {
  const state = { reckoned: NOTHING, leaving: false }
  const send = (): void => link.set(desiredOf(state, surroundings))
  return {
    carryOut: (reckoned) => {
      state.reckoned = reckoned
      send()
    },
    refresh: send,
    leave: () => {
      Object.assign(state, { reckoned: NOTHING, leaving: true })
      send()
    },
  }
}

type State = { readonly reckoned: Reckoned; readonly leaving: boolean }

function desiredOf({ reckoned, leaving }: State, surroundings: LinkSurroundings): LinkDesired {
  const { excludePatterns, schedule, check, peers, membership, bgpLinks } = surroundings
  const member = membership()
  const addresses = reckoned.addresses.map(({ ip, interfaces, isNew }): DesiredAddress => ({
    ip,
    interfaces,
    ...(isNew ? { check: check() } : {}),
  }))
  return {
    addresses,
    excludeInterfaces: excludePatterns(),
    schedule: schedule(),
    standby: reckoned.standby.map((ip) => ({ ip, interfaces: 'all' })),
    peerMacs: [...peers.book.records.values()].flatMap(({ macs }) => macs.map(formatMac)),
    ...bgpLinks(),
    ...(member === undefined ? {} : { membership: joined(member, { record: reckoned.record, leaving }) }),
  }
}

function joined(
  { gateway, ...rest }: MembershipSurroundings,
  own: Pick<NonNullable<LinkDesired['membership']>, 'record' | 'leaving'>,
): NonNullable<LinkDesired['membership']> {
  return { ...rest, ...own, ...(gateway === undefined ? {} : { gateway }) }
}
