import assert from 'node:assert/strict'
import { type Capture, capture } from '../../netns/link/capture.ts'
import { lastOf, type MemberPlace, type MemberProcess, startMember } from '../../netns/link/member-process.ts'
import { waitFor } from '../../lab/wait.ts'
import { type CableEnd, type Namespaces, openNamespaces } from '../../netns/namespaces.ts'

export const VIP = '192.0.2.99'
/** Five processes that start on one processor beside other work take half a minute. */
const PATIENCE_MS = 90_000
const CLIENT = '02:00:00:00:00:0c'

/** Speakers' link workers on a switch, and a client there. */
export type MemberLan = {
  readonly spaces: Namespaces
  readonly bridge: string
  readonly client: string
  readonly members: readonly MemberProcess[]
  readonly member: (node: string) => MemberProcess
  /** Every member's own device: what all of them send goes out there. */
  readonly uplinks: readonly CableEnd[]
  /** ARP as the client hears it. */
  readonly wire: Capture
  /** Waits until every member hears every other one, and answers for its addresses. */
  readonly allLive: () => Promise<void>
  /** Plugs another namespace into the switch, by `e0`; its end there has the name that is given back. */
  readonly plug: (namespace: string, label: string, mac: string) => string
  /** Also sees to it that the workers end in order. */
  readonly close: () => Promise<void>
}

/** The last octet of a member's MAC and address, as frames are written down. */
export const octetOf = (node: string): string => node.slice(1).padStart(2, '0')

/** How many members, up to nine, named n1 and so on; `bound`: see `MemberPlace`. */
export type MemberLanOptions = { readonly count: number; readonly bound: boolean }

/** @param prefix of the namespaces' names */
export async function openMemberLan(prefix: string, { count, bound }: MemberLanOptions): Promise<MemberLan> {
  const spaces = openNamespaces(prefix)
  const bridge = spaces.add('lan')
  spaces.ip(bridge, 'link', 'add', 'br0', 'type', 'bridge', 'forward_delay', '0', 'mcast_snooping', '0')
  spaces.ip(bridge, 'link', 'set', 'br0', 'up')
  const plug: MemberLan['plug'] = (namespace, label, mac) => {
    const port = `p${label}`
    spaces.ip(namespace, 'link', 'add', 'e0', 'address', mac, 'type', 'veth', 'peer', 'name', port, 'netns', bridge)
    spaces.ip(bridge, 'link', 'set', port, 'master', 'br0', 'up')
    spaces.ip(namespace, 'link', 'set', 'e0', 'up')
    return port
  }
  const client = spaces.add('c')
  plug(client, 'c', CLIENT)
  spaces.ip(client, 'addr', 'add', '192.0.2.200/24', 'dev', 'e0')
  const places = Array.from({ length: count }, (_, index): MemberPlace => {
    const node = `n${index + 1}`
    const namespace = spaces.add(node)
    const address = `192.0.2.${index + 1}`
    plug(namespace, node, `02:00:00:00:00:${octetOf(node)}`)
    spaces.ip(namespace, 'addr', 'add', `${address}/24`, 'dev', 'e0')
    return { node, namespace, address, bound }
  })
  const wire = await capture(client, 'e0', 'arp')
  const members = places.map((each) => startMember(each, places))
  return {
    spaces,
    bridge,
    client,
    members,
    member: (node) => members.find((each) => each.node === node) ?? assert.fail(node),
    uplinks: places.map(({ namespace }) => ({ namespace, name: 'e0' })),
    wire,
    allLive: async () => {
      const background = (): string => members.map((each) => wordsOf(each, members)).join('\n')
      const isSo = (): boolean => members.every((each) => hearsAll(each, members))
      await waitFor('all live', isSo, { timeoutMs: PATIENCE_MS, everyMs: 10, background })
    },
    plug,
    close: async () => {
      for (const each of members) each.thaw()
      const codes = await Promise.all(members.map(({ stop }) => stop()))
      wire.close()
      spaces.close()
      assert.deepEqual(new Set(codes), new Set([0]))
    },
  }
}

function wordsOf(member: MemberProcess, all: readonly MemberProcess[]): string {
  const others = all
    .filter((each) => each !== member)
    .map(({ node }) => `${node} ${lastOf(member, node) ?? 'unheard of'}`)
  return `${member.node} is ${lastOf(member, 'own') ?? 'silent'}: ${others.join(', ')}`
}

function hearsAll(member: MemberProcess, all: readonly MemberProcess[]): boolean {
  if (lastOf(member, 'own') !== 'settled') return false
  return all.every(({ node }) => node === member.node || lastOf(member, node) === 'alive')
}
