import { KINDS } from '../names.ts'
import { type SampleObject, sampleObject, samplePool } from '../sample-objects.ts'
import type { Labels } from '../kubernetes.ts'
import { describeProblem } from '../problem.ts'
import type { StoredObjects } from './between.ts'
import { type Change, judgeChange, type Judgement } from './judge-change.ts'

/** For tests of the judgement: changes and what is stored, in few words. */
export const HOME = 'metallb-system'
const NODES: readonly Labels[] = [
  { name: 'n1', rack: 'a' },
  { name: 'n2', rack: 'b' },
]

/** A part of a spec that selects the nodes of a rack. There are `a` and `b`. */
export function rack(name: string): object {
  return { nodeSelectors: [{ matchLabels: { rack: name } }] }
}

export function pool(name: string, ...addresses: readonly string[]): SampleObject {
  return samplePool(name, { addresses })
}

export function advertisement(name: string, spec: object): SampleObject {
  return sampleObject(KINDS.bgpAdvertisement, name, spec)
}

export function policy(name: string, ...peers: readonly string[]): SampleObject {
  return sampleObject(KINDS.bgpPeerPolicy, name, { peers })
}

export function community(name: string, ...aliases: readonly string[]): SampleObject {
  return sampleObject(KINDS.community, name, { communities: aliases.map((alias) => ({ name: alias, value: '1:2' })) })
}

export const TWO_POOLS = { pools: [pool('a', '10.0.0.0/24'), pool('b', '10.0.1.0/24')] }

type SampleChange = Pick<Change, 'operation'> & { readonly object?: SampleObject; readonly oldObject?: SampleObject }

/** Nothing is stored but what is given, and the nodes. */
export function judge(change: SampleChange, part: Partial<StoredObjects> = {}): Judgement {
  const { kind, metadata } = change.object ?? change.oldObject ?? sampleObject('', '')
  const none = { pools: [], communities: [], bgpAdvertisements: [], bgpPeers: [], bgpPeerPolicies: [] }
  const stored = { ...none, nodes: NODES, ...part }
  return judgeChange({ ...change, kind, name: metadata.name, namespace: metadata.namespace ?? '' }, stored, HOME)
}

export function lines(problems: Judgement['problems']): readonly string[] {
  return problems.map(describeProblem)
}
