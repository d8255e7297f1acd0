import type { KubeObject } from '@steelyard/model'
import { isExpired } from '../api-error.ts'
import type { Api, Scope } from '../api.ts'
import type { Resource } from '../resources.ts'
import { drop, keep, type Snapshot } from './snapshot.ts'

export type Listing<T extends KubeObject> = {
  readonly api: Api
  readonly resource: Resource<T>
  readonly scope: Scope
  readonly pageSize: number
  readonly signal: AbortSignal
  readonly snapshot: Snapshot<T>
  readonly onPage: () => void
}

/**
 * Brings the snapshot up to date with a list, page by page, and drops what the list no longer has.
 * The answer is the version to watch from. When the next page has become too old to be served, everything
 * is asked for at once. Rejects with ApiError; the snapshot is then between two states of the cluster, each
 * object in one that it really had.
 */
export async function listAll<T extends KubeObject>(listing: Listing<T>): Promise<string> {
  try {
    return await listPages(listing, listing.pageSize)
  } catch (error) {
    if (!isExpired(error)) throw error
    return listPages(listing, undefined)
  }
}

async function listPages<T extends KubeObject>(listing: Listing<T>, limit: number | undefined): Promise<string> {
  const { api, resource, scope, signal, snapshot, onPage } = listing
  const pages = limit === undefined ? {} : { limit }
  const listed = new Set<string>()
  let page = await api.list(resource, { ...scope, ...pages, signal })
  const version = page.resourceVersion
  for (;;) {
    onPage()
    if (signal.aborted) return version
    for (const object of page.items) listed.add(keep(snapshot, object))
    if (page.continue === undefined) break
    page = await api.list(resource, { ...scope, ...pages, continue: page.continue, signal })
  }
  for (const key of snapshot.objects.keys()) if (!listed.has(key)) drop(snapshot, key)
  return version
}
