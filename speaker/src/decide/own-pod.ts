import type { ObjectMeta, OwnerReference, Pod } from '@steelyard/model'

/** What ties an object to the speaker's own Pod, so that it goes with it; unknown for a speaker run by hand. */
export function ownerReference(pod: Pod | undefined): OwnerReference | undefined {
  const { name, uid } = pod?.metadata ?? {}
  return name === undefined || uid === undefined ? undefined : { apiVersion: 'v1', kind: 'Pod', name, uid }
}

/** Whether an object belongs to this owner alone; where there is no owner to insist on, it does. */
export function isOwnedBy(
  { ownerReferences = [] }: Pick<ObjectMeta, 'ownerReferences'>,
  owner: OwnerReference | undefined,
): boolean {
  return owner === undefined || (ownerReferences.length === 1 && ownerReferences[0]?.uid === owner.uid)
}
