import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import type { DesiredAddress } from '../../../speaker/src/link/messages.ts'
import { type Capture, capture, type Captured } from './capture.ts'
import { type Lan, openLan } from './lan.ts'
import { eventually, type SpeakerNode, startSpeakerNode } from './speaker-node.ts'

export const V4 = '192.0.2.99'
export const V6 = '2001:db8::99'
export const BOTH: readonly DesiredAddress[] = [V4, V6].map((ip) => ({ ip, interfaces: 'all' }))
/** What tests plug into A beside e0, or make there. */
const LATE_INTERFACES = ['e1', 'x2', 'e3', 'e4', 'wan4', 'br9']
const INJECT = new URL('./inject-program.ts', import.meta.url).pathname

/** Two nodes with link workers, a client, and tcpdump at the client's end of the wire. */
export type Stage = {
  readonly lan: Lan
  readonly a: SpeakerNode
  readonly b: SpeakerNode
  /** What passed since a moment of `Date.now`; the capture lags behind, its times do not. */
  readonly heard: (pattern: RegExp, since?: number) => Captured[]
  /** Has A announce; gives the moment from which on. */
  readonly announceOnA: (addresses?: readonly DesiredAddress[]) => Promise<number>
  /** Runs arping at the client; what it said. */
  readonly arping: (...args: readonly string[]) => string
  /** What the client's kernel knows of an address. */
  readonly neighbour: (ip: string) => string
  /** The IPv6 groups that a kernel has joined on an interface, in hex. */
  readonly groups: (namespace: string, name: string) => string[]
  /** Sends frames, as hex, from the client. */
  readonly inject: (...frames: readonly string[]) => void
  /** After each test, so that one that fails leaves nothing to the next. */
  readonly calm: () => Promise<void>
  /** Also sees to it that both workers ended in order and nothing failed all the while. */
  readonly close: () => Promise<void>
}

export const textsOf = (frames: readonly Captured[]): string[] => frames.map(({ text }) => text)

/** @param prefix of the namespaces' names. */
export async function openStage(prefix: string): Promise<Stage> {
  const lan = await openLan(prefix)
  const wire = await capture(lan.client, 'e0', 'arp or icmp6')
  const [a, b] = await Promise.all([startSpeakerNode(lan.nodeA), startSpeakerNode(lan.nodeB)])
  const heard: Stage['heard'] = (pattern, since = 0) =>
    wire.frames.filter(({ atMs, text }) => atMs >= since && pattern.test(text))
  const arping: Stage['arping'] = (...args) => lan.spaces.run(lan.client, 'arping', '-i', 'e0', ...args).stdout
  return {
    lan,
    a,
    b,
    heard,
    arping,
    announceOnA: async (addresses = BOTH) => {
      const from = Date.now()
      a.desire(addresses)
      await eventually('A announces', () => heard(/^0a > (ff:|33:)/, from).length > 0)
      return from
    },
    neighbour: (ip) => lan.spaces.ip(lan.client, 'neigh', 'show', ip, 'dev', 'e0'),
    groups: (namespace, name) => joinedGroups(lan, namespace, name),
    inject: (...frames) => inject(lan, frames),
    calm: () => calm({ lan, a, b, arping }),
    close: () => close({ lan, a, b, wire }),
  }
}

function joinedGroups(lan: Lan, namespace: string, name: string): string[] {
  return lan.spaces
    .run(namespace, 'cat', '/proc/net/igmp6')
    .stdout.split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, device]) => device === name)
    .map(([, , group = '']) => group)
}

function inject({ client }: Lan, frames: readonly string[]): void {
  const args = ['netns', 'exec', client, process.execPath, INJECT, 'e0']
  const { status, stderr } = spawnSync('ip', args, { input: frames.join('\n'), encoding: 'utf8' })
  assert.equal(status, 0, stderr)
}

async function calm({ lan, a, b, arping }: Pick<Stage, 'lan' | 'a' | 'b' | 'arping'>): Promise<void> {
  for (const node of [a, b]) node.desire([])
  for (const name of LATE_INTERFACES) lan.spaces.run(lan.nodeA, 'ip', 'link', 'del', name)
  for (const ip of [`${V4}/24`, `${V6}/64`]) lan.spaces.run(lan.client, 'ip', 'addr', 'del', ip, 'dev', 'e0')
  lan.spaces.run(lan.bridge, 'ip', 'link', 'set', 'pa', 'up')
  await eventually('nobody answers', () => arping('-c', '1', '-w', '1', V4).includes('0 packets received'))
  await eventually('A is as it was', () => a.interfaces().join() === 'e0 arp ndp')
  lan.spaces.run(lan.client, 'ip', 'neigh', 'flush', 'all')
}

async function close({ lan, a, b, wire }: Pick<Stage, 'lan' | 'a' | 'b'> & { readonly wire: Capture }): Promise<void> {
  const codes = await Promise.all([a.stop(), b.stop()])
  wire.close()
  lan.spaces.close()
  assert.deepEqual(codes, [0, 0])
  for (const node of [a, b])
    assert.deepEqual(
      node.facts.filter(({ kind }) => kind === 'fault'),
      [],
    )
}
