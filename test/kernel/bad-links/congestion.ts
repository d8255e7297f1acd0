import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { endWithProcess } from '../../lab/end.ts'
import type { Namespaces } from '../../netns/namespaces.ts'
import { setQueue } from './quality.ts'

/** Whether what is urgent goes first, by the bands of a queue, or waits its turn in one that has none, as if nothing said that it is. */
export type Turns = 'by urgency' | 'as they come'

/** An address behind `e0` that nobody has, so that nobody complains of what is sent there. */
const SINK = { ip: '192.0.2.250', mac: '02:00:00:00:00:fe' } as const
/** As many sockets as fill the queue with what the kernel lets each have on its way: some 90 datagrams. */
const FLOODS = 6
const FLOOD_BYTES = 1400
/** 550 datagrams of 1442 bytes take 1.6 s at that. */
const RATE = '4mbit'

const QUEUES: Readonly<Record<Turns, readonly string[]>> = {
  'by urgency': ['parent', '1:1', 'handle', '10:', 'pfifo_fast'],
  'as they come': ['parent', '1:1', 'handle', '10:', 'pfifo', 'limit', '1000'],
}

export type Congestion = {
  readonly setTurns: (turns: Turns) => void
  /** May be called twice. */ readonly end: () => Promise<void>
}

/**
 * Narrows what leaves a namespace by `e0`, behind the queue that Linux has by default (`pfifo_fast`), and fills it
 * with bulk of that namespace's own.
 */
export function congest(spaces: Namespaces, namespace: string): Congestion {
  const device = { namespace, name: 'e0' }
  setQueue(spaces, device, ['root', 'handle', '1:', 'tbf', 'rate', RATE, 'burst', '5kb', 'limit', '3mb'])
  setQueue(spaces, device, QUEUES['by urgency'])
  spaces.ip(namespace, 'neigh', 'replace', SINK.ip, 'lladdr', SINK.mac, 'dev', 'e0', 'nud', 'permanent')
  const flood = `exec dd if=/dev/zero bs=${FLOOD_BYTES} status=none >/dev/udp/${SINK.ip}/9`
  const floods = Array.from({ length: FLOODS }, () =>
    spawn('ip', ['netns', 'exec', namespace, 'bash', '-c', flood], { stdio: 'ignore' }),
  )
  const closed = Promise.all(floods.map((child) => once(child, 'close')))
  const stop = endWithProcess(() => floods.forEach((child) => child.kill('SIGKILL')), false)
  return {
    setTurns: (turns) => {
      spaces.run(namespace, 'tc', 'qdisc', 'del', 'dev', 'e0', 'parent', '1:1')
      setQueue(spaces, device, QUEUES[turns])
    },
    end: async () => {
      stop()
      await closed
      spaces.run(namespace, 'tc', 'qdisc', 'del', 'dev', 'e0', 'root')
    },
  }
}

/** How long an echo without urgency takes to another address of the LAN and back, milliseconds. */
export function roundTripMs(spaces: Namespaces, namespace: string, to: string): number {
  const { stdout } = spaces.run(namespace, 'ping', '-c', '3', '-i', '0.3', '-W', '10', to)
  const [, middle] = /= [\d.]+\/([\d.]+)\//.exec(stdout) ?? []
  assert.ok(middle !== undefined, stdout)
  return Number(middle)
}
