import { type AddressClaim, EMPTY_RECORD } from '@steelyard/membership'
import assert from 'node:assert/strict'
import { type MemberLan, memberLan, type MemberLanOptions, type MemberNode } from './member-lan.ts'
import { arpRequest, mac } from './memory-lan.ts'

/** For tests: the words that stories about members are told in. */

/** The address that is owned by one and then another. */
export const VIP = '192.0.2.99'
export const BURST_MS = [0, 50, 150, 350, 750, 1750, 2750, 3750, 4750]

/** The client asks who has it. */
export function ask(lan: MemberLan): void {
  lan.client.send(arpRequest(VIP, { from: mac('0c') }))
}

/** The node announces the address, with this claim on it. */
export function own(node: MemberNode | undefined, ...claims: AddressClaim[]): void {
  node?.desire({ addresses: [{ ip: VIP, interfaces: 'all' }] }, { record: { ...EMPTY_RECORD, claims } })
}

/** Members that know each other. */
export function started(count: number, options: MemberLanOptions = {}): MemberLan {
  const lan = memberLan(count, options)
  for (const node of lan.nodes) node.desire({})
  lan.run(1000)
  return lan
}

/** Two nodes that have met. */
export function startedPair(options: MemberLanOptions = {}): {
  readonly lan: MemberLan
  readonly one: MemberNode
  readonly two: MemberNode
} {
  const lan = started(2, options)
  const [one, two] = lan.nodes
  assert.ok(one !== undefined && two !== undefined)
  return { lan, one, two }
}

/** Whose MACs the client was told the address is at since `hush`, and by how many frames. */
export function answers(lan: MemberLan): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { text } of lan.heard) {
    const from = / reply 192.0.2.99 at (\w+) /.exec(text)?.[1]
    if (from !== undefined) counts[from] = (counts[from] ?? 0) + 1
  }
  return counts
}
export const hush = (lan: MemberLan): void => void lan.heard.splice(0)
/** When a node announced by a request, from a moment on. */
export const requestsFrom = (lan: MemberLan, last: string, from: number): number[] =>
  lan.heard.filter(({ text }) => text.includes(`arp request ${VIP} at ${last}`)).map(({ at }) => Math.round(at - from))
