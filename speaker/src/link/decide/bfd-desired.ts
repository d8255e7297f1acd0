import { isLinkLocal } from '@steelyard/arp-lib'
import { addSession, type BfdConfig, feedSession, forgetSession, retireSession } from '@steelyard/bfd'
import { parseAddress } from '@steelyard/net'
import type { DesiredBfd } from '../messages.ts'
import { carry } from './bfd-outcome.ts'
import { closeSender, openSender, rebind, settlePorts } from './bfd-ports.ts'
import type { BfdWatch } from './bfd-state.ts'
import { type BfdTurn, indexOf, tellFault } from './bfd-turn.ts'
import { tell } from './failures.ts'
import { closed } from './member-state.ts'

/** Brings the sessions up to what is wanted: those that only have other numbers go on. */
export function applyDesires(turn: BfdTurn, desired: readonly DesiredBfd[]): void {
  const { part } = turn
  const wanted = Map.groupBy(desired, identityOf)
  for (const watch of part.watches.values()) if (!wanted.has(watch.identity)) retire(turn, watch)
  for (const [identity, sharers] of wanted) {
    const watch = part.watches.get(identity)
    if (watch === undefined) add(turn, identity, sharers)
    else retune(turn, watch, sharers)
  }
  settlePorts(turn)
}

/** What cannot be changed without another session. */
function identityOf({ peer, local, interface: name, device, multihop }: DesiredBfd): string {
  return JSON.stringify([peer, local, name, device, multihop])
}

export function retire(turn: BfdTurn, watch: BfdWatch): void {
  const { part, now, config } = turn
  part.watches.delete(watch.identity)
  part.isStale = true
  if (watch.entry !== undefined) carry(turn, retireSession(part.sessions, watch.entry, now, config.random))
}

type Sharers = readonly DesiredBfd[]

function add(turn: BfdTurn, identity: string, sharers: Sharers): void {
  const [desired] = sharers
  if (desired === undefined) return
  const peer = parseAddress(desired.peer)
  const local = desired.local === undefined ? undefined : parseAddress(desired.local)
  if (peer === undefined || (desired.local !== undefined && local?.family !== peer.family)) {
    const message = `BFD with ${desired.peer} from ${desired.local ?? 'any'}: not two addresses of one family`
    return tell(turn.state, { call: 'parse', errno: 'EINVAL', message }, turn, turn.effects)
  }
  const watch = newWatch(turn, desired, { identity, keys: keysOf(sharers), peer, local })
  turn.part.watches.set(identity, watch)
  turn.part.isStale = true
  if (desired.multihop && desired.echoIntervalMs !== undefined) {
    tellFault(turn, watch, {
      call: 'echo',
      errno: 'EchoMultihop',
      message: 'echo mode is for one hop and is ignored over several',
    })
  }
  begin(turn, watch)
}

const keysOf = (sharers: Sharers): string[] => sharers.map(({ key }) => key)

type Known = Pick<BfdWatch, 'identity' | 'keys' | 'peer' | 'local'>

function newWatch({ now }: BfdTurn, desired: DesiredBfd, known: Known): BfdWatch {
  return {
    desired,
    ...known,
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
  const spec = { key: watch.identity, place, config: configOf(desired), minimumTtl: desired.minimumTtl }
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

function retune(turn: BfdTurn, watch: BfdWatch, sharers: Sharers): void {
  const { part, now, config } = turn
  const keys = keysOf(sharers)
  if (keys.join() !== watch.keys.join()) part.isStale = true
  watch.keys = keys
  const [desired = watch.desired] = sharers
  const before = JSON.stringify(configOf(watch.desired))
  watch.desired = desired
  if (watch.entry === undefined) return
  watch.entry.minimumTtl = desired.minimumTtl
  const next = configOf(desired)
  if (JSON.stringify(next) === before) return
  const event = { kind: 'configure', config: next } as const
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
