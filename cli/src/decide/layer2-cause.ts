import { EXCLUDE_FROM_BALANCERS_LABEL, type ServiceView } from '@steelyard/model'
import { type NodeState, type Withheld } from '@steelyard/speaker'
import type { Announcing } from './announcements.ts'
import { type Finding, listed, nodesListed } from './finding.ts'
import type { NodeVerdict } from './ownership.ts'
import type { Situation } from './situation.ts'
import { reportsOf } from './speaker-reports.ts'

/** What is known of a Service on the LAN. */
export type Layer2View = {
  readonly view: ServiceView
  readonly verdicts: readonly NodeVerdict[]
  readonly owner: string | undefined
}

/** Why nobody answers on the LAN for a Service that has an address; undefined when somebody does. */
export function layer2Cause(situation: Situation, announcing: Announcing, layer2: Layer2View): Finding | undefined {
  const { view, verdicts, owner } = layer2
  if (owner !== undefined) return undefined
  const withheld = withheldEverywhere(situation, announcing, view)
  if (withheld !== undefined) return { ...withheld, advice: adviceOnScope(withheld, view) }
  const able = verdicts.filter(({ reason }) => reason === 'eligible')
  return able.length > 0 ? nobodyTakesIt(situation, view, able) : nobodyMay(situation, verdicts)
}

/** What is the same on every node: that the LAN may not hear of the Service at all. */
function withheldEverywhere({ nodes }: Situation, { factsOn }: Announcing, view: ServiceView): Withheld | undefined {
  const facts = nodes.flatMap(({ name }) => factsOn(name, view) ?? [])
  const [first] = facts
  return first?.kind === 'withheld' && facts.every(({ kind }) => kind === 'withheld') ? first.why : undefined
}

function adviceOnScope({ reason, message }: Withheld, { selector }: ServiceView): string {
  if (reason === 'sharedIPWithServiceSelector') {
    return 'take the annotation off the Service, or serviceSelectors off the L2Advertisement'
  }
  if (reason === 'noMatchingAdvertisement')
    return 'let serviceSelectors of an L2Advertisement for the pool match the labels of the Service'
  if (reason === 'notOwner' && message.includes('endpoint')) return noEndpointAdvice(selector)
  return 'kubectl get ipaddresspools,l2advertisements -n metallb-system -o yaml'
}

export function noEndpointAdvice(selector: ServiceView['selector']): string {
  const text = Object.entries(selector).map(([key, value]) => `${key}=${value}`)
  return text.length === 0
    ? 'the Service has no selector: somebody must make EndpointSlices for it'
    : `see that Pods match the selector and are Ready: kubectl get pods -l ${text.join(',')}`
}

function nobodyTakesIt({ objects }: Situation, view: ServiceView, able: readonly NodeVerdict[]): Finding {
  const failed = objects.events.findLast(({ reason }) => reason === 'announceFailed')
  if (failed?.message !== undefined) {
    return { reason: 'announceFailed', message: failed.message, advice: INTERFACE_ADVICE }
  }
  const standings = reportsOf(objects.speakerStatuses)
    .filter((report) => able.some(({ node }) => node === report.node))
    .map(({ node, standing }) => `${node}: ${standing}`)
  const held = standings.filter((text) => !/: (settled|off)$/.test(text))
  const names = listed(able.map(({ node }) => node))
  const [first] = held
  if (first !== undefined && held.length === standings.length) {
    return {
      reason: standingWord(first),
      message: `no speaker that may announce it does so yet: ${listed(held)}`,
      advice: STANDING_ADVICE,
    }
  }
  const message = `${names} may announce ${view.ingress.map(({ ip }) => ip).join(', ')}, and no live speaker reports that it does`
  return { reason: 'notOwner', message, advice: 'wait a few seconds; then look at the log of those speakers' }
}

const STANDING_ADVICE =
  'fenced and doubting speakers hear too few of the others: see that UDP 7946 passes between the nodes; settling ends by itself'
const INTERFACE_ADVICE =
  'correct spec.interfaces of the L2Advertisement, or bring the interface up; steelyard check --node shows those of a node'

function standingWord(text: string): string {
  const word = text.slice(text.lastIndexOf(' ') + 1)
  return word.charAt(0).toUpperCase() + word.slice(1)
}

/** Each node has its reason; where all have the same word, that is the word for all. */
function nobodyMay({ nodes, living }: Situation, verdicts: readonly NodeVerdict[]): Finding {
  if (nodes.length === 0) return { reason: 'notOwner', message: 'the cluster has no nodes', advice: 'add nodes' }
  if (living.alive.size === 0) {
    const message =
      living.known.size === 0
        ? 'no node runs a speaker'
        : `no node has a live speaker: ${listed([...living.known])} had one`
    return {
      reason: 'notOwner',
      message,
      advice: 'kubectl get pods -n metallb-system -o wide: the DaemonSet speaker must run and be Ready',
    }
  }
  const words = new Set(verdicts.map(({ reason }) => reason))
  const [only = 'notOwner'] = words
  const told = nodesListed(verdicts)
  const reason = words.size === 1 ? only : 'notOwner'
  return { reason, message: `no node may announce it: ${told}`, advice: adviceOnNodes(nodes, verdicts) }
}

type Matter = { readonly applies: (node: NodeState, verdict: NodeVerdict) => boolean; readonly advice: string }

/** What a node could be freed of, the easiest first. */
const MATTERS: readonly Matter[] = [
  {
    applies: ({ labels }) => labels[EXCLUDE_FROM_BALANCERS_LABEL] !== undefined,
    advice: `take the label off: kubectl label node NODE ${EXCLUDE_FROM_BALANCERS_LABEL}- (kubeadm puts it on control planes), or start speakers with --ignore-exclude-lb`,
  },
  {
    applies: ({ networkUnavailable }) => networkUnavailable,
    advice: 'the network plugin of the node must set its condition NetworkUnavailable to False',
  },
  { applies: ({ missingInterfaces }) => missingInterfaces.size > 0, advice: INTERFACE_ADVICE },
  {
    applies: (_, { message }) => message.includes('runs no serving endpoint'),
    advice: 'run a Pod of the Service on a node that may announce it, or set externalTrafficPolicy to Cluster',
  },
  {
    applies: (_, { reason }) => reason === 'noMatchingAdvertisement',
    advice: 'let nodeSelectors of the L2Advertisement match the labels of a node',
  },
  {
    applies: (_, { reason }) => reason === 'ConfigurationError',
    advice: 'correct the configuration: kubectl get configurationstates -n metallb-system',
  },
  {
    applies: ({ alive }) => !alive,
    advice: 'kubectl get pods -n metallb-system -o wide: the speaker of the node must be Ready',
  },
]

function adviceOnNodes(nodes: readonly NodeState[], verdicts: readonly NodeVerdict[]): string {
  const pairs = nodes.flatMap((node, at) => {
    const verdict = verdicts[at]
    return verdict === undefined ? [] : [{ node, verdict }]
  })
  const found = MATTERS.filter(({ applies }) => pairs.some(({ node, verdict }) => applies(node, verdict)))
  return found.map(({ advice }) => advice).join('; or ')
}
