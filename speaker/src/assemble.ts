import { timings } from '@steelyard/metrics'
import { formatMac } from '@steelyard/net'
import { type EventRecorder, SERVICE_BGP_STATUSES, SERVICE_L2_STATUSES } from '@steelyard/kube'
import { type Bgp, startBgp } from './bgp/bgp.ts'
import { type ArpWatch, followArpSettings } from './arp-settings.ts'
import { tellBgpChanges, type Telling } from './announcement-log.ts'
import { type Conflicts, tellConflicts } from './conflicts.ts'
import { stateWriter, type StateWriter } from './configuration-state.ts'
import type { BgpAnnouncement } from './decide/bgp/book.ts'
import { isReadyNode } from './decide/cluster-objects.ts'
import { drainOf } from './decide/drain.ts'
import { ownerReference } from './decide/own-pod.ts'
import type { Announcement } from './decide/plan.ts'
import { readySpeakers } from './decide/ready-speakers.ts'
import { BGP_STATUS, L2_STATUS } from './decide/service-status.ts'
import type { HeldClaim } from './decide/tenure.ts'
import { type Leaving, newLeaving } from './hand-over.ts'
import { type Holdings, holdings } from './holdings.ts'
import { linkSurroundings } from './link-surroundings.ts'
import { type LinkWish, linkWish } from './link-wish.ts'
import { type Links, watchLinks } from './links.ts'
import { listedOnly } from './listed-only.ts'
import type { SpeakerOptions } from './options.ts'
import { followPeers, type Hearing, type Peers } from './peers.ts'
import { linkTally } from './metrics/link-tally.ts'
import { ipsOf, type Measures, sourceFor } from './metrics/observed-parts.ts'
import type { SpeakerSource } from './metrics/speaker-source.ts'
import { movePolicy } from './policy.ts'
import type { SpeakerPorts } from './ports.ts'
import { type ReconcilePorts, type Reconciler, reconciler } from './reconcile.ts'
import { type Report, speakerReport } from './report.ts'
import { type ServiceStatuses, serviceStatuses } from './service-statuses.ts'
import type { Sources } from './sources.ts'
import { type SpeakerStatusWriter, speakerStatusWriter } from './speaker-status.ts'
import { type StandIn, standIn } from './stand-in.ts'

export type Parts = Sources & {
  readonly peers: Peers & Hearing
  readonly holdings: Holdings
  readonly statuses: ServiceStatuses<Announcement>
  readonly bgpStatuses: ServiceStatuses<BgpAnnouncement>
  readonly state: StateWriter
  readonly reconciler: Reconciler
  readonly wish: LinkWish
  readonly links: Links
  readonly leaving: Leaving
  readonly report: Report
  readonly status: SpeakerStatusWriter
  readonly standIn: StandIn
  readonly bgp: Bgp
  readonly arp: ArpWatch
  readonly observed: SpeakerSource
}

export type Context = Sources & {
  readonly ports: SpeakerPorts
  readonly options: SpeakerOptions
  readonly events: EventRecorder
}

/** Joins the parts of a speaker. Nothing begins yet: see `begin`. */
export function assemble(context: Context): Parts {
  const { ports, options, cluster, policy } = context
  const peers = peersFor(context, {
    onLiving: () => {
      reconciling.onUrgent()
      report.refresh()
    },
    onRecord: () => {
      wish.refresh()
      reconciling.onWorld()
    },
  })
  const writers = writersFor(context, peers)
  const report = speakerReport({
    ...ports,
    node: options.node,
    peers,
    status: writers.status,
    policyGeneration: policy.generation,
    isReady: () => reconciling.isDone() && cluster.unsynced().length === 0,
    servicesOn: (ip) => reconciling.servicesOn(ip),
  })
  const held = holdings({ ...ports, self: options.node, peers, movePolicy: () => movePolicy(policy.now()) })
  const bgp = bgpFor(context, { report, statuses: writers.bgpStatuses, onWantedLinks: () => wish.refresh() })
  const wish = linkWish(ports.link, linkSurroundings(context, peers, bgp.sessions.wantedLinks))
  const leaving = newLeaving()
  const tally = linkTally({ ...ports, announced: () => new Set(ipsOf(reconciling.announced())) })
  const passes = timings('node')
  const acting = { peers, holdings: held, leaving, report, wish, bgp, tally, timings: passes }
  const reconciling = reconciler(reconcilePorts(context, { ...acting, ...writers }))
  const conflicts = conflictsFor(context, { report, peers, reconciler: reconciling })
  const arp = followArpSettings({ ...ports, log: ports.log.from('arp'), onChange: report.onArp })
  const links = watchLinks(ports, { peers, reconciler: reconciling, report, conflicts, bgp: bgp.sessions, tally, arp })
  const waiting = standIn({ ...ports, cluster, state: context.stored, log: ports.log.from('state') })
  const observed = sourceFor(options.node, { ...acting, reconciler: reconciling, conflicts, arp })
  return { ...context, ...acting, ...writers, reconciler: reconciling, links, arp, standIn: waiting, observed }
}

type BgpAudience = {
  readonly report: Pick<Report, 'onSessions'>
  readonly statuses: Parts['bgpStatuses']
  readonly onWantedLinks: () => void
}

/** Nothing of it is written, nor told as an Event, before the API server has listed everything. */
function bgpFor({ ports, options, cluster, events }: Context, { report, statuses, onWantedLinks }: BgpAudience): Bgp {
  const isListed = (): boolean => cluster.unsynced().length === 0
  const log = ports.log.from('bgp')
  const telling: Telling = {
    protocol: 'bgp',
    node: options.node,
    services: cluster.services,
    events: { tell: (...about) => isListed() && events.tell(...about) },
    log,
    isShown: (key) => cluster.bgpStatuses.of(key).length > 0,
    why: (key) => bgp.book.withheldOf(key) ?? { reason: 'internalError', message: 'it should be announced' },
  }
  const bgp = startBgp({
    port: ports.bgp,
    clock: ports.clock,
    log,
    node: options.node,
    onServices: (changes) => {
      tellBgpChanges(changes, telling)
      if (isListed()) statuses.want(bgp.book.announced, changes.keys())
    },
    onComplete: () => {
      const left = cluster.bgpStatuses.groups()
      statuses.want(bgp.book.announced, new Set([...bgp.book.announced.keys(), ...left]))
    },
    onSessions: report.onSessions,
    onWantedLinks,
  })
  return bgp
}

function conflictsFor(
  { ports, options, cluster, events }: Context,
  { report, peers, reconciler: reconciling }: Pick<Parts, 'report' | 'peers' | 'reconciler'>,
): Conflicts {
  const { servicesOn } = reconciling
  return tellConflicts({
    node: options.node,
    services: cluster.services,
    servicesOn,
    events,
    report,
    nodeOf: (mac) => nodeOfMac(peers, mac),
    log: ports.log.from('conflicts'),
  })
}

function nodeOfMac({ book }: Peers, mac: string): string | undefined {
  return [...book.records].find(([, { macs }]) => macs.some((one) => formatMac(one) === mac))?.[0]
}

type Writers = Pick<Parts, 'statuses' | 'bgpStatuses' | 'state' | 'status'>

function writersFor({ ports, options, cluster }: Context, peers: Peers): Writers {
  const { namespace, node, podName } = options
  const owner = (): ReturnType<typeof ownerReference> => ownerReference(cluster.pods.get(`${namespace}/${podName}`))
  const writer = { ...ports, namespace, node, owner, log: ports.log.from('status') }
  const isAlive = (name: string): boolean => peers.living().has(name)
  return {
    statuses: serviceStatuses({
      ...writer,
      resource: SERVICE_L2_STATUSES,
      form: L2_STATUS,
      objectsOf: cluster.serviceStatuses.of,
      isAlive,
    }),
    bgpStatuses: serviceStatuses({
      ...writer,
      resource: SERVICE_BGP_STATUSES,
      form: BGP_STATUS,
      objectsOf: cluster.bgpStatuses.of,
      isAlive,
    }),
    state: stateWriter({ ...writer, ownState: cluster.ownState }),
    status: speakerStatusWriter(writer),
  }
}

type Acting = Pick<Parts, 'bgp' | 'peers' | 'holdings' | 'leaving' | 'report' | 'wish' | 'statuses' | 'state'> &
  Measures

function reconcilePorts(
  context: Context,
  { bgp, peers, holdings: held, leaving, report, wish, tally, timings: passes, ...writers }: Acting,
): ReconcilePorts {
  const { ports, options, cluster, policy, events, stored } = context
  const isListed = (): boolean => cluster.unsynced().length === 0
  return {
    ...ports,
    log: ports.log.from('reconcile'),
    options,
    cluster,
    peers,
    holdings: held,
    ...listedOnly({ ...writers, events, isListed, known: cluster.serviceStatuses.groups }),
    bgp,
    carryOut: wish.carryOut,
    drain: () => (leaving.isLeaving ? 'all' : drainOf(cluster.nodes.get(options.node), policy.now().maintenance)),
    timings: passes,
    onHeld: (claims, moves) => {
      tally.onMoves(moves)
      leaving.held = claims.size
      leaving.onHeld()
      report.onHeld(claims, moves)
      stored.wantClaims(storable(claims))
    },
  }
}

function peersFor(
  { ports, options, cluster }: Context,
  listener: Pick<Parameters<typeof followPeers>[0], 'onLiving' | 'onRecord'>,
): Peers & Hearing {
  const readiness = () =>
    [...cluster.nodes.values()].map((node) => ({ name: node.metadata.name, ready: isReadyNode(node) }))
  return followPeers({
    self: options.node,
    isOn: options.membership !== undefined,
    knownNodes: () => cluster.nodes.keys(),
    readySpeakers: () => readySpeakers(cluster.pods.values(), readiness(), options.speakerLabels),
    clock: ports.clock,
    log: ports.log.from('liveness'),
    ...listener,
  })
}

/** What was taken on the smaller side of a split network is not claimed again after a restart. */
function storable(claims: ReadonlyMap<string, HeldClaim>): { readonly ip: string; readonly epoch: number }[] {
  return [...claims.values()].flatMap(({ ip, epoch, minority }) => (minority ? [] : [{ ip, epoch }]))
}
