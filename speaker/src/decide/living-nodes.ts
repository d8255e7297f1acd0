import type { MemberView } from '@steelyard/membership'

export type LivingInput = {
  readonly self: string
  /** Whether speakers talk to each other. */
  readonly isOn: boolean
  readonly members: readonly MemberView[]
  readonly knownNodes: Iterable<string>
  readonly readySpeakers: ReadonlySet<string>
}

export type Living = {
  readonly living: ReadonlySet<string>
  /** Nobody was ever heard, although the API knows of speakers. */
  readonly isDeaf: boolean
}

/**
 * Whose speakers count as alive. Without membership every known node's does. With it, those that are heard, or that
 * others hear; and while not one other was ever heard, those whose Pods the API says are Ready: a firewall
 * between all nodes must not make each of them take every address.
 */
export function livingNodes({ self, isOn, members, knownNodes, readySpeakers }: LivingInput): Living {
  if (!isOn) return { living: new Set([...knownNodes, self]), isDeaf: false }
  const heard = members.filter(({ status }) => status !== 'unknown')
  if (heard.length > 0) {
    const living = heard.flatMap(({ node, status }) => (status === 'alive' || status === 'suspect' ? [node] : []))
    return { living: new Set([self, ...living]), isDeaf: false }
  }
  const silent = members.filter(({ node }) => readySpeakers.has(node)).map(({ node }) => node)
  return { living: new Set([self, ...silent]), isDeaf: silent.length > 0 }
}
