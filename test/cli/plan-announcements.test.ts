import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { stringify } from 'yaml'
import { applied } from '../../cli/src/decide/change-set.ts'
import type { KubeObject } from '@steelyard/model'
import { command } from './command.ts'
import { NODE_NAMES, OWNER, PRODUCT, routedScene, type Scene, servedScene, session, WEB, WEB_IP } from './scene.ts'

type Difference = { readonly what: string; readonly change: string; readonly before: string; readonly after: string }
type Planned = {
  readonly addresses: readonly { readonly service: string; readonly change: string }[]
  readonly announcements: readonly Difference[]
  readonly refused: readonly string[]
  readonly notes: readonly string[]
}

async function planned(scene: Scene, ...objects: readonly KubeObject[]): Promise<{ exitCode: number; plan: Planned }> {
  const files = { 'a.yaml': objects.map((object) => stringify(object)).join('---\n') }
  const { out, err, exitCode } = await command({ cluster: scene.cluster, files }, 'plan', '-f', 'a.yaml', '-o', 'json')
  assert.equal(err, '')
  return { exitCode, plan: JSON.parse(out) as Planned }
}

const object = (kind: string, name: string, spec: object, namespace = PRODUCT): KubeObject =>
  ({
    apiVersion: kind === 'BGPPeer' ? 'metallb.io/v1beta2' : 'metallb.io/v1beta1',
    kind,
    metadata: { name, namespace },
    spec,
  }) as KubeObject

const rackB = [{ matchLabels: { rack: 'b' } }]

describe('plan tells of announcements', () => {
  it('that an address moves where its owner may not have it any more', async () => {
    const scene = servedScene()
    scene.node('worker-3', { labels: { rack: 'b' } })
    const { plan, exitCode } = await planned(scene, object('L2Advertisement', 'lan', { nodeSelectors: rackB }))
    const [difference] = plan.announcements
    assert.equal(exitCode, 2)
    assert.deepEqual(
      { ...difference },
      { protocol: 'layer2', service: WEB, what: WEB_IP, change: 'moves', before: 'worker-2', after: 'worker-3' },
    )
  })

  it('that it is withdrawn where no node may have it', async () => {
    const { plan, exitCode } = await planned(servedScene(), object('L2Advertisement', 'lan', { nodeSelectors: rackB }))
    assert.equal(exitCode, 2)
    assert.deepEqual(
      plan.announcements.map(({ change, before, after }) => ({ change, before, after })),
      [{ change: 'withdrawn', before: 'worker-2', after: '' }],
    )
  })

  it('that the owner stays where more nodes may have it', async () => {
    const { plan, exitCode } = await planned(servedScene(), object('L2Advertisement', 'more', { interfaces: ['eth0'] }))
    assert.deepEqual(plan.announcements, [])
    assert.equal(exitCode, 0)
  })

  it('that a preferred node takes over', async () => {
    const scene = servedScene()
    scene.node('worker-1', { labels: { rack: 'b' } })
    const preferredNodeSelectors = [{ weight: 10, preference: { matchLabels: { rack: 'b' } } }]
    const { plan, exitCode } = await planned(scene, object('L2Advertisement', 'lan', { preferredNodeSelectors }))
    assert.equal(exitCode, 2)
    assert.equal(plan.announcements[0]?.after, 'worker-1')
  })

  it('that a router is told of fewer nodes', async () => {
    const scene = routedScene()
    scene.node('worker-3', { labels: { rack: 'b' } })
    const { plan, exitCode } = await planned(scene, object('BGPAdvertisement', 'routers', { nodeSelectors: rackB }))
    assert.equal(exitCode, 2)
    const [difference] = plan.announcements
    assert.equal(difference?.what, `${WEB_IP}/32 to router`)
    assert.deepEqual([difference?.before, difference?.after], [NODE_NAMES.join(', '), 'worker-3'])
  })

  it('that another router is told as well, which moves nothing', async () => {
    const scene = routedScene()
    const more = object('BGPPeer', 'second', { myASN: 64_512, peerASN: 64_514, peerAddress: '192.168.67.3' })
    const { plan, exitCode } = await planned(scene, more)
    assert.equal(exitCode, 0)
    assert.deepEqual(
      plan.announcements.map(({ what, change }) => `${change} ${what}`),
      [`announced ${WEB_IP}/32 to second`],
    )
  })

  it('that what is refused leaves all as it is, and why', async () => {
    const scene = routedScene()
    const { plan, exitCode } = await planned(
      scene,
      object('BGPPeer', 'router', { myASN: 0, peerASN: 1, peerAddress: '192.0.2.1' }),
    )
    assert.equal(exitCode, 1)
    assert.deepEqual(plan.announcements, [])
    assert.match(plan.refused[0] ?? '', /^speakers on worker-1, worker-2, worker-3: BGPPeer router: spec\.myASN/)
  })

  it('that an address between two changes is an interruption', async () => {
    const scene = servedScene()
    const shrunk = object('IPAddressPool', 'first-pool', { addresses: ['192.168.67.121/32'] })
    scene.service('shop/other', { ips: ['192.168.67.121'] })
    const again = object('IPAddressPool', 'first-pool', { addresses: ['192.168.67.120/31'] })
    const { plan, exitCode } = await planned(scene, shrunk, again)
    assert.equal(exitCode, 2)
    assert.deepEqual(
      plan.addresses.map(({ service, change }) => ({ service, change })),
      [{ service: WEB, change: 'interrupted' }],
    )
  })

  it('that objects in another namespace, and other kinds, change nothing', async () => {
    const elsewhere = object('IPAddressPool', 'far', { addresses: ['203.0.113.0/24'] }, 'default')
    const other = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', namespace: 'shop' } }
    const { plan, exitCode } = await planned(servedScene(), elsewhere, other)
    assert.equal(exitCode, 0)
    assert.deepEqual(plan.notes, [
      'IPAddressPool far changes nothing: it is in namespace default, and only objects in metallb-system count',
      'Deployment web changes nothing here: not a kind that Steelyard reads',
    ])
  })

  it('by files alone, without a cluster', async () => {
    const scene = servedScene()
    scene.speaker('worker-2', { ...OWNER, sessions: [session()] })
    const all = [...scene.cluster.state.tables.values()].flatMap((table) => [...table.values()])
    const files = {
      'state/all.yaml': stringify({ apiVersion: 'v1', kind: 'List', items: all }),
      'pool.yaml': stringify(object('IPAddressPool', 'first-pool', { addresses: ['192.168.67.121/32'] })),
    }
    const connect = (): never => assert.fail('it asked a cluster')
    const { out, exitCode } = await command(
      { files, connect },
      'plan',
      '--state',
      'state',
      '-f',
      'pool.yaml',
      '-o',
      'json',
    )
    assert.equal(exitCode, 2)
    assert.equal((JSON.parse(out) as Planned).addresses[0]?.change, 'moves')
  })
})

describe('a file is applied as kubectl would', () => {
  const live = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: 'web',
      namespace: 'shop',
      annotations: { 'metallb.io/ip-allocated-from-pool': 'first', mine: '1' },
    },
    spec: { type: 'LoadBalancer', clusterIP: '10.96.0.9', loadBalancerIP: '192.0.2.9' },
    status: { loadBalancer: { ingress: [{ ip: '192.0.2.9' }] } },
  } as KubeObject
  const file = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'shop' },
    spec: { type: 'LoadBalancer' },
  }
  const once = { metadata: { annotations: { mine: '1' } }, spec: { type: 'LoadBalancer', loadBalancerIP: '192.0.2.9' } }
  const rows: readonly (readonly [name: string, metadata: object, gone: boolean])[] = [
    ['what it never had stays', {}, false],
    [
      'what it had once goes (noted down by kubectl)',
      {
        annotations: {
          ...live.metadata.annotations,
          'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify(once),
        },
      },
      true,
    ],
    [
      'what it had once goes (server-side apply)',
      {
        managedFields: [
          {
            manager: 'kubectl',
            operation: 'Apply',
            fieldsV1: {
              'f:metadata': { 'f:annotations': { 'f:mine': {} } },
              'f:spec': { 'f:type': {}, 'f:loadBalancerIP': {} },
            },
          },
        ],
      },
      true,
    ],
  ]
  for (const [name, metadata, gone] of rows) {
    it(name, () => {
      const result = applied({ ...live, metadata: { ...live.metadata, ...metadata } }, file) as KubeObject & {
        readonly spec: { readonly loadBalancerIP?: string; readonly clusterIP?: string }
        readonly status: object
      }
      assert.equal(result.spec.loadBalancerIP, gone ? undefined : '192.0.2.9')
      assert.equal(result.spec.clusterIP, '10.96.0.9')
      assert.equal(result.metadata.annotations?.['metallb.io/ip-allocated-from-pool'], 'first')
      assert.deepEqual(result.status, { loadBalancer: { ingress: [{ ip: '192.0.2.9' }] } })
    })
  }
})
