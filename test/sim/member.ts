import {
  membership,
  type MembershipConfig,
  type MembershipEffect,
  type MembershipEvent,
  type MembershipState,
  type MemberStatus,
  type MemberView,
  nextDeadline,
  type NodeRecord,
  type Standing,
  step,
  type Wire,
} from '@steelyard/membership'
import { clockOf, type Host, type Network, type Program, transmit, wake } from './network.ts'

/** What a member has told last, and what else there is to know of it from outside. */
export type Member = {
  readonly host: Host
  readonly state: MembershipState
  readonly links: readonly string[]
  members: readonly MemberView[]
  standing: Standing
  majority: boolean
  readonly records: Map<string, NodeRecord>
  beaten: readonly string[]
  deafLinks: readonly string[]
  witnessAsked: number
  /** Set by whoever wants to know all that it decides. Called after the above has been brought up to date. */
  onEffect: (effect: MembershipEffect) => void
  /** Tells it of something, on its own clock, and does what it decides. */
  readonly tell: (event: MembershipEvent) => void
  readonly program: Program
}

export type MemberOptions = {
  readonly config: MembershipConfig
  readonly wire: (boot: Uint8Array) => Wire
  readonly links: readonly string[]
}

/** A whole membership core on a host of the simulated network. A process that starts anew is a new member. */
export function member(net: Network, host: Host, { config, wire, links }: MemberOptions): Member {
  const self = { node: host.name, boot: Uint8Array.from({ length: 16 }, () => Math.floor(net.random() * 256)) }
  const state = membership(self, wire(self.boot), net.random)
  const apply = (event: MembershipEvent, now: number): void => {
    for (const effect of step(state, event, now, config)) perform(net, made, effect)
  }
  const made: Member = {
    host,
    state,
    links,
    members: [],
    standing: 'settling',
    majority: true,
    records: new Map(),
    beaten: [],
    deafLinks: [],
    witnessAsked: 0,
    onEffect: () => {},
    tell: (event) => {
      apply(event, clockOf(net, host))
      apply({ kind: 'tick', lagMs: 0 }, clockOf(net, host))
      wake(net, host)
    },
    program: {
      receive: (bytes, link, now) => apply({ kind: 'received', bytes, ...(link === undefined ? {} : { link }) }, now),
      turn: (now, lagMs) => apply({ kind: 'tick', lagMs }, now),
      stalled: (now, lagMs) => apply({ kind: 'stalled', lagMs }, now),
      deadline: () => nextDeadline(state, config),
    },
  }
  return made
}

function perform(net: Network, member: Member, effect: MembershipEffect): void {
  if (effect.kind === 'send') transmit(net, member.host.name, effect.to, effect)
  else if (effect.kind === 'sendLink') transmitOnLink(net, member, effect)
  else note(member, effect)
  member.onEffect(effect)
}

/** Every other host hears it, on its link of the same name. */
function transmitOnLink(net: Network, { host }: Member, { link, bytes }: { link: string; bytes: Uint8Array }): void {
  for (const to of net.hosts.keys()) if (to !== host.name) transmit(net, host.name, to, { link, bytes })
}

function note(member: Member, effect: Exclude<MembershipEffect, { kind: 'send' | 'sendLink' }>): void {
  switch (effect.kind) {
    case 'members':
      member.members = effect.members
      member.standing = effect.standing
      member.majority = effect.majority
      break
    case 'record':
      if (effect.record === undefined) member.records.delete(effect.node)
      else member.records.set(effect.node, effect.record)
      break
    case 'beaten':
      member.beaten = effect.ips
      break
    case 'deafLinks':
      member.deafLinks = effect.names
      break
    case 'askWitness':
      member.witnessAsked += 1
      break
  }
}

/** What a member says of a node. */
export function statusOf({ members }: Member, node: string): MemberStatus | undefined {
  return members.find((view) => view.node === node)?.status
}
