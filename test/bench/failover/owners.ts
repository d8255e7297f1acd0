import { setTimeout as pause } from 'node:timers/promises'
import { answersFor, type OwnerChange } from '../../lab/wire/answerers.ts'
import type { Span } from '../../lab/client/gaps.ts'
import type { Stage } from './stage.ts'

const ASK_MS = 300
const ASK_EVERY_MS = 50

/** Who answers for each address, asked on the wire; undefined unless exactly one node does for every one of them. */
export async function ownersNow({
  lab,
  asker,
  addresses,
  nodeOf,
}: Pick<Stage, 'lab' | 'asker' | 'addresses' | 'nodeOf'>): Promise<ReadonlyMap<string, string> | undefined> {
  const capture = await lab.capture(asker.name, 'arp')
  const asking = await asker.ask(addresses, ASK_EVERY_MS)
  await pause(ASK_MS)
  await asking.stop()
  const frames = await capture.stop()
  const owners = new Map<string, string>()
  for (const address of addresses) {
    const macs = new Set(answersFor(frames, address).map(({ mac }) => mac))
    const [mac = ''] = macs
    const node = nodeOf(mac)
    if (macs.size !== 1 || node === undefined) return undefined
    owners.set(address, node)
  }
  return owners
}

/** A time during which a node's speaker could not be expected to keep what it had. */
export type Outage = Span & { readonly node: string }

/** How long after an outage a move that it made necessary may still be seen: as long as the peer takes. */
const LATE_MS = 1000

/**
 * The changes that nothing called for: the node that lost the address had no outage then. So a flip back to a node
 * that has just returned counts, and a move away from one that was stopped does not.
 */
export function needlessChanges(
  changes: readonly OwnerChange[],
  outages: readonly Outage[],
  nodeOf: (mac: string) => string | undefined,
): readonly OwnerChange[] {
  return changes.filter(
    ({ at, from }) =>
      !outages.some(({ node, from: began, to }) => node === nodeOf(from) && at >= began && at <= to + LATE_MS),
  )
}

/** How many addresses the most loaded node has beyond an even share, rounded up. */
export function beyondIdeal(owners: ReadonlyMap<string, string>, nodes: number): number {
  const loads = new Map<string, number>()
  for (const node of owners.values()) loads.set(node, (loads.get(node) ?? 0) + 1)
  return Math.max(0, ...loads.values()) - Math.ceil(owners.size / nodes)
}
