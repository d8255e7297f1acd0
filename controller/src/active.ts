import { isDeepStrictEqual } from 'node:util'
import { timed } from '@steelyard/metrics'
import type { Service } from '@steelyard/model'
import { type Allocation, learnService, usePools } from './allocation.ts'
import { type ConfigPass, newConfigPass, passConfig } from './config-pass.ts'
import { configurationState, STATE_NAME, type StateWriter } from './configuration-state.ts'
import { countersOf } from './decide/ledger.ts'
import { type Cluster, configObjects } from './follow-cluster.ts'
import { type MembershipSecret, membershipSecret, type MembershipSecretOptions } from './membership-secret.ts'
import { newAllocation } from './new-allocation.ts'
import { type Pacer, pacer } from './pacer.ts'
import { poolStatus, type PoolStatus } from './pool-status.ts'
import { type PolicyReport, reportPolicy } from './speaker-policy.ts'
import type { World } from './world.ts'

/** All that runs only in the active replica. */
export type Active = {
  readonly allocation: Allocation
  readonly config: ConfigPass
  /** Asked for whenever another configuration may be meant, by what changed. */
  readonly passes: Pacer<PassTrigger>
  readonly pools: PoolStatus
  readonly state: StateWriter
  readonly policy: PolicyReport
  readonly secret: MembershipSecret | undefined
  readonly webhook: Stoppable | undefined
}

type Stoppable = { readonly stop: () => Promise<void> }

/** The part of the webhook that writes; nothing here waits for it. */
export type WebhookKeeping = { readonly keep: (world: World) => Stoppable }

/** A changed configuration object, or a Namespace that may match another pool than before. */
export type PassTrigger = 'configuration' | 'namespaces'

export type ActiveOptions = {
  readonly world: World
  readonly cluster: Cluster
  /** Every Service as it is now. */
  readonly services: readonly Service[]
  readonly namespace: string
  readonly podName: string
  readonly loadBalancerClass: string
  /** The Secret to be created for the speakers; undefined: none. */
  readonly membershipSecret?: Omit<MembershipSecretOptions, 'namespace'> | undefined
  readonly webhook?: WebhookKeeping | undefined
}

/** A hundred objects applied at once are one or two passes, not a hundred. */
const PASS_WINDOW_MS = 100

/** Begins to act: who holds what is rebuilt from the statuses in full before the first full pass hands out anything. */
export function activate(options: ActiveOptions): Active {
  const { world, cluster, services, namespace, podName, loadBalancerClass } = options
  const key = (name: string): string => `${namespace}/${name}`
  const pools = poolStatus(
    { ...world, log: world.log.from('pool-status') },
    {
      countersOf: (pool) => countersOf(active.allocation.allocator.ledger, pool),
      objectOf: (pool) => cluster.pools.objects.get(key(pool)),
    },
  )
  const active: Active = {
    pools,
    config: newConfigPass(),
    passes: pacer(world.clock, PASS_WINDOW_MS, (trigger) => pass(active, options, trigger)),
    allocation: newAllocation(
      { ...world, log: world.log.from('allocation') },
      { loadBalancerClass, onRecount: pools.check },
    ),
    state: configurationState(
      { ...world, log: world.log.from('configuration-state') },
      { namespace, podName, current: () => cluster.states.objects.get(key(STATE_NAME)) },
    ),
    policy: reportPolicy({ ...world, log: world.log.from('speaker-policy') }),
    secret: secretFor(options),
    webhook: options.webhook?.keep(world),
  }
  for (const service of services) learnService(active.allocation, service)
  pass(active, options, 'configuration')
  return active
}

function secretFor({ world, namespace, membershipSecret: wanted }: ActiveOptions): MembershipSecret | undefined {
  if (wanted === undefined) return undefined
  return membershipSecret({ ...world, log: world.log.from('membership-secret') }, { namespace, ...wanted })
}

function pass({ allocation, config, state }: Active, { cluster, world }: ActiveOptions, trigger: PassTrigger): void {
  const before = config.verdict
  const isNew = timed(world.timings.configuration, world.clock, () => {
    const isAnother = passConfig(config, configObjects(cluster), world.log.from('config'))
    if (isAnother && config.inForce !== undefined) usePools(allocation, config.inForce.pools)
    return isAnother
  })
  // Namespaces come and go all day in some clusters: only what they change is worth a write.
  const isNews = trigger === 'configuration' || isNew || !isDeepStrictEqual(before, config.verdict)
  if (isNews && config.verdict !== undefined) state.report(config.verdict)
}

/** No more decisions; resolves when the writes under way have ended. */
export async function stopActing({ allocation, passes, pools, state, policy, secret, webhook }: Active): Promise<void> {
  passes.stop()
  await Promise.all([
    allocation.writes.stop(),
    pools.stop(),
    state.stop(),
    policy.stop(),
    secret?.stop(),
    webhook?.stop(),
  ])
}
