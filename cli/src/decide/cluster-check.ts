import { describeProblem, EXCLUDE_FROM_BALANCERS_LABEL } from '@steelyard/model'
import { STRICT_ARP_ADVICE } from '@steelyard/speaker'
import type { ForeignKey, ForeignObjects } from './foreign-objects.ts'
import { type CheckResult, fault, notChecked, ok, warning } from './check-result.ts'
import { listed, plural } from './finding.ts'
import { arpSettingsCheck } from './kernel-answers.ts'
import { answersForAll, kubeProxyOf } from './kube-proxy.ts'
import { bgpSpeakers, otherBalancers } from './other-balancers.ts'
import type { Situation } from './situation.ts'
import { conflictsOf, machineOf } from './speaker-reports.ts'

export type ClusterCheckInput = {
  readonly situation: Situation
  readonly foreign: ForeignObjects
  /** What could not be read, and why. */
  readonly unread: ReadonlyMap<ForeignKey, string>
}

/** What can be told from the API whether addresses will be given and reached. */
export function clusterChecks(input: ClusterCheckInput): readonly CheckResult[] {
  return [
    kubeProxyCheck(input),
    ...balancerChecks(input),
    excludeCheck(input.situation),
    speakersCheck(input.situation),
    configurationCheck(input.situation),
    advertisementCheck(input.situation),
    portCheck(input),
    conflictCheck(input.situation),
    arpSettingsCheck(input.situation.objects),
    ...onNodesOnly(),
  ]
}

function kubeProxyCheck({ foreign, unread }: ClusterCheckInput): CheckResult {
  const name = 'kube-proxy'
  const why = unread.get('systemConfigMaps')
  if (why !== undefined) return notChecked(name, why)
  const proxy = kubeProxyOf(foreign.systemConfigMaps)
  if (proxy.kind === 'unknown')
    return notChecked(name, proxy.why, 'what replaces it must not answer ARP for addresses of Services')
  if (answersForAll(proxy)) {
    return fault(name, 'IPVS mode without strictARP: every node answers ARP for every address', STRICT_ARP_ADVICE)
  }
  return ok(name, `mode ${proxy.mode}${proxy.mode === 'ipvs' ? ' with strictARP' : ''}`)
}

function balancerChecks({ foreign, unread }: ClusterCheckInput): readonly CheckResult[] {
  const name = 'other load balancers'
  const found = otherBalancers(foreign)
  if (found.length > 0)
    return found.map(({ product, found: what, advice }) => fault(name, `${product} is there: ${what}`, advice))
  const missing = (['daemonSets', 'deployments', 'ciliumPools'] as const).flatMap((key) => unread.get(key) ?? [])
  return [missing.length > 0 ? notChecked(name, missing.join('; ')) : ok(name, 'none')]
}

function excludeCheck({ nodes, rules }: Situation): CheckResult {
  const name = 'exclusion labels'
  const marked = nodes
    .filter(({ labels }) => labels[EXCLUDE_FROM_BALANCERS_LABEL] !== undefined)
    .map((node) => node.name)
  if (marked.length === 0 || rules.ignoreExcludeLabel)
    return ok(name, marked.length === 0 ? 'no node is left out' : 'ignored (--ignore-exclude-lb)')
  const message = `${listed(marked)} ${marked.length === 1 ? 'is' : 'are'} labelled ${EXCLUDE_FROM_BALANCERS_LABEL}`
  if (marked.length < nodes.length)
    return ok(name, `${message}; ${plural(nodes.length - marked.length, 'node')} may announce`)
  return fault(
    name,
    `${message}: no node may announce`,
    `kubectl label node NODE ${EXCLUDE_FROM_BALANCERS_LABEL}-, or start speakers with --ignore-exclude-lb`,
  )
}

function speakersCheck({ nodes, living }: Situation): CheckResult {
  const name = 'speakers'
  const silent = nodes.filter(({ alive }) => !alive).map((node) => node.name)
  if (silent.length === 0) return ok(name, `${plural(nodes.length, 'node')}, each with a live speaker`)
  if (living.known.size === 0)
    return warning(name, 'no speaker is there yet', 'install Steelyard: this is a cluster without it')
  return warning(name, `no live speaker on ${listed(silent)}`, 'kubectl get pods -n metallb-system -o wide')
}

function configurationCheck({ controller, nodes, speakerOn, objects }: Situation): CheckResult {
  const name = 'configuration'
  const byController = controller.ok ? [] : controller.problems
  const bySpeakers = nodes.flatMap((node) => {
    const compiled = speakerOn(node.name)
    return compiled.ok ? [] : compiled.problems
  })
  const problems = [...new Set([...byController, ...bySpeakers].map(describeProblem))]
  if (problems.length > 0) return fault(name, listed(problems, '; '), 'correct the object that is named')
  const { pools } = objects
  if (pools.length === 0) return warning(name, 'there is no IPAddressPool', 'create one, and an advertisement for it')
  return ok(name, `${plural(pools.length, 'pool')}, nothing is wrong with it`)
}

function advertisementCheck({ objects, nodes, speakerOn }: Situation): CheckResult {
  const name = 'advertisements'
  const advertised = new Set(
    nodes.flatMap((node) => {
      const compiled = speakerOn(node.name)
      if (!compiled.ok) return []
      const { l2Advertisements, bgpAdvertisements } = compiled.config
      return [...l2Advertisements, ...bgpAdvertisements].flatMap(({ pools }) => [...pools])
    }),
  )
  const silent = objects.pools.map(({ metadata }) => metadata.name).filter((pool) => !advertised.has(pool))
  if (silent.length === 0) return ok(name, 'each pool is advertised')
  return warning(
    name,
    `nothing advertises pool ${listed(silent)}: its addresses are given out and answer nowhere`,
    'create an L2Advertisement or BGPAdvertisement for it',
  )
}

/** The port of BGP is free for others: nothing of ours listens unless a peer is passive. */
function portCheck({ situation, foreign }: ClusterCheckInput): CheckResult {
  const name = 'BGP of the network plugin'
  const others = bgpSpeakers(foreign)
  if (others.length === 0) return ok(name, 'no network plugin that speaks BGP was found')
  const peers = situation.nodes.flatMap((node) => {
    const compiled = situation.speakerOn(node.name)
    return compiled.ok ? compiled.config.bgpPeers : []
  })
  if (peers.length === 0) return ok(name, `${listed(others)}; Steelyard has no BGPPeer, so there is no conflict`)
  const waiting = [...new Set(peers.filter(({ policy }) => policy.passive).map((peer) => peer.name))]
  if (waiting.length > 0) {
    return fault(
      name,
      `${listed(others)} listens for routers on each node, and so would ${listed(waiting)}, being passive`,
      'give the BGPPeerPolicy another listenPort, or let Steelyard connect',
    )
  }
  return warning(
    name,
    `${listed(others)} may have a session with the same router: a router takes one session from an address`,
    'let the two peer with different routers, or from different addresses (sourceAddress, vrf)',
  )
}

function conflictCheck({ objects }: Situation): CheckResult {
  const name = 'foreign machines'
  const conflicts = conflictsOf(objects.speakerStatuses).map(
    (conflict) => `${machineOf(conflict)} answers for ${conflict.ip} on ${conflict.interface} of ${conflict.node}`,
  )
  if (conflicts.length === 0) return ok(name, 'no speaker reports one that uses an address of a pool')
  return fault(name, listed(conflicts, '; '), 'find that machine and give it another address')
}

/** What the API does not show. */
const ON_NODES = ['rp_filter', 'interfaces', 'MTU', 'firewall']

function onNodesOnly(): readonly CheckResult[] {
  return ON_NODES.map((name) => notChecked(name, 'only a node shows it', 'run steelyard check --node on each node'))
}
