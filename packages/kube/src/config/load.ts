import { existsSync } from 'node:fs'
import { delimiter } from 'node:path'
import { type Clock, systemClock } from '@steelyard/runtime'
import { clientNodeAccess } from './client-node.ts'
import { type Access, type KubeCredentials, KubeConfigError } from './credentials.ts'
import { inCluster, SERVICE_ACCOUNT_FOLDER } from './in-cluster.ts'
import {
  type Chosen,
  chooseContext,
  type KubeConfigFile,
  mergeKubeConfigFiles,
  readKubeConfigFile,
} from './kubeconfig.ts'
import { renewed } from './renewed.ts'
import { staticAccess } from './static-access.ts'

export type LoadOptions = {
  /** The value of `--kubeconfig`; undefined or empty when the flag was not given. */
  readonly kubeconfig?: string | undefined
  readonly env: NodeJS.ProcessEnv
  readonly clock?: Clock
  /** Where a Pod's service account is mounted; another folder in tests only. */
  readonly serviceAccountFolder?: string
}

/**
 * Where the API server is and how we are let in: `--kubeconfig`, else `$KUBECONFIG` (several files are
 * merged, missing ones among several are passed over), else the Pod's service account. Rejects with
 * KubeConfigError, one line that names the file and what is wrong with it. Everything is tried once here,
 * so that a missing token file or a failing plugin shows at the start.
 */
export async function loadKubeConfig(options: LoadOptions): Promise<KubeCredentials> {
  const { kubeconfig = '', env, clock = systemClock, serviceAccountFolder = SERVICE_ACCOUNT_FOLDER } = options
  const paths = pathsOf(kubeconfig, env['KUBECONFIG'] ?? '')
  const credentials =
    paths.length === 0 ? inCluster({ env, folder: serviceAccountFolder, clock }) : await fromFiles(paths, clock)
  await credentials.access()
  return credentials
}

function pathsOf(flag: string, variable: string): readonly string[] {
  if (flag !== '') return [flag]
  const paths = variable.split(delimiter).filter((path) => path !== '')
  const there = paths.filter((path) => existsSync(path))
  return paths.length > 1 && there.length > 0 ? there : paths
}

async function fromFiles(paths: readonly string[], clock: Clock): Promise<KubeCredentials> {
  const source = paths.join(delimiter)
  const file = mergeKubeConfigFiles(await Promise.all(paths.map(readKubeConfigFile)))
  const chosen = chooseContext(file, source)
  const server = URL.parse(chosen.cluster.server)
  if (server === null || !/^https?:$/.test(server.protocol)) {
    throw new KubeConfigError(`kubeconfig ${source}: server "${chosen.cluster.server}" is not an http(s) URL`)
  }
  const namespace = chosen.context.namespace ?? ''
  return {
    server,
    namespace: namespace === '' ? undefined : namespace,
    source,
    ...renewed(clock, reader(file, chosen, source)),
  }
}

function reader(file: KubeConfigFile, chosen: Chosen, source: string): (refused: boolean) => Promise<Access> {
  const throughProxy = (chosen.cluster['proxy-url'] ?? '') !== ''
  const { exec, 'auth-provider': provider } = chosen.user
  if (!throughProxy && exec === undefined && provider === undefined) return async () => staticAccess(chosen)
  const loaded: { access?: Promise<() => Promise<Access>> } = {}
  return async (refused) => {
    try {
      // It remembers what a plugin gave for as long as that says it is good; only a new one asks again before.
      if (refused || loaded.access === undefined) loaded.access = clientNodeAccess(file, throughProxy)
      return await (
        await loaded.access
      )()
    } catch (error) {
      throw new KubeConfigError(`kubeconfig ${source}: user "${chosen.context.user ?? ''}": ${pluginFailure(error)}`)
    }
  }
}

/** A plugin's output is never quoted, a parser's message would: it holds the credentials. */
function pluginFailure(error: unknown): string {
  if (error instanceof SyntaxError || error instanceof TypeError)
    return 'the plugin did not answer with an ExecCredential'
  const [line = ''] = (error instanceof Error ? error.message : String(error)).trim().split('\n')
  return line === '' ? 'the plugin failed without a word' : line
}
