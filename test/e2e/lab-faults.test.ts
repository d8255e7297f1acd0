import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { after, before, describe, it } from 'node:test'
import type { Client } from '../lab/client/client.ts'
import { startWitness } from '../lab/client/witness.ts'
import { type Lab, startLab } from '../lab/lab.ts'
import { countByMac } from '../lab/wire/answerers.ts'

/** What the lab can make go wrong is shown to go wrong, and to be mended again, before anything is judged by it. */

type Process = { readonly pid: number; readonly state: string; readonly commandLine: string }

/** Of the whole machine, with the state of each as ps(1) gives it: T stands still. */
function processes(): readonly Process[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
        const commandLine = readFileSync(`/proc/${pid}/cmdline`, 'utf8')
        return [{ pid: Number(pid), state: stat.slice(stat.lastIndexOf(')') + 2)[0] ?? '', commandLine }]
      } catch {
        return []
      }
    })
}

const WEB = `
apiVersion: v1
kind: Pod
metadata: { name: web, labels: { app: web } }
spec:
  nodeSelector: { kubernetes.io/hostname: n2 }
  containers: [{ name: web, image: any, ports: [{ containerPort: 80 }] }]
---
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { type: NodePort, selector: { app: web }, ports: [{ port: 80, nodePort: 30080 }] }
`

describe('a lab in which things go wrong', () => {
  let lab: Lab
  let user: Client
  before(async () => {
    lab = await startLab({ suffix: `w${process.pid}`, nodes: 2, nodeGraceMs: 1500, secondLan: true })
    user = await lab.addMachine('user', 50, 'second')
    await lab.apply(WEB)
    await lab.waitFor('the Service to answer', () => lab.client.curl('http://192.168.67.12:30080/'))
  })
  after(() => lab.stop())

  const reaches = async (from: Pick<Client, 'run'>, address: string): Promise<boolean> =>
    (await from.run(`ip neighbour flush all; ping -c 1 -W 0.5 ${address}`)).status === 0
  const isReady = async (node: string): Promise<boolean> => {
    type Node = { status: { conditions: { type: string; status: string }[] } }
    const { status } = await lab.api.get<Node>(`/api/v1/nodes/${node}`)
    return status.conditions.some((each) => each.type === 'Ready' && each.status === 'True')
  }
  /** The kube-proxy of a node, the lab's hand there, and its Pod. */
  const statesOf = (node: string, pid: number): readonly string[] =>
    processes()
      .filter(
        ({ pid: other, commandLine }) =>
          other === pid ||
          commandLine.includes(`${lab.folder}/kube-proxy-${node}.json`) ||
          commandLine.includes(`${lab.folder}/agent-${node}.sock`),
      )
      .map(({ state }) => state)

  it('has two LANs, which know nothing of each other', async () => {
    assert.equal((await user.curl('http://192.168.68.12:30080/'))?.pod, 'web')
    assert.deepEqual(
      [
        await reaches(user, '192.168.68.11'),
        await reaches(user, '192.168.67.50'),
        await reaches(lab.client, '192.168.68.50'),
      ],
      [true, false, false],
    )
  })

  it('cuts one of the two cables of a node, and the node sees that carrier go, not the other', async () => {
    const carrier = (device: string): Promise<string> => lab.node('n1').exec(`ip -o link show ${device}`)
    await lab.faults.cutLink('n1', 'second')
    assert.match(await carrier('eth1'), /NO-CARRIER/)
    assert.doesNotMatch(await carrier('eth0'), /NO-CARRIER/)
    assert.deepEqual([await reaches(user, '192.168.68.11'), await reaches(lab.client, '192.168.67.11')], [false, true])
    await lab.faults.restoreLink('n1', 'second')
    await lab.waitFor('the second cable to carry again', () => reaches(user, '192.168.68.11'))
  })

  it('lets a node stand still: nothing runs there, nothing passes, its carrier stays, and it goes on afterwards', async () => {
    const pid =
      lab.programs
        .pods()
        .find(({ name }) => name === 'web')
        ?.pid() ?? 0
    assert.equal(statesOf('n2', pid).includes('T'), false)
    await lab.faults.freezeNode('n2')
    // A stop is only signalled: each program stands still when it is next scheduled.
    await lab.waitFor('its three programs to stand still', () =>
      Promise.resolve(statesOf('n2', pid).join('') === 'TTT'),
    )
    assert.deepEqual([await reaches(lab.client, '192.168.67.12'), await reaches(user, '192.168.68.12')], [false, false])
    assert.doesNotMatch(await lab.node('n2').exec('ip -o link show eth0'), /NO-CARRIER/)
    assert.equal(await reaches(lab.client, '192.168.67.11'), true)
    await lab.waitFor('the node to count as lost', async () => !(await isReady('n2')))
    await lab.faults.thawNode('n2')
    await lab.waitFor('the node to be back', () => isReady('n2'))
    assert.equal(statesOf('n2', pid).includes('T'), false)
    await lab.waitFor('its Pod to answer', () => lab.client.curl('http://192.168.67.12:30080/'))
  })

  it('splits the LAN with its machines, and joins it again', async () => {
    await lab.addMachine('beside', 51)
    await lab.faults.partition(['n1', 'beside'], ['n2', 'client'])
    assert.deepEqual(
      [await reaches(lab.client, '192.168.67.11'), await reaches(lab.client, '192.168.67.12')],
      [false, true],
    )
    await lab.faults.healPartition()
    await lab.waitFor('the client to reach n1', () => reaches(lab.client, '192.168.67.11'))
  })

  it('keeps every core busy, until it is told to stop', async () => {
    const loops = (): number =>
      processes().filter(({ commandLine }) => commandLine.includes('while :; do :; done')).length
    const others = loops()
    await lab.faults.saturate()
    await lab.faults.saturate()
    assert.equal(loops() - others, cpus().length)
    await lab.faults.relieve()
    assert.equal(loops(), others)
  })

  it('marks a node as being in maintenance, and takes the mark away', async () => {
    type Node = { metadata: { annotations?: Readonly<Record<string, string>> } }
    const mark = async (): Promise<string | undefined> =>
      (await lab.api.get<Node>('/api/v1/nodes/n1')).metadata.annotations?.['steelyard.dev/maintenance']
    await lab.faults.startMaintenance('n1')
    assert.equal(await mark(), 'true')
    await lab.faults.endMaintenance('n1')
    assert.equal(await mark(), undefined)
  })

  it('has a witness who tells when connections came about and who answered for an address', async () => {
    const asker = await lab.addMachine('asker', 52)
    const witness = await startWitness(lab, { client: lab.client, asker, addresses: ['192.168.67.12'], port: 30_080 })
    await lab.waitFor('ten answers', () => witness.answers('192.168.67.12').length >= 10)
    const seen = await witness.stop()
    const answers = seen.answers('192.168.67.12')
    assert.deepEqual(Object.keys(countByMac(answers)), [lab.node('n2').mac])
    assert.ok(seen.client.successes > 5, `${seen.client.successes} connections`)
    assert.equal(seen.client.successAt.length, seen.client.successes)
    assert.deepEqual(
      seen.client.successAt.toSorted((one, other) => one - other),
      seen.client.successAt,
    )
    assert.ok(Math.abs((answers[0]?.at ?? 0) - (seen.client.successAt[0] ?? 0)) < 5000, 'both tell the same time')
  })

  it('stops a program in order, which stays down until it is started again', async () => {
    const pod = lab.programs.pods().find(({ name }) => name === 'web') ?? assert.fail('no Pod')
    await lab.programs.stop(pod, { restart: false })
    assert.equal(pod.pid(), undefined)
    await lab.waitFor('it not to be ready', () => !pod.isReady())
    lab.programs.restart(pod)
    await lab.waitFor('it to be back', () => lab.client.curl('http://192.168.67.12:30080/'))
  })
})
