import type { Address, Mac } from '@steelyard/net'

/** Why a frame gets no answer. The words are metric labels too. */
export const IGNORED_REASONS = [
  'OwnFrame', // we sent it, or it came back to us
  'OtherDestination', // Ethernet says it is for somebody else, or it is for a group where it must not be
  'OtherProtocol', // neither ARP nor neighbour discovery
  'Malformed', // `detail` says what is wrong
  'GroupSender', // it claims to come from a group: an answer would go to many
  'ProtocolNotUsable', // this interface does not speak ARP, or NDP
  'NotARequest', // somebody's reply or advertisement about an address that is not announced here
  'NotAnnounced', // a request for an address that is not announced here
] as const
export type IgnoredReason = (typeof IGNORED_REASONS)[number]

/** The addresses that an interface answers for, as `formatAddress` writes them: a `Set`, or a `Map` by them. */
export type Announced = Pick<ReadonlySet<string>, 'has'>

/** Somebody wanted to know an address, and says where he can be told. */
export type Ask = { readonly target: string; readonly ip: Address; readonly mac: Mac }

/**
 * How a station used an address.
 * - `arp-reply`: it told somebody who asked, so it was probably asked by unicast or by us.
 * - `arp-announcement`: it told everybody, or asked for another address from this one.
 * - `advertisement`: the same for IPv6, by a neighbour advertisement.
 * - `solicitation`: it asked for another IPv6 address from this one.
 * - `probe`: it is about to use the address, and asks whether it may. Only heard while it is checked here.
 */
export type ClaimForm = 'arp-reply' | 'arp-announcement' | 'advertisement' | 'solicitation' | 'probe'

/** A station that is not this machine uses an address that is announced, or checked, here. */
export type AddressClaim = { readonly ip: string; readonly mac: Mac; readonly form: ClaimForm }

/** What one interface has: `announced` is answered for; `checked` is not yet, but others' use of it is heard. */
export type Held = { readonly announced: Announced; readonly checked: Announced }

export function isHeld({ announced, checked }: Held, ip: string): boolean {
  return announced.has(ip) || checked.has(ip)
}

/**
 * What to do about a frame. `ip` is the address that it is about, as text.
 * - `reply`: send `frame`. `ask` is absent when the asker has no address yet; `claim` is there when it asks from an address that is ours.
 * - `claim`: a station that is not this machine says the address is its own.
 */
export type Answer =
  | {
      readonly kind: 'reply'
      readonly ip: string
      readonly frame: Uint8Array
      readonly ask?: Ask
      readonly claim?: AddressClaim
    }
  | ({ readonly kind: 'claim' } & AddressClaim)
  | { readonly kind: 'ignored'; readonly reason: IgnoredReason; readonly detail?: string; readonly ask?: Ask }

export function ignored(reason: IgnoredReason, detail?: string, ask?: Ask): Answer {
  return { kind: 'ignored', reason, ...(detail === undefined ? {} : { detail }), ...(ask === undefined ? {} : { ask }) }
}
