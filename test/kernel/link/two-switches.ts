import type { Capture, Captured } from '../../netns/link/capture.ts'
import { eventually, type SpeakerNode, startSpeakerNode } from '../../netns/link/speaker-node.ts'
import { type Namespaces, openNamespaces } from '../../netns/namespaces.ts'
import { captureFrom, framesOf } from './tagged-frames.ts'

/**
 * A node with two network cards, each on a switch of its own, and a client on the second switch: what the client's
 * switch believes of the node's MAC is wrong as soon as the node uses its other card.
 */
export type TwoSwitches = {
  readonly spaces: Namespaces
  readonly lan: string
  readonly nodeName: string
  readonly client: string
  readonly node: SpeakerNode
  /** Makes the bond anew over both cards, with options of `ip link add … type bond`; the first card is active. */
  readonly bond: (...options: readonly string[]) => Promise<void>
  readonly active: () => Card
  /** Takes the carrier of a card, or gives it back: at the switch's end. */
  readonly setCarrier: (card: Card, isOn: boolean) => void
  /** What a card has sent since a moment of `Date.now`, its VLAN before the words if it has a tag. */
  readonly heard: (card: Card, pattern: RegExp, since?: number) => Captured[]
  readonly close: () => Promise<(number | null)[]>
}

export type Card = 's0' | 's1'
export const CARDS: readonly Card[] = ['s0', 's1']
export const other = (card: Card): Card => (card === 's0' ? 's1' : 's0')
/** Of the cards; a bond takes the first, unless told otherwise. */
export const CARD_MACS = { s0: '02:00:00:00:00:0a', s1: '02:00:00:00:00:0b' } as const
const PORT = { s0: 'p0', s1: 'p1' } as const

export async function openTwoSwitches(prefix: string): Promise<TwoSwitches> {
  const spaces = openNamespaces(prefix)
  const [lan, nodeName, client] = ['l', 'a', 'c'].map((label) => spaces.add(label)) as [string, string, string]
  for (const bridge of ['br0', 'br1']) {
    spaces.ip(lan, 'link', 'add', bridge, 'type', 'bridge', 'forward_delay', '0')
    spaces.ip(lan, 'link', 'set', bridge, 'up')
  }
  const plug = (port: string, bridge: string): string => spaces.ip(lan, 'link', 'set', port, 'master', bridge, 'up')
  spaces.connect({ namespace: lan, name: 't0' }, { namespace: lan, name: 't1' })
  spaces.connect({ namespace: lan, name: 'pc' }, { namespace: client, name: 'e0' })
  spaces.ip(client, 'link', 'set', 'e0', 'address', '02:00:00:00:00:0c')
  for (const [port, bridge] of [
    ['t0', 'br0'],
    ['t1', 'br1'],
    ['pc', 'br1'],
  ] as const) {
    plug(port, bridge)
  }
  for (const [at, card] of CARDS.entries()) {
    spaces.connect({ namespace: lan, name: PORT[card] }, { namespace: nodeName, name: card })
    spaces.ip(nodeName, 'link', 'set', card, 'down', 'address', CARD_MACS[card])
    plug(PORT[card], `br${at}`)
  }
  spaces.ip(client, 'addr', 'add', '192.0.2.12/24', 'dev', 'e0')
  const captures = await Promise.all(CARDS.map((card) => captureFrom(lan, PORT[card])))
  const node = await startSpeakerNode(nodeName)
  return stageOf({ spaces, lan, nodeName, client, node }, captures)
}

type Made = Pick<TwoSwitches, 'spaces' | 'lan' | 'nodeName' | 'client' | 'node'>

function stageOf(made: Made, captures: readonly Capture[]): TwoSwitches {
  const { spaces, lan, nodeName, node } = made
  const read = (name: string): string =>
    spaces.run(nodeName, 'cat', `/sys/class/net/bond0/bonding/${name}`).stdout.trim()
  const active = (): Card => (read('active_slave') === 's1' ? 's1' : 's0')
  const setCarrier: TwoSwitches['setCarrier'] = (card, isOn) =>
    void spaces.ip(lan, 'link', 'set', PORT[card], isOn ? 'up' : 'down')
  return {
    ...made,
    bond: async (...options) => {
      spaces.run(nodeName, 'ip', 'link', 'del', 'bond0')
      for (const card of CARDS) setCarrier(card, true)
      spaces.ip(nodeName, 'link', 'add', 'bond0', 'type', 'bond', 'mode', 'active-backup', ...options)
      for (const card of CARDS) {
        spaces.ip(nodeName, 'link', 'set', card, 'down')
        spaces.ip(nodeName, 'link', 'set', card, 'master', 'bond0')
      }
      spaces.ip(nodeName, 'link', 'set', 'bond0', 'up')
      spaces.ip(nodeName, 'addr', 'add', '192.0.2.1/24', 'dev', 'bond0')
      await eventually('the bond is used', () => node.interfaces().includes('bond0 arp ndp') && active() === 's0')
    },
    active,
    setCarrier,
    heard: (card, pattern, since = 0) =>
      framesOf(captures[CARDS.indexOf(card)]).filter(({ atMs, text }) => atMs >= since && pattern.test(text)),
    close: async () => {
      const code = await node.stop()
      for (const { close } of captures) close()
      spaces.close()
      return [code]
    },
  }
}
