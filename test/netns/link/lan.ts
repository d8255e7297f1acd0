import { openNamespaces, type Namespaces } from '../namespaces.ts'
import { eventually } from './speaker-node.ts'

/** Two nodes and a client on one bridge, as on a switch. Real kernels everywhere. */
export type Lan = {
  readonly spaces: Namespaces
  readonly bridge: string
  readonly nodeA: string
  readonly nodeB: string
  readonly client: string
  /** Plugs another interface of a namespace into the bridge: up, with this MAC. Its bridge end is named `port`. */
  readonly plug: (namespace: string, name: string, port: string, mac: string) => void
}

export const MAC = { a: '02:00:00:00:00:0a', b: '02:00:00:00:00:0b', client: '02:00:00:00:00:0c' } as const

/** @param prefix of the namespaces' names. */
export async function openLan(prefix: string): Promise<Lan> {
  const spaces = openNamespaces(prefix)
  const bridge = spaces.add('lan')
  spaces.ip(bridge, 'link', 'add', 'br0', 'type', 'bridge', 'forward_delay', '0')
  spaces.ip(bridge, 'link', 'set', 'br0', 'up')
  const plug = (namespace: string, name: string, port: string, mac: string): void => {
    spaces.ip(namespace, 'link', 'add', name, 'address', mac, 'type', 'veth', 'peer', 'name', port, 'netns', bridge)
    spaces.ip(bridge, 'link', 'set', port, 'master', 'br0', 'up')
    spaces.ip(namespace, 'link', 'set', name, 'up')
  }
  const [nodeA, nodeB, client] = [spaces.add('a'), spaces.add('b'), spaces.add('c')]
  plug(nodeA, 'e0', 'pa', MAC.a)
  plug(nodeB, 'e0', 'pb', MAC.b)
  plug(client, 'e0', 'pc', MAC.client)
  spaces.ip(client, 'addr', 'add', '192.0.2.12/24', 'dev', 'e0')
  spaces.ip(client, 'addr', 'add', '2001:db8::c/64', 'dev', 'e0', 'nodad')
  await eventually('duplicate address detection is over', () =>
    [nodeA, nodeB, client].every((namespace) => {
      const shown = spaces.ip(namespace, '-6', 'addr', 'show', 'dev', 'e0')
      return shown.includes('fe80') && !shown.includes('tentative')
    }),
  )
  return { spaces, bridge, nodeA, nodeB, client, plug }
}
