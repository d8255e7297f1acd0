import { type Clock, sleep } from '@steelyard/runtime'
import type { LinkWish } from './link-wish.ts'
import type { Peers } from './peers.ts'
import type { Reconciler } from './reconcile.ts'

export type HandOverParts = {
  readonly self: string
  readonly reconciler: Pick<Reconciler, 'onUrgent' | 'isDone'>
  readonly peers: Pick<Peers, 'isOn' | 'living' | 'recordOf'>
  readonly wish: Pick<LinkWish, 'leave'>
  readonly leaving: Leaving
}

/** How the end of a speaker is told to the rest of it. */
export type Leaving = {
  isLeaving: boolean
  /** How many addresses it still has. */
  held: number
  /** Called when that changes. */
  onHeld: () => void
}

export function newLeaving(): Leaving {
  return { isLeaving: false, held: 0, onHeld: () => {} }
}

/** The Pod's grace is 2 s, and the API may want some of it afterwards. */
const HAND_OVER_MS = 1000

/**
 * Lets the others take what this node has, and answers until they have: the kernel here goes on forwarding meanwhile.
 * What nobody takes in time falls silent with this speaker.
 */
export async function handOver({ self, reconciler, peers, wish, leaving }: HandOverParts, clock: Clock): Promise<void> {
  if (!peers.isOn || !reconciler.isDone()) return
  leaving.isLeaving = true
  const waiting = new AbortController()
  const isInVain = (): boolean => leaving.held === 0 || ![...peers.living()].some((node) => canTake(node, self, peers))
  leaving.onHeld = () => {
    if (isInVain()) waiting.abort()
  }
  reconciler.onUrgent()
  if (!isInVain()) await sleep(clock, HAND_OVER_MS, waiting.signal)
  wish.leave()
}

/** Where all leave together nobody takes anything. */
function canTake(node: string, self: string, { recordOf }: Pick<Peers, 'recordOf'>): boolean {
  return node !== self && recordOf(node)?.draining !== true
}
