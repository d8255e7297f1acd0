import { isIPv6 } from 'node:net'
import { join } from 'node:path'
import type { Clock } from '@steelyard/runtime'
import { type Access, type KubeCredentials, KubeConfigError } from './credentials.ts'
import { readNamedFile, readToken } from './file.ts'
import { renewed } from './renewed.ts'

/** Where the kubelet puts a Pod's service account. */
export const SERVICE_ACCOUNT_FOLDER = '/var/run/secrets/kubernetes.io/serviceaccount'

export type InClusterOptions = { readonly env: NodeJS.ProcessEnv; readonly folder: string; readonly clock: Clock }

/** Credentials of the Pod we run in; the kubelet renews the token file, so it is read again and again. */
export function inCluster({ env, folder, clock }: InClusterOptions): KubeCredentials {
  const host = needed(env, 'KUBERNETES_SERVICE_HOST')
  const port = needed(env, 'KUBERNETES_SERVICE_PORT')
  const what = 'in-cluster credentials'
  const read = async (): Promise<Access> => {
    const token = readToken(join(folder, 'token'), what)
    const ca = readNamedFile(join(folder, 'ca.crt'), what)
    return { headers: { authorization: `Bearer ${token}` }, tls: { ca } }
  }
  const server = URL.parse(`https://${isIPv6(host) ? `[${host}]` : host}:${port}`)
  if (server === null) throw new KubeConfigError(`KUBERNETES_SERVICE_HOST "${host}", _PORT "${port}": not an address`)
  return { server, namespace: namespaceIn(folder), source: 'in-cluster', ...renewed(clock, read) }
}

function needed(env: NodeJS.ProcessEnv, name: string): string {
  const value = env[name] ?? ''
  if (value !== '') return value
  throw new KubeConfigError(`no --kubeconfig, no $KUBECONFIG, and not in a Pod: $${name} is not set`)
}

function namespaceIn(folder: string): string | undefined {
  try {
    return readToken(join(folder, 'namespace'), 'namespace')
  } catch {
    return undefined
  }
}
