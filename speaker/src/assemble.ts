import type { EventRecorder } from '@steelyard/kube'
import { type Family, parseAddress } from '@steelyard/net'
import type { Cluster } from './cluster.ts'
import { stateWriter, type StateWriter } from './configuration-state.ts'
import { isReadyNode } from './decide/cluster-objects.ts'
import { drainOf } from './decide/drain.ts'
import { ownerReference } from './decide/own-pod.ts'
import { readySpeakers } from './decide/ready-speakers.ts'
import { rosterOf } from './decide/roster.ts'
import type { Gateway } from './gateway.ts'
import type { ExcludeFile } from './exclude-file.ts'
import { type Leaving, newLeaving } from './hand-over.ts'
import { type Holdings, holdings } from './holdings.ts'
import { type LinkSurroundings, type LinkWish, linkWish } from './link-wish.ts'
import { type Links, watchLinks } from './links.ts'
import type { SpeakerOptions } from './options.ts'
import type { MembershipKey } from './membership-key.ts'
import { followPeers, type Hearing, type Peers } from './peers.ts'
import { membershipConfig, movePolicy, type Policy } from './policy.ts'
import type { SpeakerPorts } from './ports.ts'
import { type Report, speakerReport } from './report.ts'
import { type SpeakerStatusWriter, speakerStatusWriter } from './speaker-status.ts'
import { type Reconciler, reconciler } from './reconcile.ts'
import { type ServiceStatuses, serviceStatuses } from './service-statuses.ts'

export type Parts = {
  readonly cluster: Cluster
  readonly excludeFile: ExcludeFile
  readonly policy: Policy
  readonly key: MembershipKey
  readonly gateway: Gateway
  readonly peers: Peers & Hearing
  readonly holdings: Holdings
  readonly statuses: ServiceStatuses
  readonly state: StateWriter
  readonly reconciler: Reconciler
  readonly wish: LinkWish
  readonly links: Links
  readonly leaving: Leaving
  readonly report: Report
  readonly status: SpeakerStatusWriter
}

export type Context = Pick<Parts, 'cluster' | 'excludeFile' | 'policy' | 'key' | 'gateway'> & {
  readonly ports: SpeakerPorts
  readonly options: SpeakerOptions
  readonly events: EventRecorder
}

/** Joins the parts of a speaker. Nothing begins yet: see `begin`. */
export function assemble(context: Context): Parts {
  const { ports, options, cluster, events, policy } = context
  const { clock, log } = ports
  const leaving = newLeaving()
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
  const isAlive = (name: string): boolean => peers.living().has(name)
  const writer = writerFor(context)
  const statuses = serviceStatuses({ ...writer, objectsOf: cluster.serviceStatuses.of, isAlive })
  const state = stateWriter({ ...writer, ownState: cluster.ownState })
  const status = speakerStatusWriter(writer)
  const report = speakerReport({
    ...{ node: options.node, peers, status, clock, timeOfDay: ports.timeOfDay },
    policyGeneration: policy.generation,
    isReady: () => reconciling.isDone(),
    servicesOn: (ip) => reconciling.servicesOn(ip),
  })
  const held = holdings({ self: options.node, peers, clock, movePolicy: () => movePolicy(context.policy.now()) })
  const wish = linkWish(ports.link, surroundingsFor(context, peers))
  const reconciling = reconciler({
    ...ports,
    log: log.from('reconcile'),
    options,
    cluster,
    peers,
    holdings: held,
    statuses,
    state,
    events,
    carryOut: wish.carryOut,
    drain: () => (leaving.isLeaving ? 'all' : drainOf(cluster.nodes.get(options.node), policy.now().maintenance)),
    onHeld: (claims, moves) => {
      leaving.held = claims.size
      leaving.onHeld()
      report.onHeld(claims, moves)
    },
  })
  const links = watchLinks(ports, { peers, reconciler: reconciling, report })
  return {
    ...context,
    peers,
    holdings: held,
    statuses,
    state,
    reconciler: reconciling,
    wish,
    links,
    leaving,
    report,
    status,
  }
}

function writerFor({ ports, options, cluster }: Context) {
  const { namespace, node, podName } = options
  const owner = (): ReturnType<typeof ownerReference> => ownerReference(cluster.pods.get(`${namespace}/${podName}`))
  return { ...ports, namespace, node, owner, log: ports.log.from('status') }
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

function surroundingsFor(
  { options, cluster, excludeFile, policy, key, gateway }: Context,
  peers: Peers,
): LinkSurroundings {
  const { membership, node } = options
  return {
    peers,
    excludePatterns: excludeFile.patterns,
    schedule: () => {
      const { refreshIntervalMs, framesPerSecond } = policy.now().announcement
      return { refreshMs: refreshIntervalMs, framesPerSecond }
    },
    check: () => policy.now().duplicateAddress,
    membership:
      membership === undefined
        ? undefined
        : () => ({
            roster: rosterOf(cluster.nodes.values(), node, familyOf(membership.bindAddress)),
            secrets: secretsOf(key),
            config: membershipConfig(policy.now(), membership.wan),
            gateway: gateway.now(),
          }),
  }
}

/** The one that seals first, then the others that are accepted. */
function secretsOf(key: MembershipKey): readonly Uint8Array[] {
  const { sealing, accepted } = key.keys()
  return [sealing, ...accepted.filter((secret) => secret !== sealing)]
}

function familyOf(address: string): Family {
  return parseAddress(address)?.family ?? 4
}
