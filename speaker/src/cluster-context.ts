import { type Api, follow, type Follower, type FollowOptions, type Resource } from '@steelyard/kube'
import type { KubeObject } from '@steelyard/model'
import type { ClusterOptions, KeptResource } from './cluster.ts'
import { sameStored } from './decide/stored-state.ts'

/** What all followers of a cluster share. */
export type Context = {
  readonly api: Api
  readonly options: ClusterOptions
  readonly followers: (Omit<KeptResource, 'follower'> & {
    readonly follower: Omit<Follower<KubeObject>, 'lastHeardAt'>
    readonly isKept: boolean
    readonly isOptional: boolean
  })[]
}

type Wish<T extends KubeObject> = Pick<FollowOptions<T>, 'scope' | 'project' | 'onChange'> & {
  /** Never stored. */
  readonly isPassing?: boolean
  /** Of a kind that a cluster may lack: not waited for long. */
  readonly isOptional?: boolean
}

/** Follows one kind, and keeps a note of it for whoever waits or stores. */
export function following<T extends KubeObject>(
  context: Context,
  resource: Resource<T>,
  wish: Wish<T>,
): ReadonlyMap<string, T> {
  const { api, options, followers } = context
  const { clock, random, log, onStorable } = options
  const { isPassing = false, isOptional = false, onChange = () => {}, ...rest } = wish
  const tell: typeof onChange = (key, now, before) => {
    if (onStorable !== undefined && !isPassing && !sameStored(now, before)) onStorable(kept)
    onChange(key, now, before)
  }
  const follower = follow(api, resource, { clock, random, log, ...rest, onChange: tell })
  // A follower of `T` takes only objects of `T`; those of the file are of its kind, which is looked at on reading.
  const kept = { what: resource.plural, kind: resource.kind, follower: follower as unknown as Follower<KubeObject> }
  followers.push({ ...kept, isKept: !isPassing, isOptional })
  return follower.objects
}
