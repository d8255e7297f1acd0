import assert from 'node:assert/strict'
import { memberLan, type MemberLan, type MemberLanOptions, type MemberNode, toldBy } from './member-lan.ts'
import type { BfdFact, DesiredBfd } from './messages.ts'

/** A session of 50 ms × 3 with a peer that is its key. */
export const watch = (peer: string, change: Partial<DesiredBfd> = {}): DesiredBfd => ({
  key: peer,
  peer,
  multihop: false,
  transmitIntervalMs: 50,
  receiveIntervalMs: 50,
  detectMultiplier: 3,
  minimumTtl: 254,
  passive: false,
  ...change,
})
export const desire = (node: MemberNode, ...bfd: readonly DesiredBfd[]): void =>
  node.desire({ addresses: [], excludeInterfaces: [], bfd }, 'off')
export const factOf = (node: MemberNode, key?: string): BfdFact | undefined =>
  toldBy(node, 'bfd')
    .at(-1)
    ?.sessions.find((one) => key === undefined || one.key === key)
export const faultsOf = (node: MemberNode): string[] => toldBy(node, 'fault').map(({ message }) => message)

export type Two = { readonly lan: MemberLan; readonly one: MemberNode; readonly two: MemberNode }
/** Two nodes that watch over each other and are up. */
export function two(options: MemberLanOptions = {}, change: Partial<DesiredBfd> = {}): Two {
  const lan = memberLan(2, options)
  const [one, other] = lan.nodes
  assert.ok(one !== undefined && other !== undefined)
  lan.run(10)
  desire(one, watch('192.0.2.2', change))
  desire(other, watch('192.0.2.1', change))
  lan.run(3000)
  return { lan, one, two: other }
}
export const states = ({ one, two: other }: Two): (string | undefined)[] => [factOf(one)?.state, factOf(other)?.state]
