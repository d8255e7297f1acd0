import assert from 'node:assert/strict'
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { after, before, describe, it } from 'node:test'
import type { Readable } from 'node:stream'
import { type Namespaces, openNamespaces } from '../netns/namespaces.ts'
import { lackingFeatures } from './features.ts'

const VIP = '198.51.100.1'

describe('the kernel that the ring runs on', () => {
  let spaces: Namespaces
  const running: ChildProcessByStdio<null, Readable, Readable>[] = []
  before(() => {
    spaces = openNamespaces('kf')
  })
  after(() => {
    for (const child of running) child.kill('SIGKILL')
    spaces.close()
  })

  /** Two machines with a cable, 10.0.N.1 and 10.0.N.2, each end called e0. */
  const pair = (labels: readonly [string, string], net: number): readonly [string, string] => {
    const [one, two] = [spaces.add(labels[0]), spaces.add(labels[1])]
    spaces.connect({ namespace: one, name: 'e0' }, { namespace: two, name: 'e0' })
    spaces.ip(one, 'address', 'add', `10.0.${net}.1/24`, 'dev', 'e0')
    spaces.ip(two, 'address', 'add', `10.0.${net}.2/24`, 'dev', 'e0')
    return [one, two]
  }
  const ping = (from: string, ...args: readonly string[]): { status: number | null; stdout: string } =>
    spaces.run(from, 'ping', '-n', '-c', '1', '-W', '2', ...args)
  /** Starts a program there and waits until it says that it is ready. */
  const startIn = async (namespace: string, command: readonly string[], ready: RegExp): Promise<Readable> => {
    const child = spawn('ip', ['netns', 'exec', namespace, ...command], { stdio: ['ignore', 'pipe', 'pipe'] })
    running.push(child)
    let said = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => (said += text))
    }
    await until(() => ready.test(said))
    return child.stdout
  }

  it('lacks nothing that is asked of it', () => assert.deepEqual(lackingFeatures(), []))

  it('keeps what is in a VRF apart: only who is bound to it reaches its far end', () => {
    const [here] = pair(['va', 'vb'], 1)
    spaces.ip(here, 'link', 'add', 'red', 'type', 'vrf', 'table', '10')
    spaces.ip(here, 'link', 'set', 'red', 'up')
    assert.equal(ping(here, '10.0.1.2').status, 0, 'before the interface is in the VRF')
    spaces.ip(here, 'link', 'set', 'e0', 'master', 'red')
    assert.notEqual(ping(here, '10.0.1.2').status, 0, 'unbound')
    assert.equal(ping(here, '-I', 'red', '10.0.1.2').status, 0, 'bound')
  })

  it('puts the tag of a VLAN on the wire', async () => {
    const [here, there] = pair(['ta', 'tb'], 2)
    for (const [space, host] of [
      [here, 1],
      [there, 2],
    ] as const) {
      spaces.ip(space, 'link', 'add', 'link', 'e0', 'name', 'e0.10', 'type', 'vlan', 'id', '10')
      spaces.ip(space, 'address', 'add', `10.0.3.${host}/24`, 'dev', 'e0.10')
      spaces.ip(space, 'link', 'set', 'e0.10', 'up')
    }
    const command = ['tcpdump', '-i', 'e0', '-n', '-e', '-l', '--immediate-mode', '-c', '1', 'vlan and arp']
    const capture = await startIn(there, command, /listening/)
    const frame = once(capture, 'data')
    assert.equal(ping(here, '10.0.3.2').status, 0)
    assert.match(String(await frame), /vlan 10, .*who-has 10\.0\.3\.2 tell 10\.0\.3\.1/)
  })

  it('changes to the other leg of an active-backup bond when the first loses its carrier', async () => {
    const [here, there] = [spaces.add('ba'), spaces.add('bb')]
    spaces.ip(here, 'link', 'add', 'b0', 'type', 'bond', 'mode', 'active-backup', 'miimon', '50')
    spaces.ip(there, 'link', 'add', 'switch', 'type', 'bridge')
    for (const leg of ['l1', 'l2']) {
      spaces.connect({ namespace: here, name: leg }, { namespace: there, name: leg })
      spaces.ip(here, 'link', 'set', leg, 'down')
      spaces.ip(here, 'link', 'set', leg, 'master', 'b0')
      spaces.ip(there, 'link', 'set', leg, 'master', 'switch')
    }
    for (const [space, device, host] of [
      [here, 'b0', 1],
      [there, 'switch', 2],
    ] as const) {
      spaces.ip(space, 'address', 'add', `10.0.4.${host}/24`, 'dev', device)
      spaces.ip(space, 'link', 'set', device, 'up')
    }
    const active = (): string => /active_slave (\w+)/.exec(spaces.ip(here, '-d', 'link', 'show', 'b0'))?.[1] ?? 'none'
    await until(() => active() === 'l1')
    assert.equal(ping(here, '10.0.4.2').status, 0, 'over the first leg')
    spaces.ip(there, 'link', 'set', 'l1', 'down')
    await until(() => active() === 'l2')
    assert.equal(ping(here, '10.0.4.2').status, 0, 'over the second leg')
  })

  it('delays what leaves an interface with netem', () => {
    const [here] = pair(['na', 'nb'], 5)
    const tripMs = (): number => Number(/time=([\d.]+) ms/.exec(ping(here, '10.0.5.2').stdout)?.[1])
    tripMs()
    assert.ok(tripMs() < 100, 'without')
    assert.equal(spaces.run(here, 'tc', 'qdisc', 'add', 'dev', 'e0', 'root', 'netem', 'delay', '100ms').status, 0)
    assert.ok(tripMs() >= 100, 'with')
  })

  it('forwards a connection to a virtual address of IPVS, which is on a dummy as with kube-proxy', async () => {
    const [client, node] = pair(['ic', 'in'], 6)
    const server = spaces.add('is')
    spaces.connect({ namespace: node, name: 'e1' }, { namespace: server, name: 'e0' })
    spaces.ip(node, 'address', 'add', '10.0.7.1/24', 'dev', 'e1')
    spaces.ip(server, 'address', 'add', '10.0.7.2/24', 'dev', 'e0')
    spaces.ip(server, 'route', 'add', 'default', 'via', '10.0.7.1')
    spaces.ip(client, 'route', 'add', `${VIP}/32`, 'via', '10.0.6.2')
    assert.equal(spaces.run(node, 'sysctl', '-qw', 'net.ipv4.ip_forward=1').status, 0)
    spaces.ip(node, 'link', 'add', 'kube-ipvs0', 'type', 'dummy')
    spaces.ip(node, 'address', 'add', `${VIP}/32`, 'dev', 'kube-ipvs0')
    const web = `require('node:http').createServer((q, s) => s.end('behind ' + q.socket.remoteAddress)).listen(8080, '10.0.7.2', () => console.log('ready'))`
    await startIn(server, [process.execPath, '-e', web], /ready/)
    const ask = (): string => spaces.run(client, 'curl', '-s', '--max-time', '3', `http://${VIP}/`).stdout
    assert.equal(ask(), '', 'before there is a service')
    assert.equal(spaces.run(node, 'ipvsadm', '-A', '-t', `${VIP}:80`, '-s', 'rr').status, 0)
    assert.equal(spaces.run(node, 'ipvsadm', '-a', '-t', `${VIP}:80`, '-r', '10.0.7.2:8080', '-m').status, 0)
    assert.equal(ask(), 'behind 10.0.6.1')
  })
})

async function until(holds: () => boolean): Promise<void> {
  for (let waited = 0; !holds(); waited += 50) {
    assert.ok(waited < 5000, 'within 5 s')
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
