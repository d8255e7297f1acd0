import type { Labels, Node, Pod } from '@steelyard/model'
import type { Logger } from '@steelyard/program'
import { nodesWithLiveSpeaker } from './decide/alive.ts'
import { isReadyNode } from './decide/cluster-objects.ts'

/** Who is alive: the nodes whose speakers may own addresses. Decides nothing else, and all speakers should see the same. */
export type AliveNodes = {
  readonly now: () => ReadonlySet<string>
}

export type PodLiveness = AliveNodes & {
  /** Pods or Nodes changed. */
  readonly recheck: () => void
}

export type PodLivenessOptions = {
  /** Of the product's namespace. */
  readonly pods: ReadonlyMap<string, Pod>
  readonly nodes: ReadonlyMap<string, Node>
  /** What marks a speaker's Pod; none = every known node is taken to be alive. */
  readonly speakerLabels: Labels
  /** Before everything is listed, whoever is missing may only not be listed yet. */
  readonly isSynced: () => boolean
  /** The own node while Pods and Nodes may only be stored ones: what they say of it is about a former life. */
  readonly storedFor: () => string | undefined
  readonly log: Logger
  readonly onChange: () => void
}

/**
 * Liveness as the cluster reports it: speaker Pods that are Ready, on Nodes that are. When it reports that nobody
 * is left, it is the report that is not believed: kubelets that cannot reach the API server make every Node
 * look lost, and the addresses must not fall silent for that. Whoever was alive last stays so.
 */
export function podLiveness(options: PodLivenessOptions): PodLiveness {
  const state: State = { alive: new Set(), disbelieved: false }
  return {
    now: () => state.alive,
    recheck: () => {
      if (!options.isSynced()) return
      const alive = look(options)
      if (alive.size === 0 && state.alive.size > 0) return tellDisbelief(state, options.log)
      state.disbelieved = false
      if (sameSet(alive, state.alive)) return
      tellDifference(state.alive, alive, options.log)
      state.alive = alive
      options.onChange()
    },
  }
}

type State = { alive: ReadonlySet<string>; disbelieved: boolean }

/** Once, however many Pods and Nodes change before somebody is alive again. */
function tellDisbelief(state: State, log: Logger): void {
  if (!state.disbelieved)
    log.warn('no node seems to have a live speaker: going on with those that had', { op: 'liveness' })
  state.disbelieved = true
}

/**
 * By the stored state this speaker was often on its way out, and at the end of a power cut everybody was: itself it
 * knows to be alive, and of the others it believes no more than otherwise that all of them are gone.
 */
function look(options: PodLivenessOptions): ReadonlySet<string> {
  const self = options.storedFor()
  const reported = lookAtReports(options)
  if (self === undefined) return reported
  return new Set([...(reported.size === 0 ? options.nodes.keys() : reported), self])
}

function lookAtReports({ pods, nodes, speakerLabels }: PodLivenessOptions): ReadonlySet<string> {
  if (Object.keys(speakerLabels).length === 0) return new Set(nodes.keys())
  const readiness = [...nodes.values()].map((node) => ({ name: node.metadata.name, ready: isReadyNode(node) }))
  return nodesWithLiveSpeaker(pods.values(), readiness, speakerLabels)
}

function sameSet(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((one) => b.has(one))
}

function tellDifference(before: ReadonlySet<string>, now: ReadonlySet<string>, log: Logger): void {
  const came = [...now].filter((node) => !before.has(node))
  const went = [...before].filter((node) => !now.has(node))
  log.info(`${now.size} nodes have a live speaker`, { op: 'liveness', came, went })
}
