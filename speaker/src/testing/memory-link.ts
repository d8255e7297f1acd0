import type { LinkDesired, LinkFact } from '../link/messages.ts'
import type { LinkPort } from '../ports.ts'
import type { MemoryPeers } from './memory-peers.ts'

export type MemoryLink = LinkPort & {
  /** The addresses announced now, each with its interfaces. */
  readonly announced: () => ReadonlyMap<string, string>
  readonly excluded: () => readonly string[]
  /** How often something new was to be announced. */
  readonly sets: () => number
  readonly tell: (fact: LinkFact) => void
  /** What the node has to announce on, from now. */
  readonly setInterfaces: (...names: string[]) => void
  readonly isStopped: () => boolean
}

/** A link worker that only remembers what it was told. It has one interface, eth0, and is ready at once. */
export function memoryLink(node: string, peers: MemoryPeers): MemoryLink {
  const listeners: ((fact: LinkFact) => void)[] = []
  const state: { desired: LinkDesired; sets: number; stopped: boolean } = {
    desired: { addresses: [], excludeInterfaces: [] },
    sets: 0,
    stopped: false,
  }
  const tell = (fact: LinkFact): void => {
    for (const listener of listeners) listener(fact)
  }
  const seen = new Set<string>()
  const setInterfaces = (...names: string[]): void => tell(interfacesFact(names, seen))
  return {
    set: (desired) => {
      state.desired = desired
      state.sets++
      if (desired.membership?.leaving === true) peers.leave(node)
      else if (desired.membership !== undefined) peers.publish(node, desired.membership.record)
    },
    onFact: (listener) => {
      listeners.push(listener)
      queueMicrotask(() => {
        setInterfaces('eth0')
        tell({ kind: 'ready' })
        peers.join(node, tell)
      })
    },
    stop: async () => {
      state.stopped = true
      state.desired = { addresses: [], excludeInterfaces: [] }
    },
    announced: () => answered(state.desired, peers.beaten(node)),
    excluded: () => state.desired.excludeInterfaces,
    sets: () => state.sets,
    tell,
    setInterfaces,
    isStopped: () => state.stopped,
  }
}

/** @param seen all that there ever were; those that are there now are added */
function interfacesFact(names: readonly string[], seen: Set<string>): LinkFact {
  for (const name of names) seen.add(name)
  const interfaces = names.map((name) => ({ name, arp: true, ndp: true }))
  return { kind: 'interfaces', interfaces, impaired: [...seen].filter((name) => !names.includes(name)), macs: [] }
}

function answered({ addresses }: LinkDesired, beaten: ReadonlySet<string>): ReadonlyMap<string, string> {
  const loud = addresses.filter(({ ip }) => !beaten.has(ip))
  return new Map(loud.map(({ ip, interfaces }) => [ip, interfaces === 'all' ? 'all' : interfaces.join(',')]))
}
