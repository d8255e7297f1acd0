import type { Labels, Pod } from '@steelyard/model'

/** A node, and what its condition Ready says. */
export type NodeReadiness = { readonly name: string; readonly ready: boolean }

/** The nodes whose speakers the cluster takes to be well: their Pods are Ready, not on their way out, and on a Ready node. */
export function readySpeakers(
  pods: Iterable<Pod>,
  nodes: Iterable<NodeReadiness>,
  speakerLabels: Labels,
): ReadonlySet<string> {
  const speakers = [...pods].filter((pod) => carries(pod, speakerLabels) && isServing(pod))
  const serving = new Set(speakers.flatMap(({ spec }) => spec?.nodeName ?? []))
  return new Set([...nodes].filter(({ name, ready }) => ready && serving.has(name)).map(({ name }) => name))
}

function carries({ metadata }: Pod, labels: Labels): boolean {
  return Object.entries(labels).every(([key, value]) => metadata.labels?.[key] === value)
}

function isServing({ metadata, status }: Pod): boolean {
  if (metadata.deletionTimestamp !== undefined) return false
  return (status?.conditions ?? []).some(({ type, status: value }) => type === 'Ready' && value === 'True')
}
