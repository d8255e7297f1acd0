import { BGP_ADVERTISEMENTS, BGP_PEERS, CONFIG_MAPS, ENDPOINT_SLICES, IP_ADDRESS_POOLS } from '@steelyard/kube'
import { L2_ADVERTISEMENTS, type MemoryCluster, NODES, PODS, SERVICES } from '@steelyard/kube'
import { ANNOTATIONS, type KubeObject, type Node, type Service } from '@steelyard/model'
import { type Scene, WEB } from '../../cli/scene.ts'
import type { Lab } from '../../lab/lab.ts'
import type { LabPod } from '../../lab/programs.ts'
import { SHOP } from './bare-lab.ts'
import { addressesOf, PATHS, PRODUCT_NAMESPACE } from './objects.ts'

/**
 * Scenes of the unit tests, made for real: what a user or a kubelet writes is applied to the API server; what our
 * programs write (addresses, statuses, Events) is left to them. Nodes `worker-1` to `worker-3` are `n1` to `n3`.
 */

const CONFIGURATION = [IP_ADDRESS_POOLS, L2_ADVERTISEMENTS, BGP_ADVERTISEMENTS, BGP_PEERS, CONFIG_MAPS] as const
const KUBE_SYSTEM = 'kube-system'

/** What must be undone. */
export type RealScene = { readonly nodes: readonly Node[]; readonly held: readonly LabPod[] }

export async function makeReal(lab: Lab, { cluster }: Scene): Promise<RealScene> {
  const nodes = all<Node>(cluster, NODES).filter(isChanged)
  for (const node of nodes) await changeNode(lab, node)
  await apply(
    lab,
    CONFIGURATION.flatMap((resource) => all<KubeObject>(cluster, resource)),
  )
  const services = all<Service>(cluster, SERVICES).filter(({ metadata }) => metadata.namespace === SHOP)
  const [web, others] = [services.filter(isWeb), services.filter((one) => !isWeb(one))]
  // The others were there first, and have what the scene says.
  await apply(lab, others.map(asCreated))
  await lab.waitFor('the addresses of the scene', async () => {
    const shown = await Promise.all(others.map(({ metadata }) => lab.api.get<Service>(pathOf(metadata.name))))
    return shown.every((one, at) => addressesOf(one).join() === addressesOf(others[at]!).join())
  })
  const controllers = readyOf(cluster, 'controller') === 0 ? lab.programs.of('controller') : []
  const speakers = readyOf(cluster, 'speaker') === 0 ? lab.programs.of('speaker') : []
  for (const pod of controllers) hold(lab, pod)
  await apply(lab, [...web.map(asCreated), ...all<KubeObject>(cluster, ENDPOINT_SLICES)])
  for (const pod of speakers) hold(lab, pod)
  return { nodes, held: [...controllers, ...speakers] }
}

/** Back to a product without any configuration, and no Service. */
export async function unmake(lab: Lab, { nodes, held }: RealScene): Promise<void> {
  for (const pod of held) lab.programs.restart(pod)
  const gone = (namespace: string, ...what: readonly string[]): Promise<unknown> =>
    lab.kubectl(['-n', namespace, 'delete', '--ignore-not-found', ...what])
  // First what is announced: a node that is restored would take it for a moment, and report so in the next scene.
  await Promise.all([
    gone(SHOP, 'service,endpointslice', '--all'),
    gone(PRODUCT_NAMESPACE, 'ipaddresspool,l2advertisement,bgpadvertisement,bgppeer', '--all'),
    gone(KUBE_SYSTEM, 'configmap', 'kube-proxy'),
  ])
  for (const node of nodes) await restoreNode(lab, node)
  await lab.waitFor('the programs to be ready again', () => held.every((pod) => pod.isReady()))
}

function all<T extends KubeObject>(cluster: MemoryCluster, resource: Parameters<MemoryCluster['readAll']>[0]): T[] {
  const objects = cluster.readAll(resource)
  return JSON.parse(JSON.stringify(objects).replaceAll('worker-', 'n')) as T[]
}

function isWeb({ metadata }: Service): boolean {
  return `${metadata.namespace}/${metadata.name}` === WEB
}

/** As a file has it. The endpoints are those of the scene, so no selector finds others. */
function asCreated({ apiVersion, kind, metadata, spec }: Service): KubeObject {
  const annotations = without(metadata.annotations ?? {}, [ANNOTATIONS.allocatedFromPool])
  return {
    apiVersion,
    kind,
    metadata: { ...metadata, annotations },
    spec: without(spec ?? {}, ['clusterIPs', 'selector']),
  } as KubeObject
}

function pathOf(name: string): string {
  return `/api/v1/namespaces/${SHOP}/services/${name}`
}

function metadataOfFile({ name, namespace, labels, annotations }: KubeObject['metadata']): object {
  return { name, namespace, labels, annotations }
}

function without(record: object, keys: readonly string[]): object {
  return Object.fromEntries(Object.entries(record).filter(([key]) => !keys.includes(key)))
}

async function apply(lab: Lab, objects: readonly KubeObject[]): Promise<void> {
  if (objects.length === 0) return
  const items = objects.map(({ metadata, ...rest }) => ({ ...rest, metadata: metadataOfFile(metadata) }))
  await lab.apply(JSON.stringify({ apiVersion: 'v1', kind: 'List', items }))
}

function hold(lab: Lab, pod: LabPod): void {
  lab.programs.kill(pod, { restart: false })
}

function readyOf(cluster: MemoryCluster, component: string): number {
  type Pod = KubeObject & { readonly status?: { readonly conditions?: readonly { readonly status: string }[] } }
  return all<Pod>(cluster, PODS).filter(
    ({ metadata, status }) =>
      metadata.labels?.['component'] === component && status?.conditions?.some((one) => one.status === 'True'),
  ).length
}

const HOSTNAME = 'kubernetes.io/hostname'

function isChanged({ metadata: { labels = {}, annotations = {} }, status }: Node): boolean {
  return Object.keys({ ...labels, ...annotations }).length > 1 || (status?.conditions ?? []).length > 1
}

function metaOf({ metadata: { labels = {}, annotations = {} } }: Node): readonly [labels: object, annotations: object] {
  return [without(labels, [HOSTNAME]), annotations]
}

async function changeNode(lab: Lab, node: Node): Promise<void> {
  const [labels, annotations] = metaOf(node)
  await lab.api.patch(`${PATHS.nodes}/${node.metadata.name}`, { metadata: { labels, annotations } })
  for (const { type, status } of node.status?.conditions ?? []) await setCondition(lab, node, { type, status })
}

async function restoreNode(lab: Lab, node: Node): Promise<void> {
  const none = (record: object): object => Object.fromEntries(Object.keys(record).map((key) => [key, null]))
  const [labels, annotations] = metaOf(node)
  await lab.api.patch(`${PATHS.nodes}/${node.metadata.name}`, {
    metadata: { labels: none(labels), annotations: none(annotations) },
  })
  for (const { type } of node.status?.conditions ?? []) {
    await setCondition(lab, node, { type, status: type === 'Ready' ? 'True' : 'False' })
  }
}

type Condition = { readonly type: string; readonly status: string }

async function setCondition(lab: Lab, { metadata }: Node, wanted: Condition): Promise<void> {
  const path = `${PATHS.nodes}/${metadata.name}`
  const { status } = await lab.api.get<Node>(path)
  const conditions = (status?.conditions ?? []).map((one) =>
    one.type === wanted.type ? { ...one, status: wanted.status } : one,
  )
  await lab.api.patch(`${path}/status`, { status: { conditions } })
}
