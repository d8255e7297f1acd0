import { describeProblems, poolIndex, type ServiceView } from '@steelyard/model'
import { addressesOf } from '@steelyard/speaker'
import { type Allocation, poolVerdicts, type PoolVerdict } from './allocation.ts'
import { type Finding, listed } from './finding.ts'
import { CONTROLLER_LABELS, podsOf } from './living-speakers.ts'
import type { Situation } from './situation.ts'

/** Why a Service has no address that could be announced; undefined when it has one. */
export function addressCause(situation: Situation, allocation: Allocation, view: ServiceView): Finding | undefined {
  const { controller, loadBalancerClass } = situation
  const pools = controller.ok ? poolIndex(controller.config.pools) : []
  const found = addressesOf(view, { pools, loadBalancerClass })
  if (found.kind === 'addressed') return undefined
  if (view.deleting) {
    return {
      reason: 'serviceDeleted',
      message: 'the Service is being deleted',
      advice: 'whoever put a finalizer on it must take it off',
    }
  }
  const { reason, message } = found
  if (reason === 'notLoadBalancer') return { reason, message, advice: adviceOnKind(view, loadBalancerClass) }
  if (!controller.ok) {
    // Without the pools nothing can be said of an address that is there.
    return reason === 'noIPAllocated' ? refusedConfiguration(controller.problems) : undefined
  }
  return reason === 'noIPAllocated' ? noAddress(situation, allocation, view) : { reason, message, advice: BAD_ADDRESS }
}

const BAD_ADDRESS =
  'put the address back into an IPAddressPool, or let the controller assign another: see that it runs and is not stuck'

function adviceOnKind({ isLoadBalancer }: ServiceView, ours: string): string {
  if (!isLoadBalancer) return 'set spec.type to LoadBalancer'
  return ours === ''
    ? 'create the Service anew without spec.loadBalancerClass (it cannot be changed), or start all programs with --lb-class'
    : `create the Service anew with spec.loadBalancerClass: ${ours}; if another class is served, tell this command by --lb-class`
}

export function refusedConfiguration(problems: Parameters<typeof describeProblems>[0]): Finding {
  return {
    reason: 'ConfigurationError',
    message: `the configuration is refused: ${describeProblems(problems)}`,
    advice: 'correct the object that is named; until then the last good configuration stays in force',
  }
}

function noAddress(situation: Situation, allocation: Allocation, view: ServiceView): Finding {
  const { tells = [], problem } = allocation.told.get(view.key) ?? {}
  if (problem !== undefined) {
    return {
      reason: 'noIPAllocated',
      message: problem,
      advice: 'create an IPAddressPool in the namespace of Steelyard',
    }
  }
  if (view.clusterIps.length === 0) {
    const message = 'the Service has no cluster IP, so kube-proxy would forward nothing'
    return { reason: 'noIPAllocated', message, advice: 'create it anew without spec.clusterIP: None' }
  }
  const refusal = tells.findLast(({ type, reason }) => type === 'Warning' && reason !== 'deprecatedAnnotation')
  if (refusal === undefined) return silentController(situation, allocation, view)
  const verdicts = poolVerdicts(allocation, view)
  return {
    reason: refusal.reason,
    message: withPools(refusal.message, verdicts),
    advice: adviceOnRefusal(refusal.reason, refusal.message, verdicts),
  }
}

/** "No pool admits it" is no answer yet: which pool, and why not? */
function withPools(message: string, verdicts: readonly PoolVerdict[]): string {
  if (!message.endsWith('no pool with autoAssign admits this Service') || verdicts.length === 0) return message
  return `${message} (${listed(
    verdicts.map(({ pool, message: why }) => `pool ${pool}: ${why}`),
    '; ',
  )})`
}

function silentController({ objects }: Situation, { services }: Allocation, { key }: ServiceView): Finding {
  const free = (services.get(key)?.status?.loadBalancer?.ingress ?? []).flatMap(({ ip }) => ip ?? [])
  const pods = podsOf(objects.pods, CONTROLLER_LABELS)
  const ready = pods.filter(({ status }) =>
    status?.conditions?.some((one) => one.type === 'Ready' && one.status === 'True'),
  )
  const state = ready.length === 0 ? 'no controller Pod is Ready' : `${ready[0]?.metadata.name} is Ready`
  return {
    reason: 'noIPAllocated',
    message: `${free.join(', ')} could be assigned, but the controller has not done so; ${state}`,
    advice: 'look at the controller: kubectl get pods,events -n metallb-system, and the log of its Pod',
  }
}

type AdviceRow = readonly [applies: RegExp, advice: string]

/** By what the controller's message says; the first that applies. */
const BY_MESSAGE: readonly AdviceRow[] = [
  [
    /held by .*does not share it|with another sharing key|has no sharing key/,
    'choose another address, or give both Services the same metallb.io/allow-shared-ip (and, under externalTrafficPolicy Local, the same selector)',
  ],
  [/its port .* belongs to/, 'change one of the two ports: Services that share an address need different ones'],
  [/is in no pool/, 'ask for an address of a pool, or add this one to a pool'],
  [/excluded by avoidBuggyIPs/, 'ask for another address, or set avoidBuggyIPs of the pool to false'],
  [/which does not exist/, 'name a pool that exists, or create it'],
  [
    /serviceAllocation does not admit/,
    'change serviceAllocation of the pool, or the namespace or labels of the Service',
  ],
  [/has no IPv[46]/, 'add addresses of the family to the pool, or change spec.ipFamilies of the Service'],
  [
    /is full/,
    'add addresses to the pool, delete Services that need none, or let some share (metallb.io/allow-shared-ip)',
  ],
  [/the clusterIPs need exactly/, 'ask for one address of each family that the Service has'],
]

function adviceOnRefusal(reason: string, message: string, verdicts: readonly PoolVerdict[]): string {
  if (reason === 'LoadBalancerFailed') return 'correct the annotation or field that asks for the address'
  if (reason === 'not enough clusterips' || reason === 'noclusterIPsIPFamily') {
    return 'the cluster must be dual stack, or spec.ipFamilyPolicy SingleStack'
  }
  const known = BY_MESSAGE.find(([applies]) => applies.test(message))
  if (known !== undefined) return known[1]
  if (verdicts.some(({ verdict }) => verdict === 'autoAssignFalse')) {
    return 'annotate the Service with metallb.io/address-pool, or set autoAssign of a pool to true'
  }
  return 'let a pool admit the Service: change its serviceAllocation, or create a pool without one'
}
