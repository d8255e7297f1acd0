import assert from 'node:assert/strict'
import type { CableEnd, Namespaces } from '../../netns/namespaces.ts'

/** How bad a link is, one way: in the words of `tc qdisc … netem` (tc-netem(8)). */
export type LinkQuality = { readonly name: string; readonly netem: readonly string[] }

const quality = (name: string, netem: string): LinkQuality => ({
  name,
  netem: netem.split(' ').filter((word) => word !== ''),
})

export const GOOD = quality('a good link', '')
export const LOSS_1 = quality('1 % lost', 'loss 1%')
export const LOSS_5 = quality('5 % lost', 'loss 5%')
export const LOSS_20 = quality('20 % lost', 'loss 20%')
/** Each packet waits for 0 to 100 ms: without a rate, later ones overtake. */
export const JITTER_50 = quality('50 ms of jitter', 'delay 50ms 50ms')
/** A quarter, in runs, is not delayed, and overtakes the rest. */
export const REORDERED = quality('25 % reordered', 'delay 20ms reorder 25% 50%')
export const DUPLICATED = quality('5 % duplicated', 'duplicate 5%')
/** One bit of one packet in a hundred; no checksum of a card stands before the stack here. */
export const CORRUPTED = quality('1 % corrupted', 'corrupt 1%')
export const NARROW = quality('1 Mbit/s', 'rate 1mbit')
export const BOUND = quality('5 % lost and 50 ms of jitter', 'loss 5% delay 50ms 50ms')
export const ROUGH = quality(
  '5 % lost, 5 % duplicated, 1 % corrupted, 50 ms',
  'loss 5% duplicate 5% corrupt 1% delay 50ms 50ms',
)
export const AWFUL = quality('20 % lost and 50 ms of jitter', 'loss 20% delay 50ms 50ms')

/** Makes what leaves by these devices go over links of a quality. */
export function setQuality(spaces: Namespaces, devices: readonly CableEnd[], { netem }: LinkQuality): void {
  for (const { namespace, name } of devices) {
    // Made anew: what a change leaves out stays as it was. There is none to begin with.
    spaces.run(namespace, 'tc', 'qdisc', 'del', 'dev', name, 'root')
    if (netem.length > 0) setQueue(spaces, { namespace, name }, ['root', 'netem', ...netem])
  }
}

/** @param words what follows `tc qdisc add dev NAME` */
export function setQueue(spaces: Namespaces, { namespace, name }: CableEnd, words: readonly string[]): void {
  const { status, stderr } = spaces.run(namespace, 'tc', 'qdisc', 'add', 'dev', name, ...words)
  assert.equal(status, 0, `tc qdisc add ${words.join(' ')}: ${stderr}`)
}
