import type { Registry } from 'prom-client'
// @ts-expect-error -- the library declares the types of its entry only
import RegistryOfLibrary from 'prom-client/lib/registry.js'

/**
 * The library's own entry loads all of it, with its cluster mode, push gateway and digests: 1.2 MiB in each program for
 * code that nobody calls. Its registry is one file.
 */
export function promRegistry(): Registry {
  return new (RegistryOfLibrary as new () => Registry)()
}
