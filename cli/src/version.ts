import { readFileSync } from 'node:fs'

declare const STEELYARD_VERSION: string | undefined

/** Written into the bundle when it is built; from source, that of the project. */
export function version(): string {
  if (typeof STEELYARD_VERSION === 'string') return STEELYARD_VERSION
  const file = new URL('../../package.json', import.meta.url)
  return (JSON.parse(readFileSync(file, 'utf8')) as { readonly version: string }).version
}
