import { GROUP, type KubeObject, KINDS, LABELS, type Labels, type OwnerReference } from '@steelyard/model'
import type { BgpAnnouncement } from './bgp/book.ts'
import { labelValue } from './label-value.ts'
import { isOwnedBy } from './own-pod.ts'
import type { Announcement } from './plan.ts'
import { sameValue } from './same-value.ts'

/** How the API shows what one protocol announces. */
export type StatusForm<Announced> = {
  readonly kind: string
  readonly generateName: string
  /** Whose objects about a Service there may be: of the one node that announces it, or of each. */
  readonly owners: 'one' | 'each'
  readonly detailOf: (announced: Announced) => StatusDetail
}
export type StatusDetail = {
  readonly interfaces?: readonly { readonly name: string }[]
  readonly peers?: readonly string[]
}

export const L2_STATUS: StatusForm<Pick<Announcement, 'interfaces'>> = {
  kind: KINDS.serviceL2Status,
  generateName: 'l2-',
  owners: 'one',
  detailOf: ({ interfaces }) => ({ interfaces: interfaces === 'all' ? [] : interfaces.map((name) => ({ name })) }),
}
export const BGP_STATUS: StatusForm<Pick<BgpAnnouncement, 'peers'>> = {
  kind: KINDS.serviceBgpStatus,
  generateName: 'bgp-',
  owners: 'each',
  detailOf: ({ peers }) => ({ peers }),
}

/** A ServiceL2Status or ServiceBGPStatus as the API has it. */
export type StatusObject = KubeObject & {
  readonly status?: StatusDetail & {
    readonly node?: string
    readonly serviceName?: string
    readonly serviceNamespace?: string
  }
}

type Status = NonNullable<StatusObject['status']>

/** One Service as this node announces it, or `detail` absent when it does not. */
export type StatusWish = {
  readonly node: string
  readonly namespace: string
  readonly name: string
  readonly detail: StatusDetail | undefined
  /** The own Pod, which takes the object along when it goes; unknown for a speaker run by hand. */
  readonly owner: OwnerReference | undefined
}

export type StatusMetadata = { readonly labels: Labels; readonly ownerReferences?: readonly OwnerReference[] }

/** In the order in which they are to be made. */
export type StatusWrite =
  | { readonly kind: 'create'; readonly metadata: StatusMetadata; readonly status: Status }
  | { readonly kind: 'metadata'; readonly name: string; readonly metadata: StatusMetadata }
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
 * its own duplicates and, where only one may announce, those of other nodes, after its own is there, so that the claim
 * is never missing; a node that does not announce removes only its own. Nothing, when all is as it should be.
 * @param objects all that are about this Service
 */
export function statusWrites(
  wish: StatusWish,
  objects: readonly StatusObject[],
  owners: StatusForm<never>['owners'],
): StatusWrite[] {
  const living = objects.filter(({ metadata }) => metadata.deletionTimestamp === undefined)
  const mine = living.filter((object) => nodeOf(object) === wish.node || isMarked(object, wish.node)).sort(byAge)
  if (wish.detail === undefined) return mine.map(removal)
  const [kept, ...duplicates] = mine
  const foreign = owners === 'each' ? [] : living.filter((object) => !mine.includes(object))
  return [
    ...writesFor(wish, kept),
    ...duplicates.map(removal),
    ...foreign.map((object) => ({ ...removal(object), claimant: nodeOf(object) ?? '' })),
  ]
}

function nodeOf({ status, metadata }: StatusObject): string | undefined {
  return status?.node ?? metadata.labels?.[LABELS.node]
}

/** The node that says by this object that it announces its Service; an object on its way out says nothing. */
export function claimant(object: StatusObject): string | undefined {
  return object.metadata.deletionTimestamp === undefined ? nodeOf(object) : undefined
}

/** Before its status is written, an object of a node with a long name shows only the label's short form. */
function isMarked({ status, metadata }: StatusObject, node: string): boolean {
  return status?.node === undefined && metadata.labels?.[LABELS.node] === labelValue(node)
}

/** The same object wins on every pass: the oldest, then the first by name. */
function byAge(a: StatusObject, b: StatusObject): number {
  const [ageA = '', ageB = ''] = [a.metadata.creationTimestamp, b.metadata.creationTimestamp]
  if (ageA !== ageB) return ageA < ageB ? -1 : 1
  return a.metadata.name < b.metadata.name ? -1 : 1
}

function removal({ metadata }: StatusObject): Extract<StatusWrite, { kind: 'delete' }> {
  return { kind: 'delete', name: metadata.name, uid: metadata.uid }
}

function writesFor(wish: StatusWish, kept: StatusObject | undefined): StatusWrite[] {
  const metadata = metadataOf(wish)
  const status = statusOf(wish)
  if (kept === undefined) return [{ kind: 'create', metadata, status }]
  const { name } = kept.metadata
  return [
    ...(hasMetadata(kept, metadata) ? [] : [{ kind: 'metadata' as const, name, metadata }]),
    ...(hasStatus(kept, status) ? [] : [{ kind: 'status' as const, name, status }]),
  ]
}

function metadataOf({ node, namespace, name, owner }: StatusWish): StatusMetadata {
  const labels = {
    [LABELS.node]: labelValue(node),
    [LABELS.serviceName]: labelValue(name),
    [LABELS.serviceNamespace]: labelValue(namespace),
  }
  return owner === undefined ? { labels } : { labels, ownerReferences: [owner] }
}

function statusOf({ node, namespace, name, detail }: StatusWish): Status {
  return { node, serviceName: name, serviceNamespace: namespace, ...detail }
}

/** Labels that others added are theirs; an unknown owner is nobody to insist on. */
function hasMetadata({ metadata }: StatusObject, wanted: StatusMetadata): boolean {
  const labelled = Object.entries(wanted.labels).every(([key, value]) => metadata.labels?.[key] === value)
  return labelled && isOwnedBy(metadata, wanted.ownerReferences?.[0])
}

/** The API server stores no empty list where none was before. */
function hasStatus({ status }: StatusObject, wanted: Status): boolean {
  const empty = Object.fromEntries(
    Object.entries(wanted).map(([field, value]) => [field, Array.isArray(value) ? [] : '']),
  )
  const shown: Readonly<Record<string, unknown>> = { ...empty, ...status }
  return Object.entries(wanted).every(([field, value]) => sameValue(shown[field], value))
}

/** The object that a `create` sends; its status goes in a second write. */
export function statusDraft(
  { kind, generateName }: Pick<StatusForm<never>, 'kind' | 'generateName'>,
  namespace: string,
  { metadata }: Extract<StatusWrite, { kind: 'create' }>,
): Omit<KubeObject, 'metadata'> & {
  readonly metadata: StatusMetadata & { namespace: string; generateName: string }
} {
  return { apiVersion: `${GROUP}/v1beta1`, kind, metadata: { namespace, generateName, ...metadata } }
}
