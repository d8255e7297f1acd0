import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { memoryApi, memoryCluster, SERVICE_BGP_STATUSES, type ServiceBgpStatus } from '@steelyard/kube'
import type { OwnerReference } from '@steelyard/model'
import { createLogger } from '@steelyard/program'
import { fakeClock, seededRandom } from '@steelyard/runtime'
import { followCluster } from './cluster.ts'
import type { BgpAnnouncement } from './decide/bgp/book.ts'
import { BGP_STATUS } from './decide/service-status.ts'
import { type ServiceStatuses, serviceStatuses } from './service-statuses.ts'
import { NAMESPACE } from './testing/objects.ts'

const OWNER: OwnerReference = { apiVersion: 'v1', kind: 'Pod', name: 'speaker-n1', uid: 'pod-1' }
const nothing = (): void => {}

async function setUp() {
  const clock = fakeClock()
  const cluster = memoryCluster(() => new Date(Date.UTC(2026, 0, 1) + clock.now()))
  const api = memoryApi({ cluster, clock })
  const log = createLogger({ level: 'none', caller: 'test' })
  const ports = { api, clock, random: seededRandom(1), log, namespace: NAMESPACE, node: 'n1' }
  const writing: { statuses?: ServiceStatuses<BgpAnnouncement> } = {}
  const followed = followCluster(api, ports, {
    onService: nothing,
    onEndpoints: nothing,
    onNode: nothing,
    onPod: nothing,
    onConfigInput: nothing,
    onServiceStatus: nothing,
    onOwnState: nothing,
    onNotice: nothing,
    onBgpStatus: (key) => {
      writing.statuses?.onObject(key)
      writing.statuses?.recheck(key)
    },
  })
  const statuses = serviceStatuses({
    ...ports,
    resource: SERVICE_BGP_STATUSES,
    form: BGP_STATUS,
    objectsOf: followed.bgpStatuses.of,
    owner: () => OWNER,
    isAlive: () => true,
  })
  writing.statuses = statuses
  await clock.advanceAsync(5000)
  const announce = async (peers: readonly string[] | undefined): Promise<void> => {
    const on = peers === undefined ? [] : [['shop/web', { ips: ['192.0.2.1'], peers }] as const]
    statuses.want(new Map(on), ['shop/web'])
    await clock.advanceAsync(5000)
  }
  const shown = () =>
    cluster.readAll(SERVICE_BGP_STATUSES).map(({ status }) => `${status?.node} ${(status?.peers ?? []).join(' ')}`)
  const stop = async (): Promise<void> => {
    const stopping = Promise.all([statuses.stop(), followed.stop()])
    await clock.advanceAsync(5000)
    await stopping
  }
  return { clock, cluster, api, announce, shown, stop }
}

const of = (name: string, node: string, peers: readonly string[]): ServiceBgpStatus => ({
  apiVersion: 'metallb.io/v1beta1',
  kind: 'ServiceBGPStatus',
  metadata: {
    name,
    namespace: NAMESPACE,
    labels: {
      'metallb.io/node': node,
      'metallb.io/service-name': 'web',
      'metallb.io/service-namespace': 'shop',
    },
  },
  status: { node, serviceName: 'web', serviceNamespace: 'shop', peers },
})

describe('the ServiceBGPStatus of a Service and node', () => {
  it('is made with its peers, follows them, and goes with the last', async () => {
    const { announce, shown, cluster, stop } = await setUp()
    await announce(['spine', 'tor'])
    assert.deepEqual(shown(), ['n1 spine tor'])
    const [{ metadata } = { metadata: undefined }] = cluster.readAll(SERVICE_BGP_STATUSES)
    assert.match(metadata?.name ?? '', /^bgp-.+/)
    assert.deepEqual(metadata?.ownerReferences, [OWNER])
    assert.deepEqual(metadata?.labels, of('', 'n1', []).metadata.labels)
    await announce(['tor'])
    assert.deepEqual(shown(), ['n1 tor'])
    await announce(undefined)
    assert.deepEqual(shown(), [])
    await stop()
  })

  it('leaves those of other nodes alone, and removes its own duplicates and leftovers', async () => {
    const { announce, shown, cluster, clock, stop } = await setUp()
    cluster.put(SERVICE_BGP_STATUSES, of('bgp-a', 'n2', ['tor']))
    cluster.put(SERVICE_BGP_STATUSES, of('bgp-b', 'n1', ['old']))
    cluster.put(SERVICE_BGP_STATUSES, of('bgp-c', 'n1', ['older']))
    await clock.advanceAsync(1000)
    await announce(['tor'])
    assert.deepEqual(shown().sort(), ['n1 tor', 'n2 tor'])
    await announce(undefined)
    assert.deepEqual(shown(), ['n2 tor'])
    await stop()
  })

  it('is put back after an edit, comes back when deleted, and costs nothing at rest', async () => {
    const { announce, shown, cluster, clock, api, stop } = await setUp()
    await announce(['tor'])
    const [object] = cluster.readAll(SERVICE_BGP_STATUSES)
    assert.ok(object !== undefined)
    cluster.put(SERVICE_BGP_STATUSES, { ...object, status: { ...object.status, peers: ['evil'] } })
    await clock.advanceAsync(5000)
    assert.deepEqual(shown(), ['n1 tor'])
    cluster.remove(SERVICE_BGP_STATUSES, object.metadata)
    await clock.advanceAsync(5000)
    assert.deepEqual(shown(), ['n1 tor'])
    api.calls.length = 0
    await announce(['tor'])
    await clock.advanceAsync(600_000)
    assert.deepEqual(api.writes(), [])
    await stop()
  })

  it('is one even after an edit of the label by which its node follows it', async () => {
    const { announce, shown, cluster, clock, api, stop } = await setUp()
    await announce(['tor'])
    const [object] = cluster.readAll(SERVICE_BGP_STATUSES)
    assert.ok(object !== undefined)
    const labels = { ...object.metadata.labels, 'metallb.io/node': 'n7' }
    cluster.put(SERVICE_BGP_STATUSES, { ...object, metadata: { ...object.metadata, labels } })
    await clock.advanceAsync(5000)
    assert.deepEqual(shown(), ['n1 tor'])
    assert.equal(cluster.readAll(SERVICE_BGP_STATUSES)[0]?.metadata.labels?.['metallb.io/node'], 'n1')
    api.calls.length = 0
    await announce(undefined)
    assert.equal(api.writes().length, 1, 'one removal')
    assert.deepEqual(shown(), [])
    await stop()
  })

  it('is not written, above all not removed, before it is known what is announced', async () => {
    const { shown, cluster, clock, stop } = await setUp()
    cluster.put(SERVICE_BGP_STATUSES, of('bgp-b', 'n1', ['tor']))
    await clock.advanceAsync(60_000)
    assert.deepEqual(shown(), ['n1 tor'])
    await stop()
  })
})
