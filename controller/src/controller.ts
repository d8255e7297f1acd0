import {
  type Api,
  eventRecorder,
  type EventRecorder,
  type Leadership,
  leaderOnlyApi,
  runForLeader,
} from '@steelyard/kube'
import { timings } from '@steelyard/metrics'
import type { Service } from '@steelyard/model'
import type { Logger } from '@steelyard/program'
import { type Clock, type Random, sleep, type TimeOfDay } from '@steelyard/runtime'
import { activate, type Active, type ActiveOptions, stopActing } from './active.ts'
import { dropService, takeService } from './allocation.ts'
import { type Cluster, followCluster, missingFrom, stopFollowing, syncedOnce } from './follow-cluster.ts'
import { mergeServices, readServices } from './take-over.ts'
import type { ControllerSource } from './metrics/controller-series.ts'
import type { PassName, World } from './world.ts'

export type ControllerOptions = {
  readonly api: Api
  readonly clock: Clock
  readonly timeOfDay: TimeOfDay
  readonly random: Random
  readonly log: Logger
  /** Where the configuration objects, the Lease and the ConfigurationState are. */
  readonly namespace: string
  /** Unique among living replicas, and the same after a restart of the container. */
  readonly identity: string
  /** Empty when not known. */
  readonly podName: string
  readonly loadBalancerClass: string
  readonly membershipSecret?: ActiveOptions['membershipSecret']
  readonly webhook?: ActiveOptions['webhook']
}

export type Controller = {
  /** What is missing before it could do its work, active or standing by; undefined when nothing is. */
  readonly notReady: () => string | undefined
  /** Whether it is the active replica, and past its first full pass. */
  readonly isActive: () => boolean
  /** What its metrics are read from. */
  readonly observed: ControllerSource
  /** Resolves when another replica took over: what this process knows is another's by now, so it should end. */
  readonly lost: Promise<void>
  /** Ends in order: what is being written is written, then a standby may take over at once. */
  readonly stop: () => Promise<void>
}

type Running = {
  readonly options: ControllerOptions
  readonly leadership: Leadership
  readonly world: World
  readonly events: EventRecorder
  readonly cluster: Cluster
  readonly stopping: AbortController
  /** Uids of Services that went while the take-over reads. */
  readonly deleted: Set<string>
  active: Active | undefined
}

/** The Lease of the active replica. */
const LEASE = 'steelyard-controller'
/** What is still being written when a stop begins may take this long; then a standby must not wait any more. */
const LAST_WRITES_MS = 1000
/** Who speaks in Events. */
export const COMPONENT = 'metallb-controller'

/**
 * Follows the cluster from the start, and decides and writes only while it holds the Lease: a standby is warm, and
 * needs no more than one fresh list of the Services to take over.
 */
export function startController(options: ControllerOptions): Controller {
  const { clock, timeOfDay, random, namespace, identity } = options
  const log = options.log.from('leader')
  const leadership = runForLeader(options.api, { namespace, name: LEASE, identity, clock, timeOfDay, random, log })
  const api = leaderOnlyApi(options.api, leadership)
  const events = eventRecorder(api, { component: COMPONENT, clock, timeOfDay, random, log: options.log.from('events') })
  const passes = timings<PassName>('configuration', 'service')
  const world: World = { api, events, clock, timeOfDay, random, log: options.log, timings: passes }
  const running: Running = {
    options,
    leadership,
    world,
    events,
    cluster: followFor(() => running, world, namespace),
    stopping: new AbortController(),
    deleted: new Set(),
    active: undefined,
  }
  void takeOver(running)
  return {
    notReady: () => missingFrom(running.cluster),
    isActive: () => running.active !== undefined,
    observed: { active: () => running.active, timings: passes },
    lost: whenLost(running),
    stop: () => stop(running),
  }
}

/** Nothing is followed before this returns, so `running` is there when the first change comes. */
function followFor(running: () => Running, world: World, namespace: string): Cluster {
  return followCluster(world, namespace, {
    onService: (now, before) => onService(running(), now, before),
    onConfig: (trigger) => running().active?.passes.ask(trigger),
    onPoolStatus: (pool) => running().active?.pools.check(pool),
    onState: () => running().active?.state.check(),
  })
}

function onService({ active, deleted }: Running, now: Service | undefined, before: Service | undefined): void {
  if (active === undefined) {
    if (now === undefined && before !== undefined) deleted.add(before.metadata.uid ?? '')
    return
  }
  if (now !== undefined) takeService(active.allocation, now)
  else if (before !== undefined) dropService(active.allocation, before)
}

async function takeOver(running: Running): Promise<void> {
  const { leadership, cluster, world, stopping, deleted, options } = running
  await Promise.all([leadership.elected, syncedOnce(cluster)])
  deleted.clear()
  const reading = await readServices(world, stopping.signal)
  if (reading === undefined || stopping.signal.aborted) return
  const services = mergeServices(reading, cluster.services.objects, deleted)
  running.active = activate({ world, cluster, services, ...options })
}

async function whenLost(running: Running): Promise<void> {
  const end = await running.leadership.ended
  const { active } = running
  running.active = undefined
  if (active !== undefined) void stopActing(active)
  if (end === 'released') await new Promise(() => {})
}

async function stop(running: Running): Promise<void> {
  const { leadership, cluster, events, stopping, active, options } = running
  stopping.abort()
  running.active = undefined
  if (active !== undefined) await Promise.race([stopActing(active), sleep(options.clock, LAST_WRITES_MS)])
  events.stop()
  await leadership.stop()
  await stopFollowing(cluster)
}
