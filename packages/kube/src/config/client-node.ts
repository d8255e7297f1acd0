import type { RequestOptions } from 'node:https'
import type { Access } from './credentials.ts'
import type { KubeConfigFile } from './kubeconfig.ts'

/**
 * Credentials that are more than data and files: exec plugins, auth providers, proxies. They are the
 * business of `@kubernetes/client-node`, which is loaded only when a kubeconfig asks for them: it brings
 * 27 MiB of memory, a third of what a whole controller may use.
 */
export async function clientNodeAccess(file: KubeConfigFile, throughProxy: boolean): Promise<() => Promise<Access>> {
  const { KubeConfig } = await import('./kube-config-class.ts')
  const config = new KubeConfig()
  config.loadFromString(JSON.stringify(documentOf(file)))
  return async () => {
    const options: RequestOptions = {}
    await config.applyToHTTPSOptions(options)
    const { agent } = options
    return {
      headers: headersOf(options),
      tls: tlsOf(options),
      ...(throughProxy && typeof agent === 'object' ? { agent } : {}),
    }
  }
}

const TLS_FIELDS = ['ca', 'cert', 'key', 'passphrase', 'servername', 'rejectUnauthorized'] as const

function tlsOf(options: RequestOptions): Access['tls'] {
  const set = TLS_FIELDS.flatMap((name) => (options[name] === undefined ? [] : [[name, options[name]]]))
  return Object.fromEntries(set) as Access['tls']
}

function headersOf({ headers, auth }: RequestOptions): Access['headers'] {
  const basic = typeof auth === 'string' ? { authorization: `Basic ${Buffer.from(auth).toString('base64')}` } : {}
  return { ...basic, ...(headers as Access['headers'] | undefined) }
}

function documentOf({ clusters, users, contexts, currentContext }: KubeConfigFile): unknown {
  return {
    clusters: [...clusters].map(([name, cluster]) => ({ name, cluster })),
    users: [...users].map(([name, user]) => ({ name, user })),
    contexts: [...contexts].map(([name, context]) => ({ name, context })),
    'current-context': currentContext,
  }
}
