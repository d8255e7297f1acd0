import { keyring, membership, sealedWire } from '@steelyard/membership'
import { type Address, parseAddress } from '@steelyard/net'
import type { MembershipDesired } from '../messages.ts'
import { burst } from './announced.ts'
import { tell } from './failures.ts'
import { feed, type MemberTurn, order, tellRoster } from './member-feed.ts'
import { closed, type MemberLife } from './member-state.ts'
import { unsilence } from './silence.ts'
import type { LinkConfig, LinkEffect, LinkState } from './state.ts'

type At = { readonly now: number; readonly config: LinkConfig }

/**
 * Follows what the main thread wants of membership. Applied after the addresses, so that a claim and its address
 * come and go together.
 */
export function applyMembership(
  state: LinkState,
  desired: MembershipDesired | undefined,
  at: At,
  effects: LinkEffect[],
): void {
  const { life } = state.member
  if (desired === undefined) {
    if (life !== undefined) end({ state, life, ...at, effects })
    return
  }
  const present = life ?? begin(state, desired, at)
  const turn = { state, life: present, ...at, effects }
  follow(turn, desired, life === undefined)
}

function begin({ member }: LinkState, desired: MembershipDesired, { now, config }: At): MemberLife {
  const { self } = member
  if (self === undefined) throw new Error('membership is desired of a worker that was started without a name')
  const boot = config.newBoot()
  const machine = membership({ node: self.node, boot }, sealedWire(boot, keyring(desired.secrets)), config.random)
  member.life = {
    machine,
    desired,
    roster: new Map(),
    port: closed(now),
    isBound: false,
    isSettled: false,
    isLeaving: false,
    beaten: new Set(),
    silenced: new Map(),
    silencedTold: '[]',
    asked: undefined,
    linksTold: '',
    carrierTold: true,
    droppedTold: '{}',
    unreadable: new Map(),
    countersToldAt: now,
  }
  return member.life
}

/** Whoever was silent for the others' sake speaks again. */
function end(turn: MemberTurn): void {
  const { state, now, effects } = turn
  state.member.life = undefined
  order(turn, { kind: 'closePort' })
  for (const entry of state.member.seen.values()) {
    if (entry.isOpen) order(turn, { kind: 'closeBeats', ifindex: entry.ifindex })
    Object.assign(entry, { isDeaf: false, ...closed(now) })
  }
  state.isInterfacesStale = true
  for (const channel of state.channels.values()) if (channel.isOpen) burst(state, channel, now)
  void effects
}

/** Secrets first: what follows is sealed with them. The farewell last: it is the end of what there is to say. */
function follow(turn: MemberTurn, desired: MembershipDesired, isNew: boolean): void {
  const { state, life, now, effects } = turn
  const before = life.desired
  life.desired = desired
  if (!isNew && secretsText(before.secrets) !== secretsText(desired.secrets)) {
    feed(turn, { kind: 'keys', keyring: keyring(desired.secrets) })
  }
  if (isNew || rosterText(before) !== rosterText(desired)) followRoster(turn)
  feed(turn, { kind: 'publish', record: desired.record })
  unsilence(state, life, now, effects)
  if (!desired.leaving || life.isLeaving) return
  life.isLeaving = true
  feed(turn, { kind: 'leave' })
}

function secretsText(secrets: readonly Uint8Array[]): string {
  return JSON.stringify(secrets.map((secret) => [...secret]))
}

function rosterText({ roster }: MembershipDesired): string {
  return JSON.stringify(roster.map(({ node, address }) => [node, address]))
}

function followRoster(turn: MemberTurn): void {
  const { life } = turn
  const reachable = life.desired.roster.map(({ node, address }) => [node, addressOf(turn, node, address)] as const)
  life.roster = new Map(reachable.flatMap(([node, address]) => (address === undefined ? [] : [[node, address]])))
  if (life.isBound) tellRoster(turn)
}

/**
 * A node without an address of the socket's family cannot be reached over it; it stays on the roster and is never
 * heard. What stands in a Node is others' input, so it is told and no more.
 */
function addressOf(turn: MemberTurn, node: string, text: string): Address | undefined {
  const { state, now, config, effects } = turn
  const address = parseAddress(text)
  const family = state.member.self?.address.family
  if (address !== undefined && address.family === family) return address
  const message = `${node} cannot be reached: ${JSON.stringify(text)} is not an IPv${family} address`
  tell(state, { call: 'roster', errno: 'EAFNOSUPPORT', message }, { now, config }, effects)
  return undefined
}
