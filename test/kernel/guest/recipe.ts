import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

/** What a kernel is built by, but its source. */
export type Recipe = {
  /** The options of the kernel, as `make` reads them. */
  readonly configuration: string
  /** Of options and commands, in twelve digits: another recipe is another kernel. */
  readonly hash: string
}

/** Parts of the source that are large and that this kernel has no use for. */
export const LEFT_OUT = ['drivers/gpu/drm/amd/include', 'tools/perf', 'tools/testing'] as const
/** Leaves every option out that the file named does not ask for. */
export const CONFIGURE = ['make', 'ARCH=um', 'KCONFIG_ALLCONFIG=../kernel.config', 'allnoconfig'] as const
export const COMPILE = ['make', 'ARCH=um', 'linux'] as const

/** The recipe as it stands now; a build keeps to it, whatever is edited meanwhile. */
export function readRecipe(): Recipe {
  const configuration = readFileSync(new URL('kernel.config', import.meta.url), 'utf8')
  return { configuration, hash: hashOf(configuration, [...CONFIGURE, ...COMPILE]) }
}

/** Comments do not count. */
export function hashOf(configuration: string, commands: readonly string[]): string {
  const hash = createHash('sha256')
  hash.update(optionsOf(configuration).join('\n'))
  hash.update(JSON.stringify(commands))
  return hash.digest('hex').slice(0, 12)
}

/** The options that the configuration asks for. */
export function optionsOf(configuration: string): readonly string[] {
  return configuration.split('\n').filter((line) => line.startsWith('CONFIG_'))
}
