import { type MembershipConfig, MEMBERSHIP_DEFAULTS, type MemberStatus, type Wire } from '@steelyard/membership'
import { type Member, member, statusOf } from './member.ts'
import { addHost, type Host, LAN, network, type Network, run, runOn, stop, type Weather } from './network.ts'
import { plainWire } from './wires.ts'

export type ClusterOptions = {
  readonly seed: number
  readonly nodes: number
  readonly weather?: Weather
  readonly config?: Partial<MembershipConfig>
  readonly wire?: (boot: Uint8Array) => Wire
  readonly links?: readonly string[]
  readonly turnMs?: number
}

/** Members on a simulated network. */
export type Cluster = {
  readonly net: Network
  readonly names: readonly string[]
  readonly members: Map<string, Member>
  readonly options: ClusterOptions
  readonly config: MembershipConfig
}

export function cluster(options: ClusterOptions): Cluster {
  const net = network(options.seed, options.weather ?? LAN)
  net.turnMs = options.turnMs ?? 0
  const names = Array.from({ length: options.nodes }, (_, index) => `node-${String(index).padStart(4, '0')}`)
  for (const name of names) addHost(net, name)
  const config = { ...MEMBERSHIP_DEFAULTS, ...options.config }
  return { net, names, members: new Map(), options, config }
}

export const memberOf = ({ members }: Cluster, name: string): Member => {
  const found = members.get(name)
  if (found === undefined) throw new Error(`no member runs on ${name}`)
  return found
}

const hostOf = ({ net }: Cluster, name: string): Host => net.hosts.get(name) ?? addHost(net, name)

/** Starts the process of a node, for the first time or anew. */
export function start(of: Cluster, name: string): Member {
  const host = hostOf(of, name)
  const links = of.options.links ?? []
  const made = member(of.net, host, { config: of.config, wire: of.options.wire ?? ((boot) => plainWire(boot)), links })
  of.members.set(name, made)
  runOn(of.net, host, made.program)
  if (links.length > 0) made.tell({ kind: 'links', names: links })
  made.tell({ kind: 'roster', nodes: of.names })
  return made
}

/** Its process is gone without a word. */
export function kill(of: Cluster, name: string): void {
  stop(hostOf(of, name))
  of.members.delete(name)
}

/** All start within `withinMs`, and run until all are settled. */
export function startAll(of: Cluster, withinMs = 100): void {
  for (const name of of.names) {
    const host = hostOf(of, name)
    pass(of, of.net.random() * (withinMs / of.names.length))
    start(of, host.name)
  }
}

export function pass(of: Cluster, ms: number): void {
  run(of.net, of.net.now + ms)
}

/** How often `until` looks. */
const LOOK_MS = 1

/** Lets time pass until it is so, at most `withinMs`. @returns how long it took; undefined if it never was */
export function until(of: Cluster, isSo: () => boolean, withinMs: number): number | undefined {
  const from = of.net.now
  while (!isSo()) {
    if (of.net.now - from >= withinMs) return undefined
    pass(of, LOOK_MS)
  }
  return of.net.now - from
}

export const isSettled = ({ members }: Cluster): boolean =>
  [...members.values()].every(({ standing }) => standing === 'settled')

/** Whether every member holds every other running one, and nobody else, for alive. */
export function isWhole({ members }: Cluster): boolean {
  return [...members.values()].every((one) =>
    one.members.every(({ node, status }) => (status === 'alive' || status === 'suspect') === members.has(node)),
  )
}

/** Nothing gets from the one side to the other, nor back; all else as before. */
export function split(of: Cluster, side: readonly string[]): void {
  const one = new Set(side)
  of.net.isCut = (from, to) => one.has(from) !== one.has(to)
}

export function heal(of: Cluster): void {
  of.net.isCut = () => false
}

/** Whether all who run hold a node for `status`. */
export const allSay = ({ members }: Cluster, node: string, status: MemberStatus): boolean =>
  [...members.values()].every((one) => statusOf(one, node) === status)
