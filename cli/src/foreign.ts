import {
  type Api,
  ApiError,
  callName,
  CONFIG_MAPS,
  CUSTOM_RESOURCE_DEFINITIONS,
  DEPLOYMENTS,
  type Resource,
} from '@steelyard/kube'
import type { ForeignKey, ForeignObjects } from './decide/foreign-objects.ts'
import { listPages } from './sources.ts'

type Row = readonly [group: string, version: string, plural: string, kind: string]

const row = ([group, version, plural, kind]: Row, namespaced = false): Resource => ({
  group,
  version,
  plural,
  kind,
  namespaced,
  status: false,
})

const DAEMON_SETS = row(['apps', 'v1', 'daemonsets', 'DaemonSet'], true)
const VALIDATING_WEBHOOKS = row([
  'admissionregistration.k8s.io',
  'v1',
  'validatingwebhookconfigurations',
  'ValidatingWebhookConfiguration',
])
const FRR_CONFIGURATIONS = row(['frrk8s.metallb.io', 'v1beta1', 'frrconfigurations', 'FRRConfiguration'], true)
const CILIUM_POOLS = row(['cilium.io', 'v2', 'ciliumloadbalancerippools', 'CiliumLoadBalancerIPPool'])

type Place = { readonly resource: Resource; readonly namespace?: 'product' | 'kube-system' }

/** What other products leave in a cluster. Nothing of it is needed to say something. */
const PLACES: Readonly<Record<ForeignKey, Place>> = {
  daemonSets: { resource: DAEMON_SETS },
  deployments: { resource: DEPLOYMENTS },
  definitions: { resource: CUSTOM_RESOURCE_DEFINITIONS },
  webhooks: { resource: VALIDATING_WEBHOOKS },
  frrConfigurations: { resource: FRR_CONFIGURATIONS },
  ciliumPools: { resource: CILIUM_POOLS },
  productConfigMaps: { resource: CONFIG_MAPS, namespace: 'product' },
  systemConfigMaps: { resource: CONFIG_MAPS, namespace: 'kube-system' },
}

export type ReadForeign = { readonly objects: ForeignObjects; readonly unread: ReadonlyMap<ForeignKey, string> }

export async function readForeign(api: Pick<Api, 'list'>, product: string): Promise<ReadForeign> {
  const unread = new Map<ForeignKey, string>()
  const read = async (key: ForeignKey): Promise<readonly [ForeignKey, readonly object[]]> => {
    const { resource, namespace } = PLACES[key]
    const scope = namespace === undefined ? {} : { namespace: namespace === 'product' ? product : namespace }
    try {
      return [key, await listPages(api, resource, scope)]
    } catch (error) {
      if (!(error instanceof ApiError) || error.status === 0) throw error
      // A kind that the cluster does not have has no objects: that is known.
      if (error.status !== 404) unread.set(key, `not allowed to ${callName({ verb: 'list', resource })}`)
      return [key, []]
    }
  }
  const entries = await Promise.all((Object.keys(PLACES) as ForeignKey[]).map(read))
  return { objects: Object.fromEntries(entries) as ForeignObjects, unread }
}
