import { hashText, type MembershipConfig } from '@steelyard/membership'
import type { Node } from '@steelyard/model'
import { formatAddress } from '@steelyard/net'
import { MAINTENANCE_ANNOTATION } from '../../speaker/src/decide/drain.ts'
import type { Announceable } from '../../speaker/src/decide/layer2.ts'
import type { Group } from '../../speaker/src/decide/plan.ts'
import { type Answers, answers, noteAnswers, ownersNow } from './answers.ts'
import { type Cluster, cluster, kill as killMember, start as startMember } from './cluster.ts'
import { at, freeze as freezeHost, type Network, thaw as thawHost, type Weather } from './network.ts'
import { handOver, schedule, type Speaker, speaker, type Surroundings } from './speaker.ts'
import { answersOf } from './voice.ts'

export type SpeakersOptions = {
  readonly seed: number
  readonly nodes: number
  readonly addresses: number
  readonly weather?: Weather
  readonly config?: Partial<MembershipConfig>
}

/** Whole speakers on a simulated network, and who answers for what. */
export type Speakers = {
  readonly net: Network
  readonly members: Cluster
  readonly names: readonly string[]
  readonly running: Map<string, Speaker>
  readonly groups: readonly Group[]
  readonly answers: Answers
  /** Nodes as each of them sees them. */
  readonly seen: Map<string, Map<string, Node>>
  readonly surroundings: Surroundings
}

export function speakers({ addresses, ...options }: SpeakersOptions): Speakers {
  const members = cluster({ ...options, turnMs: TURN_MS })
  const { net, names } = members
  const groups = Array.from({ length: addresses }, (_, index) => groupNumber(index))
  const all: Speakers = {
    net,
    members,
    names,
    running: new Map(),
    groups,
    answers: answers(groups.flatMap(({ ips }) => ips)),
    seen: new Map(names.map((name) => [name, nodesNamed(names)])),
    surroundings: {
      net,
      nodesSeenBy: (node) => all.seen.get(node) ?? new Map(),
      groups,
      onChange: (one) => note(all, one),
      onEnd: ({ node }) => kill(all, node),
    },
  }
  return all
}

/** What waking up takes a worker; what has come by then is read in one turn. */
const TURN_MS = 0.05

function nodesNamed(names: readonly string[]): Map<string, Node> {
  return new Map(names.map((name) => [name, nodeNamed(name)]))
}

function nodeNamed(name: string, annotations: Readonly<Record<string, string>> = {}): Node {
  return { apiVersion: 'v1', kind: 'Node', metadata: { name, annotations } }
}

const EVERYWHERE: Announceable = {
  kind: 'announceable',
  advertisements: [
    {
      name: 'all',
      pools: new Set(['pool']),
      nodeSelectors: [],
      serviceSelectors: [],
      interfaces: [],
      preferredNodes: [],
    },
  ],
}

function groupNumber(index: number): Group {
  const address = { family: 4, words: [0xc0000200 + index] } as const
  const ip = formatAddress(address)
  const createdAt = '2026-01-01T00:00:00Z'
  const member = {
    kind: 'announceable',
    key: `default/web-${index}`,
    createdAt,
    addresses: [{ ip, address }],
    ips: [ip],
    scope: EVERYWHERE,
    termsKey: 'all',
  } as const
  return {
    key: ip,
    hash: hashText(ip),
    lowestAddress: address,
    createdAt,
    members: [member],
    ips: [ip],
    termsKey: 'all',
  }
}

function note(all: Speakers, one: Speaker): void {
  if (all.running.get(one.node) === one)
    noteAnswers(all.answers, one.node, answersOf(one.voice, one.member), all.net.now)
}

export const speakerOf = ({ running }: Speakers, name: string): Speaker => {
  const found = running.get(name)
  if (found === undefined) throw new Error(`no speaker runs on ${name}`)
  return found
}

export function startSpeaker(all: Speakers, name: string): void {
  kill(all, name)
  const one = speaker(all.surroundings, startMember(all.members, name))
  all.running.set(name, one)
  note(all, one)
}

/** Its process is gone without a word. */
export function kill(all: Speakers, name: string): void {
  const one = all.running.get(name)
  if (one === undefined) return
  one.phase = 'gone'
  one.main.stop()
  all.running.delete(name)
  killMember(all.members, name)
  noteAnswers(all.answers, name, new Set(), all.net.now)
}

/** It is asked to stop, hands over what it has, and is gone by itself. */
export function leave(all: Speakers, name: string): void {
  handOver(speakerOf(all, name))
}

export function freeze(all: Speakers, name: string): void {
  const one = speakerOf(all, name)
  freezeHost(one.member.host)
  note(all, one)
}

export function thaw(all: Speakers, name: string): void {
  const one = speakerOf(all, name)
  thawHost(all.net, one.member.host)
  one.main.thawed()
  note(all, one)
}

const LATEST_WATCH_MS = 30

/** The Node's annotation comes or goes; each speaker hears of it in its own time. */
export function maintain(all: Speakers, name: string, isOn: boolean): void {
  const annotations: Readonly<Record<string, string>> = isOn ? { [MAINTENANCE_ANNOTATION]: 'true' } : {}
  for (const [watcher, nodes] of all.seen) {
    at(all.net, all.net.now + all.net.random() * LATEST_WATCH_MS, () => {
      nodes.set(name, nodeNamed(name, annotations))
      const one = all.running.get(watcher)
      if (one !== undefined) schedule(one)
    })
  }
}

/** How many addresses each node answers for. */
export function loadsOf({ answers: all, names }: Speakers): number[] {
  return names.map((name) => all.byNode.get(name)?.size ?? 0)
}

/** Whether one node answers for each address, and all who run are settled. */
export function isAtRest(all: Speakers): boolean {
  return (
    ownersNow(all.answers) !== undefined &&
    [...all.running.values()].every(({ member }) => member.standing === 'settled')
  )
}
