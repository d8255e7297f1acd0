import type { Problem } from '../config.ts'
import { readBfdProfile } from '../kinds/bfd-profile.ts'
import { readBgpAdvertisement } from '../kinds/bgp-advertisement.ts'
import { readBgpPeerPolicy } from '../kinds/bgp-peer-policy.ts'
import { bgpPeerWarnings, readBgpPeer } from '../kinds/bgp-peer.ts'
import { readCommunity } from '../kinds/community.ts'
import { readIpAddressPool } from '../kinds/ip-address-pool.ts'
import { readL2Advertisement } from '../kinds/l2-advertisement.ts'
import type { KubeObject } from '../kubernetes.ts'
import { KINDS } from '../names.ts'
import { type Found, problemAt, problemsOf } from '../reading/found.ts'
import { nameOf, type Named } from '../reading/objects.ts'
import { isRecord } from '../reading/structures.ts'
import {
  advertisementProblems,
  communityProblems,
  peerPolicyProblems,
  peerProblems,
  type StoredObjects,
} from './between.ts'
import { weighOverlaps } from './overlapping-pools.ts'
import { type Weighed, weigh } from './weighed.ts'

/** What somebody asks the API server to do with an object of one of our kinds. */
export type Change = {
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE'
  readonly kind: string
  readonly namespace: string
  readonly name: string
  /** As it would be stored; absent when it is to be deleted. */
  readonly object?: unknown
  /** As it is stored; absent when it is new. */
  readonly oldObject?: unknown
}

/** Nothing in `problems` = nothing against it. Warnings are told to whoever asked, whatever is decided. */
export type Judgement = { readonly problems: readonly Problem[]; readonly warnings: readonly Problem[] }

type Rule = (change: Change, stored: StoredObjects) => Judgement

type KindRule<T> = {
  readonly read: (object: unknown) => Found<T>
  readonly between?: (one: T, old: T | undefined, stored: StoredObjects) => Weighed
  readonly warn?: (one: T) => readonly Problem[]
}

const RULES: Readonly<Record<string, Rule>> = {
  [KINDS.ipAddressPool]: ruleFor({ read: readIpAddressPool, between: weighOverlaps }),
  [KINDS.l2Advertisement]: ruleFor({ read: readL2Advertisement }),
  [KINDS.bgpAdvertisement]: ruleFor({ read: readBgpAdvertisement, between: compared(advertisementProblems) }),
  [KINDS.bgpPeer]: ruleFor({ read: readBgpPeer, between: compared(peerProblems), warn: bgpPeerWarnings }),
  [KINDS.bfdProfile]: ruleFor({ read: readBfdProfile }),
  [KINDS.community]: ruleFor({ read: readCommunity, between: compared(communityProblems) }),
  [KINDS.bgpPeerPolicy]: ruleFor({ read: readBgpPeerPolicy, between: compared(peerPolicyProblems) }),
}

/** The kinds that a change can be judged of. */
export const JUDGED_KINDS: readonly string[] = Object.keys(RULES)

/**
 * Judges one change with what is stored: the rules that one object can break, and those that it can break together
 * with others. Only what the change makes worse is held against it. Aliases, Secrets and BFDProfiles that are missing
 * may appear later, so they are not judged. Never throws, whatever the objects hold.
 * @param ownNamespace the product's: objects elsewhere do not count
 */
export function judgeChange(change: Change, stored: StoredObjects, ownNamespace: string): Judgement {
  if (change.operation === 'DELETE') return judgeDeletion(change, stored, ownNamespace)
  if (change.namespace !== ownNamespace) return judgeElsewhere(change, ownNamespace)
  return RULES[change.kind]?.(change, stored) ?? { problems: [], warnings: [] }
}

/** It has no effect there. An old one may still be labelled, or freed of its finalizers. */
function judgeElsewhere({ operation, kind, namespace, name }: Change, ownNamespace: string): Judgement {
  const place = { object: `${kind} ${name}`, path: 'metadata.namespace' }
  const message = `found ${JSON.stringify(namespace)}, where it has no effect; accepted: ${JSON.stringify(ownNamespace)}`
  const problem = problemAt(place, message)
  return operation === 'CREATE' ? { problems: [problem], warnings: [] } : { problems: [], warnings: [problem] }
}

/** Only a BFDProfile in use is kept: its sessions would be refused, and the whole configuration with them. */
function judgeDeletion({ kind, namespace, name }: Change, stored: StoredObjects, ownNamespace: string): Judgement {
  const isOurs = kind === KINDS.bfdProfile && namespace === ownNamespace
  const users = isOurs ? stored.bgpPeers.filter((peer) => profileOf(peer) === name).map(nameOf) : []
  if (users.length === 0) return { problems: [], warnings: [] }
  const told = users.toSorted().map((user) => `${KINDS.bgpPeer} ${user}`)
  const message = `is to be deleted, but found in use by ${told.join(', ')}; accepted: once no BGPPeer names it in spec.bfdProfile`
  return { problems: [problemAt({ object: `${kind} ${name}`, path: '' }, message)], warnings: [] }
}

/** Even of a peer that cannot be read otherwise. */
function profileOf(peer: KubeObject): unknown {
  const spec: unknown = Reflect.get(peer, 'spec')
  return isRecord(spec) ? spec['bfdProfile'] : undefined
}

function ruleFor<T>({ read, between = nothingBetween, warn = () => [] }: KindRule<T>): Rule {
  return ({ object, oldObject }, stored) => {
    const now = read(object)
    const old = oldObject === undefined ? undefined : read(oldObject)
    if (!now.ok) return judgementOf(weigh(now.problems, problemsOf(old === undefined ? [] : [old])))
    const weighed = between(now.value, old?.ok === true ? old.value : undefined, stored)
    return judgementOf(old?.ok === false ? tolerateAll(weighed) : weighed, warn(now.value))
  }
}

function nothingBetween(): Weighed {
  return { held: [], tolerated: [] }
}

/** What could not be read before took part in nothing: that it can be read now is no step back. */
function tolerateAll({ held, tolerated }: Weighed): Weighed {
  return { held: [], tolerated: [...held, ...tolerated] }
}

function judgementOf({ held, tolerated }: Weighed, warnings: readonly Problem[] = []): Judgement {
  return { problems: held, warnings: [...warnings, ...tolerated] }
}

/** What is wrong now, less what was wrong with the object as it was. */
function compared<T extends Named<unknown>>(
  judge: (one: T, stored: StoredObjects) => readonly Problem[],
): NonNullable<KindRule<T>['between']> {
  return (one, old, stored) => weigh(judge(one, stored), old === undefined ? [] : judge(old, stored))
}
