import type { KubeObject } from '@steelyard/model'
import type { Clock } from '@steelyard/runtime'
import { ApiError, isConflict, isTaken } from '../api-error.ts'
import type { Api, CallName, ListOptions, Scope, WatchOptions } from '../api.ts'
import type { Resource } from '../resources.ts'

/** What became of a write: done, overtaken by another's (or what was to be made is there), refused by the server, or not known to have reached it. */
export type WriteOutcome = 'ok' | 'conflict' | 'refused' | 'failed'

/** What a client has asked and heard. Its size goes by what the program asks for, not by what there is in the cluster. */
export type ApiObservations = {
  /** By `verb resource outcome`. */
  readonly writes: Map<string, WriteCount>
  /** By resource and scope, as `follow` asks. */
  readonly follows: Map<string, Followed>
}

export type WriteCount = {
  readonly verb: string
  readonly resource: string
  readonly outcome: WriteOutcome
  count: number
}

export type Followed = {
  readonly resource: string
  /** On the clock; -Infinity until the server has said anything. */
  heardAt: number
  /** Objects listed, and events of watches. */
  changes: number
  /** Lists and watches that did not end in order. */
  failures: number
}

/** The same API, and what goes over it. */
export function observeApi<Observed extends Api>(
  api: Observed,
  clock: Pick<Clock, 'now'>,
): { readonly api: Observed; readonly observations: ApiObservations } {
  const observations: ApiObservations = { writes: new Map(), follows: new Map() }
  const observer = { observations, clock }
  return { api: { ...api, ...observedReads(api, observer), ...observedWrites(api, observer) }, observations }
}

type Observer = { readonly observations: ApiObservations; readonly clock: Pick<Clock, 'now'> }

function observedReads(api: Api, observer: Observer): Pick<Api, 'list' | 'watch'> {
  return {
    list: (resource, options) => observedList(api, resource, options, observer),
    watch: (resource, options) => observedWatch(api, resource, options, observer),
  }
}

async function observedList<T extends KubeObject>(
  api: Api,
  resource: Resource<T>,
  options: ListOptions | undefined,
  observer: Observer,
): ReturnType<typeof api.list<T>> {
  const followed = followedAs(observer, resource, options ?? {})
  try {
    const page = await api.list(resource, options)
    followed.changes += page.items.length
    followed.heardAt = observer.clock.now()
    return page
  } catch (error) {
    noteFailure(followed, options?.signal)
    throw error
  }
}

async function observedWatch<T extends KubeObject>(
  api: Api,
  resource: Resource<T>,
  options: WatchOptions<T>,
  observer: Observer,
): Promise<void> {
  const followed = followedAs(observer, resource, options)
  const onEvent: typeof options.onEvent = (event) => {
    followed.heardAt = observer.clock.now()
    if (event.kind !== 'bookmark') followed.changes++
    options.onEvent(event)
  }
  try {
    await api.watch(resource, { ...options, onEvent })
  } catch (error) {
    noteFailure(followed, options.signal)
    throw error
  }
}

function noteFailure(followed: Followed, signal: AbortSignal | undefined): void {
  if (signal?.aborted !== true) followed.failures++
}

function followedAs(
  { observations: { follows } }: Observer,
  resource: Resource,
  { namespace, labelSelector, fieldSelector }: Scope,
): Followed {
  const name = resourceName(resource)
  const key = [name, namespace, labelSelector, fieldSelector].join('|')
  const known = follows.get(key) ?? { resource: name, heardAt: -Infinity, changes: 0, failures: 0 }
  follows.set(key, known)
  return known
}

function observedWrites(
  api: Api,
  observer: Observer,
): Pick<Api, 'create' | 'update' | 'updateStatus' | 'patch' | 'delete'> {
  const { observations } = observer
  return {
    create: (resource, ...rest) => counted(observations, { verb: 'create', resource }, api.create(resource, ...rest)),
    update: (resource, ...rest) => counted(observations, { verb: 'update', resource }, api.update(resource, ...rest)),
    updateStatus: (resource, ...rest) =>
      counted(observations, { verb: 'update', resource, subresource: 'status' }, api.updateStatus(resource, ...rest)),
    patch: (resource, ref, patch, options) => {
      const { subresource } = patch
      const call: CallName = { verb: 'patch', resource, ...(subresource === undefined ? {} : { subresource }) }
      return counted(observations, call, api.patch(resource, ref, patch, options))
    },
    delete: (resource, ...rest) => counted(observations, { verb: 'delete', resource }, api.delete(resource, ...rest)),
  }
}

async function counted<Result>(
  { writes }: ApiObservations,
  { verb, resource, subresource }: CallName,
  answer: Promise<Result>,
): Promise<Result> {
  const name = subresource === undefined ? resourceName(resource) : `${resourceName(resource)}/${subresource}`
  const note = (outcome: WriteOutcome): void => {
    const key = `${verb} ${name} ${outcome}`
    const known = writes.get(key) ?? { verb, resource: name, outcome, count: 0 }
    known.count++
    writes.set(key, known)
  }
  try {
    const result = await answer
    note('ok')
    return result
  } catch (error) {
    note(outcomeOf(error))
    throw error
  }
}

function outcomeOf(error: unknown): WriteOutcome {
  if (!(error instanceof ApiError)) return 'failed'
  if (isConflict(error) || isTaken(error)) return 'conflict'
  return error.status >= 400 && error.status < 500 ? 'refused' : 'failed'
}

function resourceName({ group, plural }: Resource): string {
  return group === '' ? plural : `${plural}.${group}`
}
