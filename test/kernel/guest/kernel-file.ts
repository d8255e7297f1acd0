import { globSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { compareVersions } from '../../lab/build-binaries.ts'
import { readRecipe } from './recipe.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** The name of a built kernel in its folder. */
export const KERNEL_PROGRAM = 'linux'

/** Where this user's built kernels are kept. */
export function kernelCache(env: Environment): string {
  return join(env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'steelyard', 'kernel')
}

/** The folder of one kernel below the cache: the version of its source, and the recipe. */
export function kernelFolder(version: string, recipe: string): string {
  return `${version}-${recipe}`
}

/** The newest of the kernels that were built by this recipe; undefined when none was. A name is as `kernelFolder` gives it. */
export function newestBuilt(folders: readonly string[], recipe: string): string | undefined {
  return folders
    .filter((name) => name.endsWith(`-${recipe}`))
    .toSorted(compareVersions)
    .at(-1)
}

/**
 * The kernel for guests: $STEELYARD_KERNEL_FILE, else the one in the cache.
 * @returns undefined when there is none yet
 */
export function findKernel(env: Environment): string | undefined {
  const told = env['STEELYARD_KERNEL_FILE']
  if (told !== undefined && told !== '') return told
  const cache = kernelCache(env)
  const built = globSync(`*/${KERNEL_PROGRAM}`, { cwd: cache }).map((path) => path.split('/')[0] ?? '')
  const folder = newestBuilt(built, readRecipe().hash)
  return folder === undefined ? undefined : join(cache, folder, KERNEL_PROGRAM)
}
