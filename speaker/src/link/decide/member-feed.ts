import { type MembershipEffect, type MembershipEvent, step } from '@steelyard/membership'
import { burst } from './announced.ts'
import { beatFrame } from './link-beat.ts'
import type { MemberAct, MemberLife } from './member-state.ts'
import { silenceBeaten } from './silence.ts'
import type { LinkConfig, LinkEffect, LinkState } from './state.ts'
import { askGateway } from './witness.ts'

/** What is decided about the other speakers with. */
export type MemberTurn = {
  readonly state: LinkState
  readonly life: MemberLife
  readonly now: number
  readonly config: LinkConfig
  readonly effects: LinkEffect[]
}

/** Tells the machine what happened, and carries on what it wants. Whether this node may answer follows at once. */
export function feed(turn: MemberTurn, event: MembershipEvent): void {
  const { life, now } = turn
  const events = [event]
  for (let next = events.shift(); next !== undefined; next = events.shift()) {
    for (const effect of step(life.machine, next, now, life.desired.config)) {
      if (!carry(turn, effect)) events.push({ kind: 'witness', reachable: false })
    }
  }
  followStanding(turn)
}

/** Who may answer again begins all announcements anew: nobody was told anything meanwhile. */
function followStanding({ state, life, now }: MemberTurn): void {
  const isSettled = life.machine.standing === 'settled' && !life.isLeaving
  if (isSettled === life.isSettled) return
  life.isSettled = isSettled
  if (!isSettled) return
  for (const channel of state.channels.values()) if (channel.isOpen) burst(state, channel, now)
}

/** @returns false when the machine asked for a witness and there is none */
function carry(turn: MemberTurn, effect: MembershipEffect): boolean {
  if (effect.kind === 'askWitness') return askGateway(turn.state, turn.life, turn.now, turn.effects)
  if (effect.kind === 'send') sendDatagram(turn, effect)
  else if (effect.kind === 'sendLink') sendBeat(turn, effect)
  else if (effect.kind === 'beaten') silenceBeaten(turn.life, effect.ips, turn.effects)
  else tellMain(turn, effect)
  return true
}

function tellMain(
  turn: MemberTurn,
  fact: Extract<MembershipEffect, { kind: 'members' | 'record' | 'deafLinks' }>,
): void {
  if (fact.kind === 'deafLinks') noteDeaf(turn.state, new Set(fact.names))
  turn.effects.push({ kind: 'tell', fact })
}

function noteDeaf(state: LinkState, deaf: ReadonlySet<string>): void {
  for (const entry of state.member.seen.values()) entry.isDeaf = deaf.has(entry.name)
  state.isInterfacesStale = true
}

/** A node that has left the roster meanwhile has no address to send to. */
function sendDatagram(
  turn: MemberTurn,
  { to: node, bytes }: { readonly to: string; readonly bytes: Uint8Array },
): void {
  const { state, life } = turn
  const to = life.roster.get(node)
  const { self } = state.member
  if (self !== undefined && to !== undefined && life.isBound) {
    order(turn, { kind: 'sendDatagram', to, port: self.port, bytes })
  }
}

function sendBeat(turn: MemberTurn, { link, bytes }: { readonly link: string; readonly bytes: Uint8Array }): void {
  for (const { name, isOpen, isUsable, ifindex, mac } of turn.state.member.seen.values()) {
    if (name !== link || !isOpen || !isUsable) continue
    order(turn, { kind: 'sendBeat', ifindex, frame: beatFrame(mac, bytes) })
  }
}

/** Only once others can be heard: from then on the machine counts how long it waits for them. */
export function tellRoster(turn: MemberTurn): void {
  feed(turn, { kind: 'roster', nodes: turn.life.desired.roster.map(({ node }) => node) })
}

export function order({ effects }: MemberTurn, act: MemberAct): void {
  effects.push({ kind: 'member', act })
}
