import { ApiError, KubeConfigError, memoryApi } from '@steelyard/kube'
import type { BadCommand } from './bad-command.ts'
import type { World } from './command.ts'
import { servedScene } from './scene.ts'

/** The API of a cluster where these resources may not be listed (or written). */
function without(...resources: readonly string[]): () => World {
  return () => {
    const api = memoryApi({ cluster: servedScene().cluster })
    api.faults.failNext(
      Number.POSITIVE_INFINITY,
      { status: 403, reason: 'Forbidden', message: 'no' },
      ({ resource, verb }) => resources.includes(`${verb} ${resource.plural}`),
    )
    return { api }
  }
}

const failing = (error: Error): (() => World) => {
  const connect = async (): Promise<never> => {
    throw error
  }
  return () => ({ connect })
}
const silent = (): World => {
  const api = memoryApi()
  api.faults.failNext(Number.POSITIVE_INFINITY, {
    status: 0,
    reason: 'Unreachable',
    message: 'connect ECONNREFUSED 192.0.2.1:6443',
  })
  return { api }
}
const refusing = (): World => {
  const api = memoryApi()
  api.faults.failNext(Number.POSITIVE_INFINITY, { status: 401, reason: 'Unauthorized', message: 'Unauthorized' })
  return { api }
}
const bare = (): World => {
  const api = memoryApi()
  api.faults.failNext(
    Number.POSITIVE_INFINITY,
    { status: 404, reason: 'NotFound', message: 'no' },
    ({ resource }) => resource.group === 'metallb.io',
  )
  return { api }
}

const CLUSTERS: readonly BadCommand[] = [
  {
    what: 'a kubeconfig that cannot be read',
    argv: ['status'],
    world: failing(new KubeConfigError('kubeconfig /home/me/config: not valid YAML at line 3, column 1')),
    exitCode: 3,
    says: 'kubeconfig /home/me/config: not valid YAML at line 3, column 1',
  },
  {
    what: 'a cluster that does not answer',
    argv: ['sessions'],
    world: silent,
    exitCode: 3,
    says: 'the cluster does not answer: list speakerstatuses.steelyard.dev metallb-system: Unreachable: connect ECONNREFUSED 192.0.2.1:6443',
  },
  {
    what: 'a cluster that does not know the user',
    argv: ['pools'],
    world: refusing,
    exitCode: 4,
    says: 'the cluster does not know you: list services: 401 Unauthorized: Unauthorized',
  },
  {
    what: 'a cluster without Steelyard',
    argv: ['status'],
    world: bare,
    exitCode: 1,
    says: 'the cluster does not know the kind IPAddressPool (metallb.io): Steelyard is not installed there',
  },
  {
    what: 'something that fails otherwise',
    argv: ['status'],
    world: failing(new ApiError('get x', { status: 500, reason: 'InternalError', message: 'etcd is away' })),
    exitCode: 1,
    says: 'get x: 500 InternalError: etcd is away',
  },
]

/** Each command without one right that it needs. */
const RIGHTS: readonly BadCommand[] = [
  {
    what: 'status without rights',
    argv: ['status'],
    world: without('list nodes', 'list l2advertisements'),
    exitCode: 4,
    says: 'status needs rights that you do not have: list nodes in all namespaces; list l2advertisements.metallb.io in metallb-system',
  },
  {
    what: 'services without rights',
    argv: ['services'],
    world: without('list services'),
    exitCode: 4,
    says: 'services needs rights that you do not have: list services in all namespaces',
  },
  {
    what: 'pools without rights',
    argv: ['pools'],
    world: without('list ipaddresspools'),
    exitCode: 4,
    says: 'pools needs rights that you do not have: list ipaddresspools.metallb.io in metallb-system',
  },
  {
    what: 'explain without rights',
    argv: ['explain', 'service', 'shop/web'],
    world: without('list endpointslices'),
    exitCode: 4,
    says: 'explain needs rights that you do not have: list endpointslices.discovery.k8s.io in all namespaces',
  },
  {
    what: 'plan without rights',
    argv: ['plan', '-f', 'pool.yaml'],
    world: () => ({ ...without('list communities')(), files: { 'pool.yaml': '' } }),
    exitCode: 4,
    says: 'plan needs rights that you do not have: list communities.metallb.io in metallb-system',
  },
  {
    what: 'check without rights',
    argv: ['check'],
    world: without('list pods'),
    exitCode: 4,
    says: 'check needs rights that you do not have: list pods in metallb-system',
  },
  {
    what: 'migrate without rights',
    argv: ['migrate', '--check'],
    world: without('list bgppeers'),
    exitCode: 4,
    says: 'migrate needs rights that you do not have: list bgppeers.metallb.io in metallb-system',
  },
  {
    what: 'sessions without rights',
    argv: ['sessions'],
    world: without('list speakerstatuses'),
    exitCode: 4,
    says: 'sessions needs rights that you do not have: list speakerstatuses.steelyard.dev in metallb-system',
  },
  {
    what: 'moves without rights',
    argv: ['moves'],
    world: without('list speakerstatuses'),
    exitCode: 4,
    says: 'moves needs rights that you do not have: list speakerstatuses.steelyard.dev in metallb-system',
  },
  {
    what: 'maintenance without the right to see nodes',
    argv: ['maintenance', 'worker-1'],
    world: without('list nodes'),
    exitCode: 4,
    says: 'maintenance needs rights that you do not have: list nodes in all namespaces',
  },
  {
    what: 'maintenance without the right to change them',
    argv: ['maintenance', 'worker-1'],
    world: without('patch nodes'),
    exitCode: 4,
    says: 'maintenance needs a right that you do not have: patch nodes in all namespaces',
  },
]

export const BAD_CLUSTERS: readonly BadCommand[] = [...CLUSTERS, ...RIGHTS]
