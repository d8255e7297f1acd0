import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { buildBinaries } from './build-binaries.ts'

/** The one version the tests of the chart run; test/lab/helm/go.mod names the same. */
export const HELM_VERSION = 'v4.3.1'

type Environment = Readonly<Record<string, string | undefined>>

/** Finds Helm in the cache folder, where it is built once from its Go module. */
export async function findHelm(log: (line: string) => void, env: Environment = process.env): Promise<string> {
  const folder = join(env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'steelyard', 'helm', HELM_VERSION)
  const helm = join(folder, 'helm')
  const module = {
    folder: new URL('helm', import.meta.url).pathname,
    packageOf: () => 'helm.sh/helm/v4/cmd/helm',
    versionVariable: 'helm.sh/helm/v4/internal/version.version',
  }
  if (!existsSync(helm)) await buildBinaries({ folder, names: ['helm'], version: HELM_VERSION, log, module })
  return helm
}
