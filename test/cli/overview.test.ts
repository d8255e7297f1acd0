import { CONFIG_MAPS, CUSTOM_RESOURCE_DEFINITIONS, type MemoryCluster, NODES, type Resource } from '@steelyard/kube'
import { EXCLUDE_FROM_BALANCERS_LABEL, type KubeObject } from '@steelyard/model'
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parse } from 'yaml'
import { command, type Result } from './command.ts'
import { assertGolden } from './golden.ts'
import { busyScene, DAEMON_SETS, metallbScene, nodeHost, WEBHOOKS } from './overview-scenes.ts'
import { PRODUCT, servedScene, WEB_IP } from './scene.ts'

/** What docs/cli.md shows of each command, as the command prints it. */
describe('the output of', () => {
  const busy = { cluster: busyScene().cluster }
  const rows: readonly (readonly [name: string, exitCode: number, run: () => Promise<Result>])[] = [
    ['status', 0, () => command(busy, 'status')],
    ['services', 0, () => command(busy, 'services')],
    ['services-problems', 0, () => command(busy, 'services', '--problems')],
    ['pools', 0, () => command(busy, 'pools')],
    ['sessions', 0, () => command(busy, 'sessions')],
    ['moves', 0, () => command(busy, 'moves')],
    ['explain-address', 0, () => command(busy, 'explain', 'address', WEB_IP)],
    ['explain-address-free', 2, () => command(busy, 'explain', 'address', '192.168.67.127')],
    ['maintenance', 0, () => command({ cluster: busyScene().cluster }, 'maintenance', 'worker-2')],
    ['maintenance-off', 0, () => command({ cluster: busyScene().cluster }, 'maintenance', 'worker-2', '--off')],
    ['check', 2, () => command({ cluster: metallbScene().cluster }, 'check')],
    ['check-node', 2, () => command({ host: nodeHost() }, 'check', '--node')],
    ['migrate', 0, () => command({ cluster: metallbScene().cluster }, 'migrate', '--check')],
    ['plan', 2, () => command({ ...busy, files: { 'pool.yaml': SHRUNK } }, 'plan', '-f', 'pool.yaml')],
    ['help', 0, () => command({}, 'help')],
  ]
  for (const [name, exitCode, run] of rows) {
    it(name, async () => {
      const result = await run()
      assert.equal(result.err, '')
      assert.equal(result.exitCode, exitCode)
      assertGolden(`cli/${name}`, result.out)
    })
  }
})

const SHRUNK = `apiVersion: metallb.io/v1beta1
kind: IPAddressPool
metadata: { name: first-pool, namespace: ${PRODUCT} }
spec: { addresses: [192.168.67.121-192.168.67.127] }
`

describe('the same for programs', () => {
  for (const argv of [
    ['status'],
    ['services'],
    ['pools'],
    ['sessions'],
    ['moves'],
    ['check'],
    ['migrate', '--check'],
    ['explain', 'service', 'shop/web'],
    ['version'],
    ['help'],
  ]) {
    it(`${argv.join(' ')} as JSON and as YAML`, async () => {
      const { cluster } = busyScene()
      const [json, yaml] = await Promise.all([
        command({ cluster }, ...argv, '-o', 'json'),
        command({ cluster }, ...argv, '-o', 'yaml'),
      ])
      assert.deepEqual(JSON.parse(json.out), parse(yaml.out))
    })
  }
})

describe('colours', () => {
  const coloured = async (world: object): Promise<boolean> =>
    (await command({ cluster: busyScene().cluster, ...world }, 'status')).out.includes('\u001B[')
  it('are for terminals', async () => assert.equal(await coloured({ isTerminal: true }), true))
  it('are not for pipes', async () => assert.equal(await coloured({ isTerminal: false }), false))
  it('are off with NO_COLOR', async () =>
    assert.equal(await coloured({ isTerminal: true, env: { NO_COLOR: '1' } }), false))
  it('do not move columns', async () => {
    const plain = await command({ cluster: busyScene().cluster }, 'status')
    const painted = await command({ cluster: busyScene().cluster, isTerminal: true }, 'status')
    // eslint-disable-next-line no-control-regex
    assert.equal(painted.out.replaceAll(/\u001B\[\d+m/g, ''), plain.out)
  })
})

describe('maintenance', () => {
  const mark = (cluster: MemoryCluster): string | undefined =>
    cluster.read(NODES, { name: 'worker-2' })?.metadata.annotations?.['steelyard.dev/maintenance']
  it('sets the annotation of the Node, and takes it away', async () => {
    const { cluster } = busyScene()
    await command({ cluster }, 'maintenance', 'worker-2')
    assert.equal(mark(cluster), 'true')
    await command({ cluster }, 'maintenance', 'worker-2', '--off')
    assert.equal(mark(cluster), undefined)
  })
})

describe('check finds', () => {
  const put =
    (resource: Resource, object: object): ((cluster: MemoryCluster) => void) =>
    (cluster) =>
      void cluster.put(resource, object as KubeObject)
  const set = (name: string, image: string, namespace = 'kube-system'): object => ({
    metadata: { name, namespace },
    spec: { template: { spec: { containers: [{ name, image }] } } },
  })
  const rows: readonly (readonly [what: string, change: (cluster: MemoryCluster) => void, says: RegExp])[] = [
    [
      'kube-vip',
      put(DAEMON_SETS, set('kube-vip-ds', 'ghcr.io/kube-vip/kube-vip:v0.9')),
      /FAULT +other load balancers +kube-vip is there: DaemonSet kube-system\/kube-vip-ds/,
    ],
    [
      'ServiceLB of k3s',
      put(DAEMON_SETS, set('svclb-web-1', 'rancher/klipper-lb:v0.4')),
      /FAULT +other load balancers +ServiceLB is there/,
    ],
    [
      'MetalLB',
      put(DAEMON_SETS, set('speaker', 'quay.io/metallb/speaker:v0.15.2', PRODUCT)),
      /FAULT +other load balancers +MetalLB is there/,
    ],
    [
      'Cilium with pools',
      put(
        {
          group: 'cilium.io',
          version: 'v2',
          plural: 'ciliumloadbalancerippools',
          kind: 'CiliumLoadBalancerIPPool',
          namespaced: false,
          status: false,
        },
        { metadata: { name: 'blue' } },
      ),
      /FAULT +other load balancers +Cilium is there: CiliumLoadBalancerIPPool blue/,
    ],
    [
      'Calico that speaks BGP',
      put(DAEMON_SETS, set('calico-node', 'docker.io/calico/node:v3.30')),
      /ok +BGP of the network plugin +Calico .*Steelyard has no BGPPeer/,
    ],
    [
      'IPVS without strictARP',
      put(CONFIG_MAPS, {
        metadata: { name: 'kube-proxy', namespace: 'kube-system' },
        data: { 'config.conf': 'mode: ipvs\n' },
      }),
      /FAULT +kube-proxy +IPVS mode without strictARP/,
    ],
    [
      'exclusion labels on all nodes',
      (cluster) => {
        for (const node of cluster.readAll(NODES)) {
          cluster.put(NODES, {
            ...node,
            metadata: { ...node.metadata, labels: { [EXCLUDE_FROM_BALANCERS_LABEL]: '' } },
          })
        }
      },
      /FAULT +exclusion labels .*no node may announce/,
    ],
  ]
  for (const [what, change, says] of rows) {
    it(what, async () => {
      const { cluster } = servedScene()
      change(cluster)
      assert.match((await command({ cluster }, 'check')).out, says)
    })
  }
  it('nothing in a cluster where all is well', async () => {
    const { out, exitCode } = await command(servedScene(), 'check')
    assert.equal(exitCode, 0)
    assert.doesNotMatch(out, /FAULT|^warning/m)
  })
})

describe('migrate --check', () => {
  it('says what stands in the way: a Service that would lose its address', async () => {
    const scene = metallbScene()
    scene.pool('first-pool', { addresses: ['192.168.67.200/32'] })
    const { out, exitCode } = await command(scene, 'migrate', '--check')
    assert.equal(exitCode, 2)
    assert.match(
      out,
      /FAULT +addresses +1 of 1 Service would not keep theirs: shop\/web: 192\.168\.67\.120 is in no pool/,
    )
  })
  it('changes nothing', async () => {
    const { cluster } = metallbScene()
    const before = cluster.state.version
    await command({ cluster }, 'migrate', '--check')
    assert.equal(cluster.state.version, before)
  })
  it('names what the conversion and the webhook of MetalLB left', async () => {
    const { cluster } = metallbScene()
    assert.ok(cluster.readAll(CUSTOM_RESOURCE_DEFINITIONS).length > 0 && cluster.readAll(WEBHOOKS).length > 0)
    const { out } = await command({ cluster }, 'migrate', '--check')
    assert.match(out, /warning +conversion webhook +bgppeers\.metallb\.io has one left/)
    assert.match(out, /warning +validating webhook +metallb-webhook-configuration refuses all changes/)
  })
})

describe('completion', () => {
  for (const shell of ['bash', 'zsh', 'fish']) {
    it(`for ${shell} knows every command`, async () => {
      const { out } = await command({}, 'completion', shell)
      for (const name of ['status', 'explain', 'maintenance', 'plan', 'migrate']) assert.ok(out.includes(name), name)
    })
  }
})
