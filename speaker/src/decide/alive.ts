import type { Labels, Pod } from '@steelyard/model'

/** A node as liveness sees it: gone, or what its condition Ready says. */
export type NodeReadiness = { readonly name: string; readonly ready: boolean }

/**
 * The nodes with a live speaker, from what the cluster says of the speakers' Pods: Ready, not on their way out,
 * and on a Ready node.
 *
 * Where no speaker Pod is to be seen at all (speakers run by hand, or their Pods carry other labels), nobody can
 * tell who is alive, and every known node counts, Ready or not: as with membership switched off, speakers must
 * then run on every node.
 */
export function nodesWithLiveSpeaker(
  pods: Iterable<Pod>,
  nodes: Iterable<NodeReadiness>,
  speakerLabels: Labels,
): ReadonlySet<string> {
  const speakers = [...pods].filter((pod) => carries(pod, speakerLabels))
  const known = [...nodes]
  if (speakers.length === 0) return new Set(known.map(({ name }) => name))
  const serving = new Set(speakers.filter(isServing).flatMap(({ spec }) => spec?.nodeName ?? []))
  return new Set(known.filter(({ name, ready }) => ready && serving.has(name)).map(({ name }) => name))
}

function carries({ metadata }: Pod, labels: Labels): boolean {
  return Object.entries(labels).every(([key, value]) => metadata.labels?.[key] === value)
}

function isServing({ metadata, status }: Pod): boolean {
  if (metadata.deletionTimestamp !== undefined) return false
  return (status?.conditions ?? []).some(({ type, status: value }) => type === 'Ready' && value === 'True')
}
