import type { ServiceView } from '@steelyard/model'
import type { NodeState } from '@steelyard/speaker'
import type { Announcing, BgpVerdict, Route } from './announcements.ts'
import type { ClusterObjects, ReportedSession } from './cluster-objects.ts'
import { type Finding, listed, nodesListed } from './finding.ts'
import { noEndpointAdvice } from './layer2-cause.ts'
import type { Situation } from './situation.ts'
import { reportOf } from './speaker-reports.ts'

/** A peer on one node: absent session = the speaker reports none. */
export type ToldPeer = { readonly peer: string; readonly session: ReportedSession | undefined }
export type BgpNode = {
  readonly node: string
  /** `announces`, or the word of the speaker for why it does not. */
  readonly reason: string
  readonly message: string
  readonly routes: readonly { readonly prefix: string; readonly peers: readonly ToldPeer[] }[]
}

export const ESTABLISHED = 'Established'

export function bgpNodes(situation: Situation, announcing: Announcing, view: ServiceView): readonly BgpNode[] {
  return situation.nodes.map((node) => bgpNode(situation, node, announcing.bgpOn(node, view)))
}

function bgpNode({ objects }: Situation, node: NodeState, verdict: BgpVerdict | undefined): BgpNode {
  const { name, alive } = node
  if (verdict === undefined) {
    return {
      node: name,
      reason: 'ConfigurationError',
      message: 'the configuration is refused on this node',
      routes: [],
    }
  }
  if (!alive) return { node: name, reason: 'notOwner', message: `node ${name} has no live speaker`, routes: [] }
  if (verdict.kind === 'withheld') return { node: name, reason: verdict.reason, message: verdict.message, routes: [] }
  const routes = verdict.routes.map((route) => toldRoute(objects, name, route))
  if (routes.length === 0)
    return { node: name, reason: 'NoPeer', message: `no BGPPeer of node ${name} is told of it`, routes }
  return { node: name, reason: 'announces', message: `by ${verdict.advertisements.join(', ')}`, routes }
}

function toldRoute(
  { speakerStatuses }: ClusterObjects,
  node: string,
  { prefix, peers }: Route,
): BgpNode['routes'][number] {
  const { sessions } = reportOf(speakerStatuses, node)
  return { prefix, peers: peers.map((peer) => ({ peer, session: sessions.find((one) => one.peer === peer) })) }
}

/** Why no router has a way to a Service that has an address; undefined when one has. */
export function bgpCause(nodes: readonly BgpNode[], view: ServiceView): Finding | undefined {
  const announcing = nodes.filter(({ reason }) => reason === 'announces')
  if (announcing.length === 0) return notAnnounced(nodes, view)
  const told = announcing.flatMap(({ node, routes }) =>
    routes.flatMap(({ peers }) => peers.map((peer) => ({ node, ...peer }))),
  )
  if (told.some(({ session }) => session?.state === ESTABLISHED)) return undefined
  return {
    reason: 'NotEstablished',
    message: `no BGP session that carries it is established: ${sessionsListed(told)}`,
    advice: sessionAdvice(told.map(({ session }) => session?.lastError ?? '')),
  }
}

type NodePeer = ToldPeer & { readonly node: string }

/** Sessions of which the same is to be said together. */
function sessionsListed(told: readonly NodePeer[]): string {
  const groups = Map.groupBy(told, sessionText)
  const texts = [...groups].map(([text, alike]) => {
    const [first] = alike
    return `${first?.peer} on ${listed([...new Set(alike.map(({ node }) => node))])}: ${text}`
  })
  return listed(texts, '; ')
}

function sessionText({ peer, session }: NodePeer): string {
  if (session === undefined) return `the speaker reports no session ${peer}`
  const why = session.lastError ?? 'has not been established yet'
  return `${session.neighbour} is ${session.state}; ${why}`
}

/** By what a session's last error says; the first that applies. */
const SESSION_ADVICE: readonly (readonly [RegExp, string])[] = [
  [/refused/i, 'nothing listens there: configure the router for these nodes, and check peerAddress and peerPort'],
  [
    /timed? ?out|no answer|unreach/i,
    'the router cannot be reached, or drops what it does not expect: check address, route, firewall, password and ebgpMultiHop',
  ],
  [/\bAS|autonomous/i, 'myASN and peerASN must be what the router has, the other way round'],
  [/hold/i, 'keepalives are lost or late: check the path and the load of both ends'],
  [/bfd/i, 'BFD says that the path is broken: check it, and that the router runs BFD for this neighbour'],
]

function sessionAdvice(errors: readonly string[]): string {
  const text = errors.join(' ')
  const known = SESSION_ADVICE.find(([applies]) => applies.test(text))
  return known?.[1] ?? 'look at the router: does it know this neighbour, and with which AS number?'
}

/** The words in the order a speaker looks; the one that came farthest tells most. */
const FARTHEST = [
  'ConfigurationError',
  'notOwner',
  'noMatchingAdvertisement',
  'conflictingAdvertisements',
  'nodeNetworkUnavailable',
  'nodeLabeledExcludeBalancers',
  'nodeInMaintenance',
  'noLocalEndpoints',
  'noEndpoints',
  'NoPeer',
]

function notAnnounced(nodes: readonly BgpNode[], view: ServiceView): Finding {
  const farthest = nodes.toSorted((a, b) => FARTHEST.indexOf(b.reason) - FARTHEST.indexOf(a.reason))[0]
  if (farthest === undefined) return { reason: 'notOwner', message: 'the cluster has no nodes', advice: 'add nodes' }
  const { reason } = farthest
  const message = nodesListed(nodes)
  return { reason, message: `no node announces it to routers: ${message}`, advice: adviceOn(reason, view) }
}

const ADVICE: Readonly<Record<string, string>> = {
  ConfigurationError: 'correct the configuration: kubectl get configurationstates -n metallb-system',
  notOwner: 'let nodeSelectors of a BGPAdvertisement for the pool match the labels of a node that runs a speaker',
  noMatchingAdvertisement: 'let serviceSelectors of a BGPAdvertisement for the pool match the labels of the Service',
  conflictingAdvertisements:
    'give the BGPAdvertisements that apply to the Service the same localPref, or different peers',
  nodeNetworkUnavailable: 'the network plugin of the node must set its condition NetworkUnavailable to False',
  nodeLabeledExcludeBalancers:
    'take the label off: kubectl label node NODE node.kubernetes.io/exclude-from-external-load-balancers-, or start speakers with --ignore-exclude-lb',
  nodeInMaintenance: 'end the maintenance of a node: steelyard maintenance NODE --off',
  noLocalEndpoints: 'run a Pod of the Service on a node that announces, or set externalTrafficPolicy to Cluster',
  NoPeer:
    'create a BGPPeer whose nodeSelectors match the node and whose address family is that of the address (or dualStackAddressFamily); check spec.peers of the BGPAdvertisement',
}

function adviceOn(reason: string, { selector }: ServiceView): string {
  return reason === 'noEndpoints' ? noEndpointAdvice(selector) : (ADVICE[reason] ?? 'look at the log of the speakers')
}
