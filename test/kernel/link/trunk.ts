import assert from 'node:assert/strict'
import type { Capture, Captured } from '../../netns/link/capture.ts'
import { eventually, type SpeakerNode, startSpeakerNode } from '../../netns/link/speaker-node.ts'
import { type Namespaces, openNamespaces } from '../../netns/namespaces.ts'
import { captureFrom, framesOf } from './tagged-frames.ts'

/**
 * A node with one card on a trunk: VLANs 10 and 20 come tagged, VLAN 1 without a tag. On the switch, which keeps
 * VLANs apart, each has a client of its own; all three clients have the same address.
 */
export type Trunk = {
  readonly spaces: Namespaces
  readonly nodeName: string
  readonly node: SpeakerNode
  /** Makes the interface of a VLAN on the node, as `e0.10`. */
  readonly addVlan: (vlan: Vlan) => void
  readonly removeVlan: (vlan: Vlan) => void
  readonly setCarrier: (isOn: boolean) => void
  /** What the node has sent on the trunk since a moment of `Date.now`, the VLAN before the words of tagged frames. */
  readonly heard: (pattern: RegExp, since?: number) => Captured[]
  /** Runs arping at the client of a VLAN, `1` being that without a tag; what it said. */
  readonly arping: (vlan: Vlan | 1, ...args: readonly string[]) => string
  readonly close: () => Promise<void>
}

export type Vlan = 10 | 20
export const VLANS: readonly Vlan[] = [10, 20]

export async function openTrunk(prefix: string): Promise<Trunk> {
  const spaces = openNamespaces(prefix)
  const [lan, nodeName] = ['l', 'a'].map((label) => spaces.add(label)) as [string, string]
  spaces.ip(lan, 'link', 'add', 'br0', 'type', 'bridge', 'forward_delay', '0', 'vlan_filtering', '1')
  spaces.ip(lan, 'link', 'set', 'br0', 'up')
  spaces.connect({ namespace: lan, name: 'pa' }, { namespace: nodeName, name: 'e0' })
  spaces.ip(nodeName, 'link', 'set', 'e0', 'address', '02:00:00:00:00:0a')
  spaces.ip(lan, 'link', 'set', 'pa', 'master', 'br0')
  const vlan = (...args: readonly string[]): void => {
    const { status, stderr } = spaces.run(lan, 'bridge', 'vlan', ...args)
    assert.equal(status, 0, stderr)
  }
  const clients = new Map([1, ...VLANS].map((id) => [id, spaces.add(`c${id}`)]))
  for (const [id, client] of clients) {
    spaces.connect({ namespace: lan, name: `p${id}` }, { namespace: client, name: 'e0' })
    spaces.ip(lan, 'link', 'set', `p${id}`, 'master', 'br0')
    spaces.ip(client, 'addr', 'add', '192.0.2.12/24', 'dev', 'e0')
    if (id === 1) continue
    vlan('add', 'dev', 'pa', 'vid', String(id))
    vlan('add', 'dev', `p${id}`, 'vid', String(id), 'pvid', 'untagged')
    vlan('del', 'dev', `p${id}`, 'vid', '1')
  }
  const wire = await captureFrom(lan, 'pa')
  const node = await startSpeakerNode(nodeName)
  return trunkOf({ spaces, nodeName, node }, { lan, wire, clients })
}

type Made = Pick<Trunk, 'spaces' | 'nodeName' | 'node'>
type Rest = { readonly lan: string; readonly wire: Capture; readonly clients: ReadonlyMap<number, string> }

function trunkOf(made: Made, { lan, wire, clients }: Rest): Trunk {
  const { spaces, nodeName, node } = made
  return {
    ...made,
    addVlan: (vlan) => {
      const name = `e0.${vlan}`
      spaces.ip(nodeName, 'link', 'add', 'link', 'e0', 'name', name, 'type', 'vlan', 'id', String(vlan))
      spaces.ip(nodeName, 'link', 'set', name, 'up')
    },
    removeVlan: (vlan) => void spaces.ip(nodeName, 'link', 'del', `e0.${vlan}`),
    setCarrier: (isOn) => void spaces.ip(lan, 'link', 'set', 'pa', isOn ? 'up' : 'down'),
    heard: (pattern, since = 0) => framesOf(wire).filter(({ atMs, text }) => atMs >= since && pattern.test(text)),
    arping: (vlan, ...args) => spaces.run(clients.get(vlan) ?? '', 'arping', '-i', 'e0', ...args).stdout,
    close: async () => {
      const code = await node.stop()
      wire.close()
      spaces.close()
      assert.equal(code, 0)
      assert.deepEqual(
        node.facts.filter(({ kind }) => kind === 'fault'),
        [],
      )
    },
  }
}

/** Waits until the node announces on these interfaces and no others. */
export async function usable({ node }: Pick<Trunk, 'node'>, ...names: readonly string[]): Promise<void> {
  const expected = names.map((name) => `${name} arp ndp`).join()
  await eventually(`${names.join(', ')} can be used`, () => node.interfaces().join() === expected)
}
