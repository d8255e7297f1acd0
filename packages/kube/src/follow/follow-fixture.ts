import type { ConfigMap } from '@steelyard/model'
import { type FakeClock, fakeClock, seededRandom } from '@steelyard/runtime'
import { memoryApi, type MemoryApi } from '../memory/memory-api.ts'
import { CONFIG_MAPS } from '../resources.ts'
import { follow, type Follower, type FollowOptions } from './follow.ts'

const quiet = { debug: () => {}, info: () => {}, warn: () => {} }

export function configMap(name: string, value = '1', namespace = 'a'): ConfigMap {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace, name }, data: { value } }
}

export type FollowFixture = {
  readonly clock: FakeClock
  readonly api: MemoryApi
  readonly changes: string[]
  readonly start: (options?: Partial<FollowOptions<ConfigMap>>) => Follower<ConfigMap>
  readonly put: (name: string, value?: string) => void
  readonly remove: (name: string) => void
  /** The calls since the last look, as words. */
  readonly calls: () => string
}

/** A follower of ConfigMaps on a memory cluster with a clock turned by hand. */
export function followFixture(names: readonly string[] = []): FollowFixture {
  const clock = fakeClock()
  const api = memoryApi({ clock })
  const changes: string[] = []
  const put = (name: string, value?: string): void => void api.cluster.put(CONFIG_MAPS, configMap(name, value))
  for (const name of names) put(name)
  return {
    clock,
    api,
    changes,
    start: (options) =>
      follow(api, CONFIG_MAPS, {
        clock,
        random: seededRandom(1),
        log: quiet,
        onChange: (key, now, before) => changes.push(`${key}: ${valueOf(before)} -> ${valueOf(now)}`),
        ...options,
      }),
    put,
    remove: (name) => api.cluster.remove(CONFIG_MAPS, { namespace: 'a', name }),
    calls: () =>
      api.calls
        .splice(0)
        .map(({ verb }) => verb)
        .join(' '),
  }
}

export function valueOf(object: ConfigMap | undefined): string {
  return object?.data?.['value'] ?? 'none'
}
