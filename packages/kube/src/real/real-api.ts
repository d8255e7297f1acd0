import type { KubeObject } from '@steelyard/model'
import { type Clock, systemClock } from '@steelyard/runtime'
import type { Api, CallName, CallOptions, ListOptions, Page, Patch } from '../api.ts'
import type { KubeCredentials } from '../config/credentials.ts'
import { toJson } from '../json.ts'
import { applyBody, type ObjectRef } from '../objects.ts'
import { apiVersionOf, type Resource } from '../resources.ts'
import { badAnswer, bodyOf, objectOf } from './answer.ts'
import { closeWire, type Exchange, newWire, send, type Wire } from './exchange.ts'
import { pathOf, type Query, scopeQuery } from './path.ts'
import { readText, watchStream } from './stream.ts'

export type RealApiOptions = {
  readonly clock?: Clock
  /** How long a call may take in all, in milliseconds. */
  readonly requestTimeoutMs?: number
}

export type RealApi = Api & {
  /** Closes the connections; calls under way fail. */
  readonly close: () => void
}

const REQUEST_TIMEOUT_MS = 30_000

/**
 * The API server over HTTPS. At most 16 requests are under way (watches apart), more wait in line; there
 * is no limit by rate, the server's own priority and fairness governs. Nothing is retried but a request on
 * a kept connection that the server had just closed, and one that was refused with credentials that have
 * been renewed since.
 */
export function realApi(credentials: KubeCredentials, options: RealApiOptions = {}): RealApi {
  const { clock = systemClock, requestTimeoutMs = REQUEST_TIMEOUT_MS } = options
  const wire = newWire({ credentials, clock, requestTimeoutMs })
  return { ...readsOf(wire), ...writesOf(wire), close: () => closeWire(wire) }
}

function readsOf(wire: Wire): Pick<Api, 'list' | 'watch' | 'get'> {
  return {
    list: (resource, options = {}) => list(wire, resource, options),
    watch: (resource, options) => {
      const { resourceVersion, timeoutSeconds } = options
      const call: CallName = { verb: 'watch', resource, ref: options }
      const query = { watch: true, allowWatchBookmarks: true, resourceVersion, timeoutSeconds, ...scopeQuery(options) }
      const path = pathOf(call, query)
      return watchStream(wire, { call, method: 'GET', path, signal: options.signal }, (event) =>
        options.onEvent(event as Parameters<typeof options.onEvent>[0]),
      )
    },
    get: (resource, ref, options) => ask(wire, { verb: 'get', resource, ref }, { method: 'GET', ...options }),
  }
}

function writesOf(wire: Wire): Omit<Api, 'list' | 'watch' | 'get'> {
  return {
    create: (resource, draft, options) => {
      const body = toJson({ ...draft, ...typeOf(resource) })
      return ask(wire, { verb: 'create', resource, ref: draft.metadata }, { method: 'POST', body, ...options })
    },
    update: (resource, object, options) =>
      put(wire, { verb: 'update', resource, ref: object.metadata }, object, options),
    updateStatus: (resource, object, options) =>
      put(wire, { verb: 'update', resource, ref: object.metadata, subresource: 'status' }, object, options),
    patch: (resource, ref, patch, options) => sendPatch(wire, { resource, ref, patch }, options),
    delete: async (resource, ref, { resourceVersion, uid, ...options } = {}) => {
      const body = toJson({ apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { resourceVersion, uid } })
      await ask(wire, { verb: 'delete', resource, ref }, { method: 'DELETE', body, ...options })
    },
  }
}

async function list<T extends KubeObject>(wire: Wire, resource: Resource<T>, options: ListOptions): Promise<Page<T>> {
  const { limit, continue: token, resourceVersion, signal } = options
  const call: CallName = { verb: 'list', resource, ref: options }
  const query = { limit, continue: token, resourceVersion, ...scopeQuery(options) }
  const found = await ask<RawList<T>>(wire, call, { method: 'GET', query, ...(signal === undefined ? {} : { signal }) })
  const version = found.metadata?.resourceVersion
  if (version === undefined) throw badAnswer(call, 'a list without a resource version')
  const more = found.metadata?.continue ?? ''
  // The items of a list of the server's own kinds do not say what they are.
  const items = (found.items ?? []).map((item) => ({ ...typeOf(resource), ...item }))
  return { items, resourceVersion: version, ...(more === '' ? {} : { continue: more }) }
}

type RawList<T> = {
  readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string }
  readonly items?: readonly T[] | null
}

function typeOf(resource: Resource): { apiVersion: string; kind: string } {
  return { apiVersion: apiVersionOf(resource), kind: resource.kind }
}

function put<T extends KubeObject>(wire: Wire, call: CallName, object: T, options?: CallOptions): Promise<T> {
  return ask(wire, call, { method: 'PUT', body: toJson({ ...object, ...typeOf(call.resource) }), ...options })
}

type PatchCall = { readonly resource: Resource; readonly ref: ObjectRef; readonly patch: Patch }

function sendPatch<T>(wire: Wire, { resource, ref, patch }: PatchCall, options?: CallOptions): Promise<T> {
  const { subresource } = patch
  const call: CallName = { verb: 'patch', resource, ref, ...(subresource === undefined ? {} : { subresource }) }
  if (patch.kind === 'merge') {
    const contentType = 'application/merge-patch+json'
    return ask(wire, call, { method: 'PATCH', body: toJson(patch.body), contentType, ...options })
  }
  const query = { fieldManager: patch.fieldManager, force: patch.force }
  const body = toJson(applyBody(typeOf(resource), ref, patch.body))
  const contentType = 'application/apply-patch+yaml'
  return ask(wire, call, { method: 'PATCH', query, body, contentType, ...options })
}

type Ask = Omit<Exchange, 'call' | 'path'> & { readonly query?: Query }

/** One call from request to parsed answer. The type of the answer is a matter of trust in the server. */
async function ask<Result>(wire: Wire, call: CallName, { query, ...rest }: Ask): Promise<Result> {
  const exchange: Exchange = { call, path: pathOf(call, query), ...rest }
  const take = call.verb === 'delete' ? bodyOf : objectOf
  const first = await readText(call, await send(wire, exchange))
  if (first.status !== 401) return take(call, first) as Result
  wire.credentials.forget()
  return take(call, await readText(call, await send(wire, exchange))) as Result
}
