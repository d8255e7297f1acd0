import {
  describeProblem,
  DEPRECATED_ANNOTATION_PREFIX,
  GROUP,
  type KubeObject,
  type ServiceView,
} from '@steelyard/model'
import { type Allocation, newAllocation, usePools } from './allocation.ts'
import { type CheckResult, fault, notChecked, ok, warning } from './check-result.ts'
import { listed, plural } from './finding.ts'
import { type ForeignKey, type ForeignObjects, imagesOf, nameOf } from './foreign-objects.ts'
import type { Situation } from './situation.ts'

export type Takeover = {
  /** What is there, what stays, what is ignored. */
  readonly findings: readonly CheckResult[]
  readonly steps: readonly string[]
  readonly wayBack: readonly string[]
  /** Whether nothing stands in the way. */
  readonly ready: boolean
}

export type TakeoverInput = {
  readonly situation: Situation
  readonly foreign: ForeignObjects
  readonly unread: ReadonlyMap<ForeignKey, string>
}

/** What a takeover from MetalLB would find. Changes nothing. */
export function takeoverOf(input: TakeoverInput): Takeover {
  const findings = [
    runningCheck(input),
    configurationFinding(input.situation),
    ...addressFindings(input.situation),
    ...definitionFindings(input),
    ...leftovers(input),
    ...objectFindings(input.situation),
  ]
  const { namespace } = input.situation.options
  return {
    findings,
    steps: stepsFor(namespace, findings),
    wayBack: wayBack(namespace),
    ready: findings.every(({ result }) => result !== 'fault'),
  }
}

const METALLB_IMAGE = /(^|\/)metallb\/(speaker|controller)\b/

function runningCheck({ foreign, unread }: TakeoverInput): CheckResult {
  const name = 'MetalLB running'
  const missing = (['daemonSets', 'deployments'] as const).flatMap((key) => unread.get(key) ?? [])
  const found = [...foreign.daemonSets, ...foreign.deployments].filter((one) =>
    imagesOf(one).some((image) => METALLB_IMAGE.test(image)),
  )
  if (found.length === 0)
    return missing.length > 0
      ? notChecked(name, missing.join('; '))
      : ok(name, 'neither speakers nor a controller of MetalLB')
  const names = found.map((one) => `${one.kind} ${nameOf(one)}`)
  return warning(
    name,
    listed(names),
    'must be gone before Steelyard starts: two products would answer for the same addresses',
  )
}

function configurationFinding({ controller, nodes, speakerOn, objects }: Situation): CheckResult {
  const name = 'configuration'
  const refused = [controller, ...nodes.map((node) => speakerOn(node.name))].flatMap((one) =>
    one.ok ? [] : one.problems,
  )
  const problems = [...new Set(refused.map(describeProblem))]
  if (problems.length > 0) {
    return fault(
      name,
      `would be refused: ${listed(problems, '; ')}`,
      'correct it first: what MetalLB let pass, Steelyard may not',
    )
  }
  const counts = [
    plural(objects.pools.length, 'IPAddressPool'),
    plural(objects.l2Advertisements.length, 'L2Advertisement'),
    plural(objects.bgpAdvertisements.length, 'BGPAdvertisement'),
    plural(objects.bgpPeers.length, 'BGPPeer'),
    plural(objects.bfdProfiles.length, 'BFDProfile'),
    plural(objects.communities.length, 'Community', 'Communities'),
  ]
  return ok(name, `${counts.join(', ')}: all stay as they are`)
}

/** The controller's own allocator on what MetalLB left: who would keep its address, and who would not? */
function addressFindings(situation: Situation): readonly CheckResult[] {
  const { controller, objects, loadBalancerClass, views } = situation
  if (!controller.ok) return []
  const allocation = newAllocation(objects.services, loadBalancerClass)
  usePools(allocation, controller.config.pools)
  const held = [...views.values()].filter(({ ingress, isLoadBalancer }) => isLoadBalancer && ingress.length > 0)
  const moved = held.filter((view) => !keeps(allocation, view))
  const name = 'addresses'
  if (moved.length > 0) {
    const told = moved.map(
      ({ key }) => `${key}: ${allocation.log.find(({ service }) => service === key)?.tell.message ?? 'another one'}`,
    )
    return [
      fault(
        name,
        `${moved.length} of ${plural(held.length, 'Service')} would not keep theirs: ${listed(told, '; ')}`,
        'put the addresses into a pool that admits these Services',
      ),
    ]
  }
  return [ok(name, `${plural(held.length, 'Service')} with an address, and each keeps it`)]
}

function keeps({ services }: Allocation, { key, ingress }: ServiceView): boolean {
  const after = new Set((services.get(key)?.status?.loadBalancer?.ingress ?? []).map(({ ip }) => ip))
  return ingress.every(({ ip }) => after.has(ip))
}

const OLD_POOLS = `addresspools.${GROUP}`

function definitionFindings({ foreign, unread }: TakeoverInput): readonly CheckResult[] {
  const name = 'CustomResourceDefinitions'
  const why = unread.get('definitions')
  if (why !== undefined) return [notChecked(name, why)]
  const ours = foreign.definitions.filter(({ spec }) => spec?.group === GROUP)
  const converting = ours
    .filter(({ metadata, spec }) => metadata.name !== OLD_POOLS && spec?.conversion?.strategy === 'Webhook')
    .map(({ metadata }) => metadata.name)
  const old = ours.filter(({ metadata }) => metadata.name === OLD_POOLS)
  return [
    ok(name, `${plural(ours.length, 'definition')} of ${GROUP}; those of Steelyard go over them`),
    ...(converting.length === 0
      ? []
      : [
          warning(
            'conversion webhook',
            `${listed(converting)} has one left`,
            'kubectl apply -f crds, before MetalLB is deleted, takes it away; kubectl apply --server-side and Helm cannot, and are refused',
          ),
        ]),
    ...(old.length === 0
      ? []
      : [
          warning(
            'AddressPool',
            'the kind of old is there, and read by nobody',
            'turn its objects into IPAddressPools, then delete the definition',
          ),
        ]),
  ]
}

function leftovers(input: TakeoverInput): readonly CheckResult[] {
  const { foreign, unread } = input
  const frr = foreign.daemonSets.filter((one) => imagesOf(one).some((image) => /frr-k8s/.test(image)))
  const unknown = (['webhooks', 'frrConfigurations', 'productConfigMaps'] as const).flatMap(
    (key) => unread.get(key) ?? [],
  )
  return [
    ...strictWebhooks(foreign),
    ...configMapFindings(input),
    ...found(
      'FRRConfiguration',
      foreign.frrConfigurations.map(nameOf),
      'for frr-k8s: not touched, and without effect on Steelyard; what it announced or received beside ends with frr-k8s',
    ),
    ...found(
      'frr-k8s',
      frr.map(nameOf),
      'delete it with MetalLB, unless another product uses it: it holds the BGP sessions',
    ),
    ...(unknown.length === 0 ? [] : [notChecked('leftovers', unknown.join('; '))]),
  ]
}

function found(check: string, names: readonly string[], advice: string): readonly CheckResult[] {
  return names.length === 0 ? [] : [warning(check, listed(names), advice)]
}

function strictWebhooks({ webhooks: all }: ForeignObjects): readonly CheckResult[] {
  const strict = all.filter(({ webhooks = [] }) =>
    webhooks.some(({ name, failurePolicy }) => name.endsWith('.metallb.io') && failurePolicy === 'Fail'),
  )
  const names = strict.map((one) => `${nameOf(one)} refuses all changes while nobody answers it (failurePolicy Fail)`)
  const advice =
    'delete it when MetalLB goes: kubectl delete validatingwebhookconfiguration NAME; Steelyard brings its own, which refuses nothing when it cannot be asked'
  return found('validating webhook', names, advice)
}

function configMapFindings({ foreign, situation }: TakeoverInput): readonly CheckResult[] {
  const { namespace } = situation.options
  const has = (name: string): readonly string[] =>
    foreign.productConfigMaps.some(({ metadata }) => metadata.name === name) ? [`ConfigMap ${namespace}/${name}`] : []
  return [
    ...found(
      'bgpextras',
      has('bgpextras'),
      'lines for FRR are ignored: say the same by BGPPeer, BGPAdvertisement or BGPPeerPolicy',
    ),
    ...found(
      'ConfigMap config',
      has('config'),
      'a configuration of MetalLB before 0.13 is ignored: turn it into objects',
    ),
  ]
}

type Timers = { readonly spec?: { readonly holdTime?: unknown; readonly keepaliveTime?: unknown } }
const isZero = (value: unknown): boolean => typeof value === 'string' && /^0(ms|s|m|h)?$/.test(value)

function objectFindings({ objects, views }: Situation): readonly CheckResult[] {
  const deprecated = [...views.values()].filter(({ annotations }) =>
    Object.keys(annotations).some((key) => key.startsWith(DEPRECATED_ANNOTATION_PREFIX)),
  )
  const endless = objects.bgpPeers.filter(
    (peer: KubeObject) => isZero((peer as Timers).spec?.holdTime) && isZero((peer as Timers).spec?.keepaliveTime),
  )
  return [
    ...(deprecated.length === 0
      ? []
      : [
          ok(
            'annotations',
            `${plural(deprecated.length, 'Service')} with ${DEPRECATED_ANNOTATION_PREFIX} annotations: understood, and told of by an Event`,
          ),
        ]),
    ...(endless.length === 0
      ? []
      : [
          warning(
            'BGP timers',
            `${listed(endless.map(({ metadata }) => metadata.name))}: hold time and keepalives are 0, as older versions stored them`,
            'honoured: such a session never notices that the router is gone; take the two fields out, or use BFD',
          ),
        ]),
  ]
}

function stepsFor(namespace: string, findings: readonly CheckResult[]): readonly string[] {
  const faults = findings.filter(({ result }) => result === 'fault').map(({ check }) => check)
  return [
    ...(faults.length === 0 ? [] : [`correct first: ${listed(faults)}`]),
    `keep what is there: kubectl get ipaddresspools,l2advertisements,bgpadvertisements,bgppeers,bfdprofiles,communities -n ${namespace} -o yaml > metallb-objects.yaml`,
    'apply the definitions of Steelyard over those of MetalLB: kubectl apply -f crds (this once not --server-side, which leaves the conversion webhook of another there, and is refused)',
    'stop the webhook of MetalLB: kubectl delete --ignore-not-found validatingwebhookconfiguration metallb-webhook-configuration',
    `stop MetalLB, keeping its objects: kubectl delete -n ${namespace} deployment/controller daemonset/speaker (never delete its CustomResourceDefinitions: that deletes the objects; so does helm uninstall, whose chart has them as templates: delete the programs instead, and the record of the release, kubectl delete secret -n ${namespace} -l owner=helm,name=RELEASE)`,
    'install Steelyard: kubectl apply --server-side --force-conflicts -f steelyard.yaml; from here on addresses answer again',
    'look: steelyard status; steelyard services --problems',
    'then take away what is left of MetalLB (docs/migrate.md): frr-k8s, its ConfigMaps, the kind AddressPool',
  ]
}

function wayBack(namespace: string): readonly string[] {
  return [
    `stop Steelyard: kubectl delete -n ${namespace} deployment/controller daemonset/speaker`,
    'stop its webhook: kubectl delete validatingwebhookconfiguration metallb-webhook-configuration',
    "apply MetalLB's manifest of before; its objects and the addresses in Service statuses were not changed",
    'objects of group steelyard.dev mean nothing to MetalLB; they may stay',
  ]
}
