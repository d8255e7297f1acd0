import { GROUP, type KubeObject, KINDS, LABELS, type Labels, type OwnerReference } from '@steelyard/model'
import { labelValue } from './label-value.ts'
import type { Interfaces } from './layer2.ts'
import { isOwnedBy } from './own-pod.ts'

/** A ServiceL2Status as the API has it. */
export type L2StatusObject = KubeObject & {
  readonly status?: {
    readonly node?: string
    readonly serviceName?: string
    readonly serviceNamespace?: string
    readonly interfaces?: readonly { readonly name: string }[]
  }
}

type Status = NonNullable<L2StatusObject['status']>

/** One Service as this node announces it, or `interfaces` absent when it does not. */
export type L2StatusWish = {
  readonly node: string
  readonly namespace: string
  readonly name: string
  readonly interfaces: Interfaces | undefined
  /** The own Pod, which takes the object along when it goes; unknown for a speaker run by hand. */
  readonly owner: OwnerReference | undefined
}

export type L2StatusMetadata = { readonly labels: Labels; readonly ownerReferences?: readonly OwnerReference[] }

/** In the order in which they are to be made. */
export type L2StatusWrite =
  | { readonly kind: 'create'; readonly metadata: L2StatusMetadata; readonly status: Status }
  | { readonly kind: 'metadata'; readonly name: string; readonly metadata: L2StatusMetadata }
  | { readonly kind: 'status'; readonly name: string; readonly status: Status }
  | {
      readonly kind: 'delete'
      readonly name: string
      readonly uid: string | undefined
      /** Another node, whose object it is; absent for one of our own. */
      readonly claimant?: string
    }

/**
 * What to write so that the API shows a Service as it is: the announcing node keeps one object, and removes
 * its own duplicates and those of other nodes, after its own is there, so that the claim is never missing; a
 * node that does not announce removes only its own. Nothing, when all is as it should be.
 * @param objects all that are about this Service
 */
export function l2StatusWrites(wish: L2StatusWish, objects: readonly L2StatusObject[]): L2StatusWrite[] {
  const living = objects.filter(({ metadata }) => metadata.deletionTimestamp === undefined)
  const mine = living.filter((object) => nodeOf(object) === wish.node || isMarked(object, wish.node)).sort(byAge)
  if (wish.interfaces === undefined) return mine.map(removal)
  const [kept, ...duplicates] = mine
  const foreign = living.filter((object) => !mine.includes(object))
  return [
    ...writesFor(wish, kept),
    ...duplicates.map(removal),
    ...foreign.map((object) => ({ ...removal(object), claimant: nodeOf(object) ?? '' })),
  ]
}

function nodeOf({ status, metadata }: L2StatusObject): string | undefined {
  return status?.node ?? metadata.labels?.[LABELS.node]
}

/** The node that says by this object that it announces its Service; an object on its way out says nothing. */
export function claimant(object: L2StatusObject): string | undefined {
  return object.metadata.deletionTimestamp === undefined ? nodeOf(object) : undefined
}

/** Before its status is written, an object of a node with a long name shows only the label's short form. */
function isMarked({ status, metadata }: L2StatusObject, node: string): boolean {
  return status?.node === undefined && metadata.labels?.[LABELS.node] === labelValue(node)
}

/** The same object wins on every pass: the oldest, then the first by name. */
function byAge(a: L2StatusObject, b: L2StatusObject): number {
  const [ageA = '', ageB = ''] = [a.metadata.creationTimestamp, b.metadata.creationTimestamp]
  if (ageA !== ageB) return ageA < ageB ? -1 : 1
  return a.metadata.name < b.metadata.name ? -1 : 1
}

function removal({ metadata }: L2StatusObject): Extract<L2StatusWrite, { kind: 'delete' }> {
  return { kind: 'delete', name: metadata.name, uid: metadata.uid }
}

function writesFor(wish: L2StatusWish, kept: L2StatusObject | undefined): L2StatusWrite[] {
  const metadata = metadataOf(wish)
  const status = statusOf(wish)
  if (kept === undefined) return [{ kind: 'create', metadata, status }]
  const { name } = kept.metadata
  return [
    ...(hasMetadata(kept, metadata) ? [] : [{ kind: 'metadata' as const, name, metadata }]),
    ...(hasStatus(kept, status) ? [] : [{ kind: 'status' as const, name, status }]),
  ]
}

function metadataOf({ node, namespace, name, owner }: L2StatusWish): L2StatusMetadata {
  const labels = {
    [LABELS.node]: labelValue(node),
    [LABELS.serviceName]: labelValue(name),
    [LABELS.serviceNamespace]: labelValue(namespace),
  }
  return owner === undefined ? { labels } : { labels, ownerReferences: [owner] }
}

function statusOf({ node, namespace, name, interfaces }: L2StatusWish): Status {
  const listed = interfaces === undefined || interfaces === 'all' ? [] : interfaces
  return {
    node,
    serviceName: name,
    serviceNamespace: namespace,
    interfaces: listed.map((interfaceName) => ({ name: interfaceName })),
  }
}

/** Labels that others added are theirs; an unknown owner is nobody to insist on. */
function hasMetadata({ metadata }: L2StatusObject, wanted: L2StatusMetadata): boolean {
  const labelled = Object.entries(wanted.labels).every(([key, value]) => metadata.labels?.[key] === value)
  return labelled && isOwnedBy(metadata, wanted.ownerReferences?.[0])
}

function hasStatus({ status }: L2StatusObject, wanted: Status): boolean {
  const names = (of: Status | undefined): string => (of?.interfaces ?? []).map(({ name }) => name).join(' ')
  return (
    status?.node === wanted.node &&
    status?.serviceName === wanted.serviceName &&
    status?.serviceNamespace === wanted.serviceNamespace &&
    names(status) === names(wanted)
  )
}

/** The object that a `create` sends; its status goes in a second write. */
export function l2StatusDraft(
  namespace: string,
  { metadata }: Extract<L2StatusWrite, { kind: 'create' }>,
): Omit<KubeObject, 'metadata'> & {
  readonly metadata: L2StatusMetadata & { namespace: string; generateName: string }
} {
  return {
    apiVersion: `${GROUP}/v1beta1`,
    kind: KINDS.serviceL2Status,
    metadata: { namespace, generateName: 'l2-', ...metadata },
  }
}
