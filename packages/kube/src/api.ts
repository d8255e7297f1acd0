import type { KubeObject } from '@steelyard/model'
import type { Draft, ObjectRef } from './objects.ts'
import type { Resource } from './resources.ts'

/** Which objects: of one namespace or of all, by label, by field (every server knows `metadata.name`). */
export type Scope = {
  readonly namespace?: string
  readonly labelSelector?: string
  readonly fieldSelector?: string
}

export type ListOptions = Scope & {
  readonly limit?: number
  /** The `continue` of the page before. */
  readonly continue?: string
  readonly resourceVersion?: string
  readonly signal?: AbortSignal
}

export type Page<T extends KubeObject> = {
  readonly items: readonly T[]
  readonly resourceVersion: string
  /** There is more: ask for the next page with it. */
  readonly continue?: string
}

export type WatchEvent<T extends KubeObject> =
  | { readonly kind: 'added' | 'modified' | 'deleted'; readonly object: T }
  | { readonly kind: 'bookmark'; readonly resourceVersion: string }

export type WatchOptions<T extends KubeObject> = Scope & {
  readonly resourceVersion: string
  /** Aborting ends the watch regularly. */
  readonly signal: AbortSignal
  /** The server ends the watch after this time. */
  readonly timeoutSeconds?: number
  /** Called in order, one event after the other; nothing more is read from the server meanwhile. */
  readonly onEvent: (event: WatchEvent<T>) => void
}

export type Patch =
  /** RFC 7386. A `metadata.resourceVersion` in it makes the write conditional. */
  | { readonly kind: 'merge'; readonly body: unknown; readonly subresource?: 'status' }
  /** Server-side apply: `body` is all that this field manager wants to own; its kind and name are filled in. */
  | {
      readonly kind: 'apply'
      readonly body: unknown
      readonly subresource?: 'status'
      readonly fieldManager: string
      readonly force: boolean
    }

export type CallOptions = {
  /** Gives up after this time instead of the client's own limit. */
  readonly timeoutMs?: number
}

export type DeleteOptions = CallOptions & { readonly resourceVersion?: string; readonly uid?: string }

/**
 * The Kubernetes API as Steelyard uses it. `realApi` speaks to a server, `memoryApi` is one; both pass
 * `contract-suite.ts`. Every failure is an `ApiError`. There is no retry in here.
 */
export type Api = {
  readonly list: <T extends KubeObject>(resource: Resource<T>, options?: ListOptions) => Promise<Page<T>>
  /** Resolves when the server ended the watch in order, or `signal` was aborted; rejects on all else, ERROR events too. */
  readonly watch: <T extends KubeObject>(resource: Resource<T>, options: WatchOptions<T>) => Promise<void>
  readonly get: <T extends KubeObject>(resource: Resource<T>, ref: ObjectRef, options?: CallOptions) => Promise<T>
  readonly create: <T extends KubeObject>(
    resource: Resource<T>,
    draft: Draft<NoInfer<T>>,
    options?: CallOptions,
  ) => Promise<T>
  /** Replaces the object, if it still has the resource version it carries. */
  readonly update: <T extends KubeObject>(
    resource: Resource<T>,
    object: NoInfer<T>,
    options?: CallOptions,
  ) => Promise<T>
  /** The same for the status subresource; of the API server's own kinds it takes the metadata along. */
  readonly updateStatus: <T extends KubeObject>(
    resource: Resource<T>,
    object: NoInfer<T>,
    options?: CallOptions,
  ) => Promise<T>
  readonly patch: <T extends KubeObject>(
    resource: Resource<T>,
    ref: ObjectRef,
    patch: Patch,
    options?: CallOptions,
  ) => Promise<T>
  readonly delete: <T extends KubeObject>(
    resource: Resource<T>,
    ref: ObjectRef,
    options?: DeleteOptions,
  ) => Promise<void>
}

export type Verb = 'list' | 'watch' | 'get' | 'create' | 'update' | 'patch' | 'delete'

export type CallName = {
  readonly verb: Verb
  readonly resource: Resource
  readonly ref?: { readonly namespace?: string; readonly name?: string }
  readonly subresource?: 'status'
}

/** How a call is named in messages: `update services/status default/web`. */
export function callName({ verb, resource, ref, subresource }: CallName): string {
  const what = resource.group === '' ? resource.plural : `${resource.plural}.${resource.group}`
  const where = [ref?.namespace, ref?.name].filter((part) => part !== undefined && part !== '').join('/')
  return [verb, subresource === undefined ? what : `${what}/${subresource}`, where]
    .filter((part) => part !== '')
    .join(' ')
}
