import assert from 'node:assert/strict'
import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it, type TestContext } from 'node:test'
import type { Answer } from '../lab/client/client.ts'
import { run } from '../lab/command.ts'
import { cgroupsOf } from '../lab/kubelets/cgroups.ts'
import { type KubeletCluster, type KubeletOptions, startKubelets, tracesOf } from '../lab/kubelets/cluster.ts'
import { type ContainerProcess, containerProcesses, logTails } from '../lab/kubelets/containers.ts'
import { waitFor } from '../lab/wait.ts'
import { REPOSITORY } from '../../scripts/image.ts'

const ROOT = new URL('../..', import.meta.url).pathname
const MANIFEST = `${ROOT}config/manifests/steelyard.yaml`
const POOL = `${ROOT}config/samples/first-pool.yaml`
const ADDRESS = '192.168.67.120'
const HEALTH_PORT = 17_472
const OPTIONS: KubeletOptions = { suffix: 'kl', nodes: 2 }
/** Bit 13 of the mask (linux/capability.h). */
const CAP_NET_RAW = '0000000000002000'
const NONE = '0000000000000000'
/** What a client may notice of a rollout: nothing that is longer than one retransmission of its SYN. */
const LONGEST_GAP_MS = 1000
const PRODUCT = ['-n', 'metallb-system', 'deployment/controller', 'daemonset/speaker'] as const

/** From an empty cluster to an answer on the LAN and back, by the image and the manifest that are shipped. */
describe('two real kubelets and the image', { timeout: 280_000 }, () => {
  let cluster: KubeletCluster
  let appliedAt = 0
  before(async () => {
    cluster = await startKubelets({ ...OPTIONS, log: console.error })
    writeFileSync(webFile(), webObjects(cluster.images.product.name))
  })
  after(() => cluster?.stop())

  it('kubectl apply on an empty cluster: every Pod is ready', async (context) => {
    const { product } = cluster.images
    context.diagnostic(`image: ${product.size} on a node, ${mib(product.archive?.bytes ?? 0)} to be pulled`)
    appliedAt = Date.now()
    await cluster.kubectl(['apply', '-f', MANIFEST])
    const [starts] = await Promise.all([startTimes(3), rolledOut()])
    context.diagnostic(`ready ${since(appliedAt)} after kubectl apply`)
    for (const start of starts) context.diagnostic(start)
    assert.equal(starts.length, 3)
  })

  it('the first Service is answered on the LAN', async (context) => {
    await cluster.kubectl(['apply', '-f', POOL, '-f', webFile()])
    const began = Date.now()
    const answer = await answered()
    assert.match(answer.node, /^n[12]$/)
    context.diagnostic(`answered ${since(appliedAt)} after kubectl apply, ${since(began)} after the Service's own`)
  })

  it('user, powers, filter and root are as the manifest says', (context) => {
    const seen = containerProcesses(cluster.nodes)
    assert.deepEqual(seen.map(({ program }) => program).toSorted(), ['controller', 'speaker', 'speaker'])
    for (const process of seen) assert.deepEqual(rightsOf(process), expectedRights(process))
    for (const { program, node, rssMiB } of seen) context.diagnostic(`${program} on ${node}: ${rssMiB.toFixed(0)} MiB`)
  })

  it('the webhook in the Pod is asked, and refuses a pool that overlaps', async () => {
    const file = join(cluster.folder, 'second-pool.yaml')
    writeFileSync(file, secondPool())
    await assert.rejects(cluster.kubectl(['apply', '-f', file]), /first-pool/)
  })

  it('kubectl rollout restart of both loses nothing', async (context) => {
    const speakers = containerProcesses(cluster.nodes).filter(({ program }) => program === 'speaker')
    await waitFor('the membership key on both nodes', () => speakers.every(hasKey), { timeoutMs: 60_000 })
    const before = containerProcesses(cluster.nodes).map(({ pid }) => pid)
    const knocker = await cluster.client.knock(ADDRESS, 80)
    await cluster.kubectl(['rollout', 'restart', ...PRODUCT])
    await rolledOut()
    const { attempts, failures, longestGapMs } = await knocker.stop()
    context.diagnostic(`${attempts} connections, ${failures} failed, longest gap ${longestGapMs.toFixed(0)} ms`)
    const now = containerProcesses(cluster.nodes).filter(({ pid }) => !before.includes(pid))
    assert.equal(now.length, 3, 'all are new')
    assert.ok(attempts > 100, `${attempts} attempts`)
    assert.ok(longestGapMs < LONGEST_GAP_MS, `${longestGapMs} ms`)
  })

  it('no container was started twice, and every probe holds', async () => {
    const counts = await podFacts('{.status.containerStatuses[0].restartCount} {.status.containerStatuses[0].ready}')
    assert.deepEqual(counts, ['0 true', '0 true', '0 true'])
  })

  it('kubectl delete leaves no trace but what is documented: the address in the status, a folder on each node', async (context) => {
    await cluster.kubectl(['delete', '-n', 'metallb-system', 'deployment/controller'])
    await remove(context)
    assert.equal(await addressOf('web'), ADDRESS)
    const folders = cluster.nodes.map(({ files }) => folderSize(join(files.state, 'steelyard')))
    context.diagnostic(
      `left in /var/lib/steelyard: ${folders.map((bytes) => `${(bytes / 1024).toFixed(0)} KiB`).join(', ')}`,
    )
    for (const bytes of folders) assert.ok(bytes > 0 && bytes < 64 * 1024, `${bytes} bytes`)
  })

  it('installed again, the Service is answered under the address that it had', async (context) => {
    const began = Date.now()
    await cluster.kubectl(['apply', '-f', MANIFEST])
    await rolledOut()
    await cluster.kubectl(['apply', '-f', POOL])
    await answered()
    assert.equal(await addressOf('web'), ADDRESS)
    context.diagnostic(`answered ${since(began)} after kubectl apply`)
  })

  it('deleted at once with its controller running, the kinds go first, and the address with its pool', async (context) => {
    await remove(context)
    // Whichever was faster: the end of the pool, which the controller saw, or that of its own rights.
    const address = await addressOf('web')
    assert.ok(['', ADDRESS].includes(address), address)
    context.diagnostic(address === '' ? 'the address went with its pool' : 'the address stayed')
  })

  it('the machine has nothing left of the cluster itself', () => {
    cluster.stop()
    const { namespaces, cgroups } = tracesOf(OPTIONS)
    assert.deepEqual(
      namespaces.filter((name) => existsSync(`/run/netns/${name}`)),
      [],
    )
    assert.deepEqual(cgroups.flatMap(cgroupsOf), [])
    assert.equal(existsSync(cluster.folder), false)
    assert.deepEqual(containerProcesses(cluster.nodes), [])
  })

  function webFile(): string {
    return join(cluster.folder, 'web.yaml')
  }

  async function rolledOut(): Promise<void> {
    try {
      await cluster.kubectl(['rollout', 'status', ...PRODUCT, '--timeout=80s'], 90_000)
    } catch (error) {
      const pods = await cluster.kubectl(['get', 'pods', '--all-namespaces', '--output=wide'])
      throw new Error(`the programs are not ready:\n${pods}\n${logTails(cluster.nodes)}`, { cause: error })
    }
  }

  /** How long each container took from its first instruction until it said that it was ready, asked by a client every 50 ms. */
  async function startTimes(count: number): Promise<readonly string[]> {
    const seen = new Map<number, string>()
    await waitFor(
      `${count} programs to say that they are ready`,
      async () => {
        for (const found of containerProcesses(cluster.nodes).filter(({ pid }) => !seen.has(pid))) {
          if (await saysReady(found))
            seen.set(found.pid, `${found.program} on ${found.node}: ready in ${since(found.startedAt)}`)
        }
        return seen.size === count
      },
      { timeoutMs: 80_000 },
    )
    return [...seen.values()]
  }

  async function podFacts(path: string): Promise<readonly string[]> {
    const template = `jsonpath={range .items[*]}${path}{"\\n"}{end}`
    const text = await cluster.kubectl(['get', 'pods', '-n', 'metallb-system', '-o', template])
    return text.trim().split('\n')
  }

  /** By the manifest; nothing of ours runs, is stored or answers then. */
  async function remove(context: TestContext): Promise<void> {
    const began = Date.now()
    await cluster.kubectl(['delete', '--ignore-not-found', '-f', MANIFEST, '--timeout=60s'], 70_000)
    context.diagnostic(`deleted in ${since(began)}`)
    await waitFor('all containers to be gone', () => containerProcesses(cluster.nodes).length === 0)
    const kinds = 'crd,clusterroles,clusterrolebindings,validatingwebhookconfigurations,namespaces'
    const left = await cluster.kubectl(['get', kinds, '-o', 'name'])
    assert.deepEqual(
      left.split('\n').filter((name) => /metallb|steelyard/.test(name)),
      [],
    )
    await cluster.client.forgetNeighbours()
    assert.equal(await cluster.client.curl(`http://${ADDRESS}/`), undefined)
  }

  function addressOf(service: string): Promise<string> {
    return cluster.kubectl(['get', 'service', service, '-o', 'jsonpath={.status.loadBalancer.ingress[0].ip}'])
  }

  function answered(): Promise<Answer> {
    return waitFor('an answer', () => cluster.client.curl(`http://${ADDRESS}/`), {
      timeoutMs: 40_000,
      background: () => logTails(cluster.nodes),
    })
  }
})

/** The Secret of membership is made after the first speakers have started, and kubelets bring it when it suits them. */
function hasKey({ pid }: ContainerProcess): boolean {
  return existsSync(`/proc/${pid}/root/etc/ml_secret_key/secretkey`)
}

function folderSize(folder: string): number {
  return readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0)
}

async function saysReady({ pid }: ContainerProcess): Promise<boolean> {
  const url = `http://127.0.0.1:${HEALTH_PORT}/readyz`
  const { status } = await run(['nsenter', `--target=${pid}`, '--net', '--', 'curl', '-sf', '--max-time', '1', url])
  return status === 0
}

type Rights = Pick<
  ContainerProcess,
  'uid' | 'capabilities' | 'bounding' | 'noNewPrivileges' | 'filtered' | 'rootReadOnly'
>

function rightsOf({ uid, capabilities, bounding, noNewPrivileges, filtered, rootReadOnly }: ContainerProcess): Rights {
  return { uid, capabilities, bounding, noNewPrivileges, filtered, rootReadOnly }
}

function expectedRights({ program }: ContainerProcess): Rights {
  const mask = program === 'speaker' ? CAP_NET_RAW : NONE
  const uid = program === 'speaker' ? 0 : 65_534
  return { uid, capabilities: mask, bounding: mask, noNewPrivileges: true, filtered: true, rootReadOnly: true }
}

function since(at: number): string {
  return `${((Date.now() - at) / 1000).toFixed(1)} s`
}

function mib(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`
}

function secondPool(): string {
  return JSON.stringify({
    apiVersion: 'metallb.io/v1beta1',
    kind: 'IPAddressPool',
    metadata: { name: 'second', namespace: 'metallb-system' },
    spec: { addresses: [`${ADDRESS}/32`] },
  })
}

const ANSWERER = `
const said = JSON.stringify({ pod: process.env.HOSTNAME, node: process.env.NODE })
require('node:http').createServer((request, response) => response.end(said)).listen(8080)
process.on('SIGTERM', () => process.exit(0))`

/** Two Pods that say where they are, and their Service. The image has Node, and that is all it takes. */
function webObjects(image: string): string {
  assert.ok(image.startsWith(REPOSITORY))
  const labels = { app: 'web' }
  const container = {
    name: 'web',
    image,
    command: ['node', '--eval', ANSWERER],
    env: [{ name: 'NODE', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } }],
    readinessProbe: { httpGet: { path: '/', port: 8080 }, periodSeconds: 1 },
  }
  const template = { metadata: { labels }, spec: { terminationGracePeriodSeconds: 0, containers: [container] } }
  const metadata = { name: 'web', namespace: 'default' }
  const items = [
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: { replicas: 2, selector: { matchLabels: labels }, template },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata,
      spec: { type: 'LoadBalancer', selector: labels, ports: [{ name: 'http', port: 80, targetPort: 8080 }] },
    },
  ]
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items })
}
