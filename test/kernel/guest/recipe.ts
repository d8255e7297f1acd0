import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

/** The options of the kernel, as `make` reads them. */
export const CONFIGURATION = new URL('kernel.config', import.meta.url).pathname
/** Leaves every option out that the configuration does not name. */
export const CONFIGURE = ['make', 'ARCH=um', `KCONFIG_ALLCONFIG=${CONFIGURATION}`, 'allnoconfig'] as const
export const COMPILE = ['make', 'ARCH=um', 'linux'] as const
/** Parts of the source that are large and that this kernel has no use for. */
export const LEFT_OUT = ['drivers/gpu/drm/amd/include', 'tools/perf', 'tools/testing'] as const

/** What a kernel is built by, but its source, in twelve digits: another recipe is another kernel. */
export function recipeHash(): string {
  return hashOf(readFileSync(CONFIGURATION, 'utf8'), [...CONFIGURE.filter((word) => !word.includes('/')), ...COMPILE])
}

/** Comments do not count, nor where the project lies on this machine. */
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
