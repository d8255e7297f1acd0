import { EXCLUDE_FROM_BALANCERS_LABEL, type Labels } from '@steelyard/model'
import { type Announceable, type Interfaces, nodeTerms } from './layer2.ts'
import type { Candidate } from './ownership.ts'

/** A node as every speaker sees it. */
export type NodeState = {
  readonly name: string
  readonly labels: Labels
  /** Its condition `NetworkUnavailable` is True. */
  readonly networkUnavailable: boolean
  /** Has a live speaker. */
  readonly alive: boolean
  /** Interfaces it cannot announce on, although advertisements name them; `EVERY_INTERFACE` = it can announce on none. */
  readonly missingInterfaces: ReadonlySet<string>
  /** Interfaces it announced on earlier in its life and cannot now. */
  readonly impairedInterfaces: ReadonlySet<string>
  /** It is in maintenance, or about to stop. */
  readonly draining: boolean
}

/** Stands in a node's missing interfaces for all there are. */
export const EVERY_INTERFACE = '*'

export type EligibilityRules = {
  /** `--ignore-exclude-lb`. */
  readonly ignoreExcludeLabel: boolean
}

/** Whether a node may own what is announced under `scope`, and on which terms; else why not, in words (contract, 7.1). */
export type Eligibility =
  | { readonly kind: 'eligible'; readonly weight: number; readonly interfaces: Interfaces }
  | { readonly kind: 'unselected' }
  | { readonly kind: 'interfacesMissing'; readonly interfaces: Interfaces }
  | { readonly kind: 'ineligible'; readonly why: string }

export function eligibility(node: NodeState, scope: Announceable, rules: EligibilityRules): Eligibility {
  const terms = nodeTerms(scope.advertisements, node.labels)
  if (terms === undefined) return { kind: 'unselected' }
  const why = whyNodeIsOut(node, rules)
  if (why !== undefined) return { kind: 'ineligible', why }
  if (scope.servingNodes?.includes(node.name) === false) {
    return { kind: 'ineligible', why: 'externalTrafficPolicy is Local and it runs no serving endpoint' }
  }
  const { interfaces } = terms
  return lacks(node, interfaces) ? { kind: 'interfacesMissing', interfaces } : { kind: 'eligible', ...terms }
}

function whyNodeIsOut(node: NodeState, { ignoreExcludeLabel }: EligibilityRules): string | undefined {
  if (!node.alive) return 'it has no live speaker'
  if (node.networkUnavailable) return 'its condition NetworkUnavailable is True'
  const isExcluded = node.labels[EXCLUDE_FROM_BALANCERS_LABEL] !== undefined
  return isExcluded && !ignoreExcludeLabel ? `it is labelled ${EXCLUDE_FROM_BALANCERS_LABEL}` : undefined
}

function lacks({ missingInterfaces: missing }: NodeState, interfaces: Interfaces): boolean {
  if (missing.has(EVERY_INTERFACE)) return true
  return interfaces !== 'all' && interfaces.every((name) => missing.has(name))
}

/**
 * The nodes that may own what is announced under `scope`, in the order of `nodes`. One that has lost an interface it
 * would announce on counts only where all have: part of the LAN would not hear it.
 */
export function candidatesFor(scope: Announceable, nodes: readonly NodeState[], rules: EligibilityRules): Candidate[] {
  const found = nodes.flatMap((node) => {
    const verdict = eligibility(node, scope, rules)
    return verdict.kind === 'eligible' ? [{ node, verdict }] : []
  })
  const whole = found.filter(({ node, verdict }) => !isImpaired(node, verdict.interfaces))
  const able = whole.some(({ node }) => !node.draining) ? whole : found
  return able.map(({ node: { name, draining }, verdict: { weight } }) =>
    draining ? { node: name, weight, draining } : { node: name, weight },
  )
}

function isImpaired({ impairedInterfaces: impaired }: NodeState, interfaces: Interfaces): boolean {
  return interfaces === 'all' ? impaired.size > 0 : interfaces.some((name) => impaired.has(name))
}
