import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import type { Service } from '@steelyard/model'
import { urlHost } from '../lab/client/client.ts'
import type { LabPod } from '../lab/programs.ts'
import { LabRunningError } from '../lab/journal.ts'
import { type Lab, startLab } from '../lab/lab.ts'
import { waitFor } from '../lab/wait.ts'

/** The lab is the judge of everything else, so it is judged first, without our own programs. */

const SUFFIX = `t${process.pid}`

const WEB = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: 3
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers:
        - name: web
          image: any
          ports: [{ containerPort: 80 }, { containerPort: 7, protocol: UDP }]
---
apiVersion: v1
kind: Service
metadata: { name: web }
spec:
  type: NodePort
  ipFamilyPolicy: RequireDualStack
  clusterIP: 10.96.0.80
  clusterIPs: [10.96.0.80, "fd00:96::80"]
  selector: { app: web }
  ports:
    - { name: http, port: 80, nodePort: 30080 }
    - { name: echo, port: 7, nodePort: 30007, protocol: UDP }
`

function namespacesOf(suffix: string): readonly string[] {
  return readdirSync('/run/netns').filter((name) => name.endsWith(`-${suffix}`))
}

/** The processes whose command line holds `text`. */
function processesWith(text: string): readonly string[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .filter((pid) => readCommandLine(pid).includes(text))
}

function readCommandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return ''
  }
}

async function startWeb(lab: Lab): Promise<readonly LabPod[]> {
  await lab.apply(WEB)
  return lab.waitFor('three web Pods', () => {
    const pods = lab.programs.pods().filter(({ name }) => name.startsWith('web-'))
    return pods.length === 3 && pods.every(({ isReady }) => isReady()) && pods
  })
}

for (const proxyMode of ['iptables', 'nftables'] as const) {
  describe(`a lab with kube-proxy in ${proxyMode} mode`, () => {
    let lab: Lab
    let pods: readonly LabPod[]
    before(async () => {
      lab = await startLab({ suffix: SUFFIX, proxyMode, nodeGraceMs: 1500 })
      pods = await startWeb(lab)
      await lab.waitFor('the Service to answer', () => lab.client.curl('http://192.168.67.11:30080/'))
    })
    after(() => lab.stop())

    it('spreads the Pods of a Deployment over its nodes', () => {
      assert.deepEqual(pods.map(({ node }) => node).toSorted(), ['n1', 'n2', 'n3'])
    })

    for (const [family, address] of [
      ['IPv4', '192.168.67.12'],
      ['IPv6', '[fc00:67::12]'],
    ] as const) {
      it(`answers the LAN client through a node port by ${family}, from every Pod in turn`, async () => {
        const seen = new Set<string>()
        await lab.waitFor('an answer from all three', async () => {
          seen.add((await lab.client.curl(`http://${address}:30080/`))?.pod ?? '')
          return pods.every(({ name }) => seen.has(name))
        })
      })
    }

    for (const [family, address] of [
      ['IPv4', '192.168.67.13'],
      ['IPv6', 'fc00:67::13'],
    ] as const) {
      it(`echoes a datagram through a node port by ${family}`, async () => {
        const answer = await lab.client.udp(address, 30_007, 'hello')
        assert.equal(answer?.said, 'hello')
      })
    }

    it('answers at the cluster IP, from a node and from the client by way of a node', async () => {
      const fromNode = await lab.node('n1').exec(['curl', '-sS', '--max-time', '2', 'http://10.96.0.80/'])
      assert.match(fromNode, /"pod":"web-/)
      await lab.client.exec(
        'ip route add 10.96.0.0/16 via 192.168.67.11; ip -6 route add fd00:96::/108 via fc00:67::11',
      )
      assert.match((await lab.client.curl('http://10.96.0.80/'))?.pod ?? '', /^web-/)
      assert.match((await lab.client.curl('http://[fd00:96::80]/'))?.pod ?? '', /^web-/)
    })

    for (const [family, index] of [
      ['IPv4', 0],
      ['IPv6', 1],
    ] as const) {
      it(`connects Pods of different nodes with each other by ${family}`, async () => {
        const [one, other] = pods as [LabPod, LabPod]
        const url = `http://${urlHost(other.ips[index] ?? '')}/`
        const from = ['nsenter', `--net=/run/netns/${one.networkNamespace}`]
        const said = await lab.node(one.node).exec([...from, 'curl', '-g', '-sS', '--max-time', '2', url])
        const answer = { pod: other.name, node: other.node, client: one.ips[index], path: '/' }
        assert.deepEqual(JSON.parse(said), answer)
      })
    }

    it('shows the ARP exchange of the client on the wire, decoded', async () => {
      await lab.client.forgetNeighbours()
      const capture = await lab.capture('client', 'arp host 192.168.67.12')
      await lab.client.curl('http://192.168.67.12:30080/')
      await capture.waitFor('a reply', ({ arp }) => arp?.operation === 'reply')
      const [request, reply] = (await capture.stop()).map(({ arp }) => arp)
      assert.deepEqual([request?.operation, request?.targetIp], ['request', '192.168.67.12'])
      assert.deepEqual([reply?.senderMac, reply?.senderIp], [lab.node('n2').mac, '192.168.67.12'])
      const learnt = (await lab.client.neighbours()).find(({ address }) => address === '192.168.67.12')
      assert.equal(learnt?.mac, lab.node('n2').mac)
    })

    it('takes a Pod that is not ready out of the Service, and an ended one back in', async () => {
      const [one, two, three] = pods as [LabPod, LabPod, LabPod]
      lab.programs.setReady(one, false)
      lab.programs.kill(two, { restart: false })
      const answering = async (): Promise<readonly string[]> => {
        const { items } = await lab.api.list<{
          endpoints: { conditions: { ready: boolean }; targetRef: { name: string } }[]
        }>(
          '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices?labelSelector=kubernetes.io%2Fservice-name%3Dweb',
        )
        return items.flatMap(({ endpoints }) =>
          endpoints.flatMap((each) => (each.conditions.ready ? [each.targetRef.name] : [])),
        )
      }
      await lab.waitFor('one endpoint of each family', async () => {
        const names = await answering()
        return names.length === 2 && names.every((name) => name === three.name)
      })
      lab.programs.setReady(one, undefined)
      lab.programs.restart(two)
      await lab.waitFor('three endpoints of each family', async () => (await answering()).length === 6)
    })

    it('calls a node whose cable is cut NotReady, and Ready when it is mended', async () => {
      const readyOf = async (): Promise<string | undefined> => {
        const node = await lab.api.get<{ status: { conditions: { type: string; status: string }[] } }>(
          '/api/v1/nodes/n2',
        )
        return node.status.conditions.find(({ type }) => type === 'Ready')?.status
      }
      await lab.faults.cutLink('n2')
      await lab.waitFor('NotReady', async () => (await readyOf()) === 'Unknown')
      await lab.faults.restoreLink('n2')
      await lab.waitFor('Ready', async () => (await readyOf()) === 'True')
    })

    it('splits two nodes, not those beside them, and joins them again', async () => {
      const reaches = async (from: string, to: string): Promise<boolean> =>
        (await lab.node(from).run(`ip neighbour flush dev eth0; ping -c 1 -W 0.5 ${to}`)).status === 0
      await lab.faults.partition(['n1'], ['n2'])
      assert.deepEqual([await reaches('n1', '192.168.67.12'), await reaches('n1', '192.168.67.13')], [false, true])
      await lab.faults.healPartition()
      await lab.waitFor('n1 to reach n2', () => reaches('n1', '192.168.67.12'))
    })

    it('goes on answering without its API server, and has its state back with it', async () => {
      await lab.faults.stopApiServer()
      assert.notEqual((await lab.tryKubectl(['get', 'nodes', '--request-timeout=1s'])).status, 0)
      const knocker = await lab.client.knock('192.168.67.11', 30_080)
      await new Promise((resolve) => setTimeout(resolve, 500))
      const { successes, failures } = await knocker.stop()
      assert.ok(successes > 5, `${successes} successes`)
      assert.equal(failures, 0)
      await lab.faults.startApiServer()
      await lab.kubectl(['expose', 'deployment', 'web', '--name=late', '--port=80', '--type=NodePort'])
      const { spec } = await lab.api.get<Service>('/api/v1/namespaces/default/services/late')
      await lab.waitFor('a Service made afterwards to answer', () =>
        lab.client.curl(`http://192.168.67.12:${spec?.ports?.[0]?.nodePort ?? 0}/`),
      )
    })

    it('takes one more machine on its LAN', async () => {
      const second = await lab.addMachine('second', 51)
      assert.equal((await second.curl('http://192.168.67.11:30080/'))?.node.startsWith('n'), true)
    })

    it('is not started twice with one suffix', async () => {
      await assert.rejects(startLab({ suffix: SUFFIX }), LabRunningError)
    })
  })
}

describe('the end of a lab', () => {
  it('leaves no namespace, process or folder, beside another that goes on', async () => {
    const [one, other] = await Promise.all([
      startLab({ suffix: SUFFIX, nodes: 1 }),
      startLab({ suffix: `${SUFFIX}b`, nodes: 1 }),
    ])
    try {
      assert.equal(namespacesOf(SUFFIX).length, 3)
      await one.stop()
      assert.deepEqual(namespacesOf(SUFFIX), [])
      assert.deepEqual(processesWith(one.folder), [])
      assert.equal(existsSync(one.folder), false)
      assert.match(await other.kubectl(['get', 'nodes']), /n1\s+Ready/)
    } finally {
      await Promise.all([one.stop(), other.stop()])
    }
    assert.deepEqual(namespacesOf(`${SUFFIX}b`), [])
    assert.deepEqual(processesWith(other.folder), [])
  })

  const PROGRAM = `
    const { startLab } = await import(${JSON.stringify(new URL('../lab/lab.ts', import.meta.url).href)})
    const lab = await startLab({ suffix: '${SUFFIX}c', nodes: 1 })
    console.log(lab.folder)
    setInterval(() => {}, 1000)`

  for (const [signal, leavesNamespaces] of [
    ['SIGTERM', false],
    ['SIGINT', false],
    ['SIGKILL', true],
  ] as const) {
    it(`comes by ${signal} too${leavesNamespaces ? ', as far as the kernel can, and the next run does the rest' : ''}`, async () => {
      const child = spawn(process.execPath, ['--input-type=module', '--eval', PROGRAM], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      const [folder] = (await once(child.stdout, 'data')) as [Buffer]
      const gone = once(child, 'exit')
      child.kill(signal)
      assert.deepEqual(await gone, [null, signal])
      // After SIGKILL it is the kernel that ends them, one after the other.
      await waitFor('its processes to be gone', () => processesWith(folder.toString().trim()).length === 0)
      assert.equal(namespacesOf(`${SUFFIX}c`).length > 0, leavesNamespaces)
      if (!leavesNamespaces) return
      const next = await startLab({ suffix: SUFFIX, nodes: 1 })
      assert.deepEqual(namespacesOf(`${SUFFIX}c`), [])
      assert.equal(existsSync(folder.toString().trim()), false)
      await next.stop()
    })
  }
})
