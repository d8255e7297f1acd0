import type { Pod } from '@steelyard/model'
import { isReadyNode, readySpeakers } from '@steelyard/speaker'
import type { ClusterObjects } from './cluster-objects.ts'
import { reportsOf } from './speaker-reports.ts'

/** The labels of speaker Pods in the manifests, and in the chart. */
export const SPEAKER_LABELS = [{ component: 'speaker' }, { 'app.kubernetes.io/component': 'speaker' }] as const
export const CONTROLLER_LABELS = [{ component: 'controller' }, { 'app.kubernetes.io/component': 'controller' }] as const

export type Living = {
  /** Nodes that count as having a live speaker. */
  readonly alive: ReadonlySet<string>
  /** Nodes that have a speaker, alive or not, by name. */
  readonly known: ReadonlySet<string>
}

/**
 * Who is alive, as far as the API shows it: by what the other speakers report of a node, the latest word first; where
 * nobody reports on it, by its Pod; and where no speaker Pods are to be seen (speakers run by hand), by its own report.
 */
export function livingSpeakers(objects: ClusterObjects): Living {
  const { speakerStatuses, nodes } = objects
  const pods = podsOf(objects.pods, SPEAKER_LABELS)
  const readiness = nodes.map((node) => ({ name: node.metadata.name, ready: isReadyNode(node) }))
  const ready = new Set(SPEAKER_LABELS.flatMap((labels) => [...readySpeakers(objects.pods, readiness, labels)]))
  const reporting = new Set(reportsOf(speakerStatuses).map(({ node }) => node))
  // Pods come in the order of their own names, which are drawn by lot.
  const known = new Set([...pods.flatMap(({ spec }) => spec?.nodeName ?? []), ...reporting].toSorted())
  const verdicts = lastWords(objects, pods.length === 0 ? reporting : ready)
  const alive = nodes.flatMap(({ metadata: { name } }) => {
    const said = verdicts.get(name)
    if (said === 'alive' || said === 'suspect') return [name]
    if (said === 'dead' || said === 'left') return []
    return (pods.length === 0 ? reporting : ready).has(name) ? [name] : []
  })
  return { alive: new Set(alive), known }
}

export function podsOf(pods: readonly Pod[], labels: readonly Readonly<Record<string, string>>[]): readonly Pod[] {
  return pods.filter(({ metadata }) =>
    labels.some((wanted) => Object.entries(wanted).every(([key, value]) => metadata.labels?.[key] === value)),
  )
}

/** Of each node what the others said last; the words of those that are not there themselves count for nothing. */
function lastWords({ speakerStatuses }: ClusterObjects, witnesses: ReadonlySet<string>): Map<string, string> {
  const words = reportsOf(speakerStatuses)
    .filter(({ node }) => witnesses.has(node))
    .flatMap(({ node, members }) => members.filter((member) => member.node !== node && member.status !== 'unknown'))
    .sort((a, b) => (a.since < b.since ? -1 : 1))
  return new Map(words.map(({ node, status }) => [node, status]))
}
