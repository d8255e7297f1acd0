import { ApiError, keyOf, SERVICES } from '@steelyard/kube'
import type { Service } from '@steelyard/model'
import { backoffMs, sleep } from '@steelyard/runtime'
import { isNewer } from './resource-version.ts'
import type { World } from './world.ts'

/** A list of all Services that is newer than its asking. */
export type Reading = { readonly services: readonly Service[]; readonly resourceVersion: string }

const PAGE = 500
const BACKOFF = { firstMs: 100, maxMs: 2000 }

/**
 * All Services as they are now, not as a watch last had them: the active replica before us may have written
 * statuses that have not come through yet, and nothing may be handed out that one of them shows.
 * @returns undefined when `signal` was aborted first; failures of the API are waited out
 */
export async function readServices(world: World, signal: AbortSignal): Promise<Reading | undefined> {
  for (let failures = 1; !signal.aborted; failures++) {
    try {
      return await listServices(world)
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      const retryInMs = backoffMs(failures, BACKOFF, world.random)
      world.log.warn('the Services could not be read: trying again', { op: 'take over', error, retryInMs })
      await sleep(world.clock, retryInMs, signal)
    }
  }
  return undefined
}

async function listServices({ api }: World): Promise<Reading> {
  let page = await api.list(SERVICES, { limit: PAGE })
  const { resourceVersion } = page
  const services = [...page.items]
  while (page.continue !== undefined) {
    page = await api.list(SERVICES, { limit: PAGE, continue: page.continue })
    services.push(...page.items)
  }
  return { services, resourceVersion }
}

/**
 * The list and what the watch has by now, each Service in its newer state.
 * @param deleted uids of what the watch saw go since before the list was asked for
 */
export function mergeServices(
  { services, resourceVersion }: Reading,
  watched: ReadonlyMap<string, Service>,
  deleted: ReadonlySet<string>,
): readonly Service[] {
  const merged = new Map<string, Service>()
  for (const service of services) if (!deleted.has(service.metadata.uid ?? '')) merged.set(keyOf(service), service)
  for (const [key, service] of watched) {
    const listed = merged.get(key)
    // Not in the list: created after it, or deleted before it and not told yet by the watch.
    const known = listed ?? { ...service, metadata: { ...service.metadata, resourceVersion } }
    if (isNewer(service, known)) merged.set(key, service)
    else if (listed !== undefined && !isNewer(listed, service)) merged.set(key, service)
  }
  return [...merged.values()]
}
