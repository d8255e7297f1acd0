import { readFileSync } from 'node:fs'
import type { Decoded } from '@steelyard/net'

/** Where Kubernetes tells a pod its namespace. */
const SERVICE_ACCOUNT_NAMESPACE = '/var/run/secrets/kubernetes.io/serviceaccount/namespace'

/**
 * The product's own namespace: what the flag or its variable says, else that of the pod's service account.
 * @param readText a test's own file system
 */
export function ownNamespace(
  given: string,
  readText: (path: string) => string = (path) => readFileSync(path, 'utf8'),
): Decoded<string> {
  if (given !== '') return { ok: true, value: given }
  try {
    const value = readText(SERVICE_ACCOUNT_NAMESPACE).trim()
    if (value !== '') return { ok: true, value }
  } catch {
    // Outside a pod there is no such file: told below.
  }
  return {
    ok: false,
    reason: `--namespace is not given, nor METALLB_NAMESPACE, and ${SERVICE_ACCOUNT_NAMESPACE} does not tell it`,
  }
}
