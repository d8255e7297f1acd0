import { isLinkLocal } from '@steelyard/arp-lib'
import { addSession, type BfdConfig, feedSession, forgetSession, retireSession } from '@steelyard/bfd'
import { type Address, parseAddress } from '@steelyard/net'
import type { DesiredBfd } from '../messages.ts'
import { carry } from './bfd-outcome.ts'
import { closeSender, openSender, rebind, settlePorts } from './bfd-ports.ts'
import type { BfdWatch } from './bfd-state.ts'
import { type BfdTurn, indexOf, tellFault } from './bfd-turn.ts'
import { closed } from './member-state.ts'

/** Brings the sessions up to what is wanted: those that only have other numbers go on. */
export function applyDesires(turn: BfdTurn, desired: readonly DesiredBfd[]): void {
  const { part } = turn
  const wanted = new Map(desired.map((one) => [one.key, one]))
  for (const watch of part.watches.values()) {
    const next = wanted.get(watch.key)
    if (next === undefined || identityOf(next) !== identityOf(watch.desired)) retire(turn, watch)
  }
  for (const one of wanted.values()) {
    const watch = part.watches.get(one.key)
    if (watch === undefined) add(turn, one)
    else retune(turn, watch, one)
  }
  settlePorts(turn)
}

/** What cannot be changed without another session. */
function identityOf({ peer, local, interface: name, device, multihop }: DesiredBfd): string {
  return JSON.stringify([peer, local, name, device, multihop])
}

export function retire(turn: BfdTurn, watch: BfdWatch): void {
  const { part, now, config } = turn
  part.watches.delete(watch.key)
  part.isStale = true
  if (watch.entry !== undefined) carry(turn, retireSession(part.sessions, watch.entry, now, config.random))
}

function add(turn: BfdTurn, desired: DesiredBfd): void {
  const peer = parseAddress(desired.peer)
  const local = desired.local === undefined ? undefined : parseAddress(desired.local)
  // The model has refused what is no address before it could come here.
  if (peer === undefined || (desired.local !== undefined && local?.family !== peer.family)) {
    throw new Error(`BFD with ${desired.peer} from ${desired.local ?? 'any'}: not two addresses of one family`)
  }
  const watch = newWatch(turn, desired, { peer, local })
  turn.part.watches.set(desired.key, watch)
  turn.part.isStale = true
  begin(turn, watch)
}

type Ends = { readonly peer: Address; readonly local: Address | undefined }

function newWatch({ now }: BfdTurn, desired: DesiredBfd, ends: Ends): BfdWatch {
  return {
    key: desired.key,
    desired,
    ...ends,
    since: now,
    packets: { controlReceived: 0, controlSent: 0, echoReceived: 0, echoSent: 0 },
    entry: undefined,
    sender: closed(now),
    boundTo: undefined,
    met: undefined,
    fault: undefined,
  }
}

/** A link-local peer is one on its interface only, so without that there can be no session yet. */
function begin(turn: BfdTurn, watch: BfdWatch): void {
  const { desired, peer, local } = watch
  const { part, now, config, state } = turn
  const ifindex = isLinkLocal(peer) ? indexOf(state, desired.interface) : undefined
  if (isLinkLocal(peer) && ifindex === undefined) {
    const message = `interface ${desired.interface ?? '(none given)'} does not exist`
    if (state.view !== undefined) tellFault(turn, watch, { call: 'interface', errno: 'ENODEV', message })
    return
  }
  const place = { peer, local, ifindex, multihop: desired.multihop, device: desired.device }
  const spec = { key: watch.key, place, config: configOf(desired), minimumTtl: desired.minimumTtl }
  watch.entry = addSession(part.sessions, spec, now, config.random)
  part.byDiscriminator.set(watch.entry.session.discriminator, watch)
  dropForgotten(turn)
  openSender(turn, watch)
}

/** A session that gave way to another at its place leaves its socket. */
function dropForgotten(turn: BfdTurn): void {
  const { byDiscriminator, sessions } = turn.part
  for (const [discriminator, watch] of byDiscriminator) {
    if (sessions.byDiscriminator.has(discriminator)) continue
    closeSender(turn, watch)
    byDiscriminator.delete(discriminator)
  }
}

function configOf(desired: DesiredBfd): BfdConfig {
  return {
    peer: desired.peer,
    transmitMs: desired.transmitIntervalMs,
    receiveMs: desired.receiveIntervalMs,
    multiplier: desired.detectMultiplier,
    echoMs: desired.multihop ? undefined : desired.echoIntervalMs,
    passive: desired.passive,
  }
}

function retune(turn: BfdTurn, watch: BfdWatch, desired: DesiredBfd): void {
  const { part, now, config } = turn
  const before = JSON.stringify(watch.desired)
  watch.desired = desired
  if (watch.entry === undefined || JSON.stringify(desired) === before) return
  watch.entry.minimumTtl = desired.minimumTtl
  const event = { kind: 'configure', config: configOf(desired) } as const
  carry(turn, feedSession(part.sessions, watch.entry, event, { now, random: config.random }))
}

/** Nothing is left of a session. */
export function forget(turn: BfdTurn, watch: BfdWatch): void {
  const { entry } = watch
  if (entry === undefined) return
  closeSender(turn, watch)
  forgetSession(turn.part.sessions, entry)
  turn.part.byDiscriminator.delete(entry.session.discriminator)
  watch.entry = undefined
}

/** Interfaces have come, gone or changed: sessions that are tied to one follow it. */
export function followInterfaces(turn: BfdTurn): void {
  const { part, state } = turn
  for (const watch of part.watches.values()) {
    const name = watch.desired.device ?? watch.desired.interface
    if (name === undefined) continue
    const index = indexOf(state, name)
    if (watch.sender.isOpen) watch.boundTo ??= index
    if (watch.entry !== undefined && (index === undefined || index === watch.boundTo)) continue
    forget(turn, watch)
    begin(turn, watch)
    part.isStale = true
  }
  rebind(turn)
}
