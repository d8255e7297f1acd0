import type { LinkDesired, LinkFact } from '../link/messages.ts'
import type { LinkPort } from '../ports.ts'

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
export function memoryLink(): MemoryLink {
  const listeners: ((fact: LinkFact) => void)[] = []
  const state: { desired: LinkDesired; sets: number; stopped: boolean } = {
    desired: { addresses: [], excludeInterfaces: [] },
    sets: 0,
    stopped: false,
  }
  const tell = (fact: LinkFact): void => {
    for (const listener of listeners) listener(fact)
  }
  const setInterfaces = (...names: string[]): void => tell(interfacesFact(names))
  return {
    set: (desired) => {
      state.desired = desired
      state.sets++
    },
    onFact: (listener) => {
      listeners.push(listener)
      queueMicrotask(() => {
        setInterfaces('eth0')
        tell({ kind: 'ready' })
      })
    },
    stop: async () => {
      state.stopped = true
      state.desired = { addresses: [], excludeInterfaces: [] }
    },
    announced: () =>
      new Map(
        state.desired.addresses.map(({ ip, interfaces }) => [ip, interfaces === 'all' ? 'all' : interfaces.join(',')]),
      ),
    excluded: () => state.desired.excludeInterfaces,
    sets: () => state.sets,
    tell,
    setInterfaces,
    isStopped: () => state.stopped,
  }
}

function interfacesFact(names: readonly string[]): LinkFact {
  const interfaces = names.map((name) => ({ name, arp: true, ndp: true }))
  return { kind: 'interfaces', interfaces, impaired: [], macs: [] }
}
