import assert from 'node:assert/strict'
import { waitFor } from '../lab/wait.ts'
import { KINDS, NAMESPACE, pathOf } from './crd-examples/example.ts'
import type { Answer, RealApi } from './real-api.ts'

const ROOT = new URL('../..', import.meta.url).pathname

/** `kubectl apply -f crds/` and the product's namespace; resolves when every version of every kind is served. */
export async function applyCrds(api: RealApi): Promise<void> {
  const applied = await api.kubectl(['apply', '-f', `${ROOT}crds`])
  assert.equal(applied.status, 0, applied.stderr)
  await api.call('POST', '/api/v1/namespaces', { body: { metadata: { name: NAMESPACE } } })
  for (const kind of Object.values(KINDS)) {
    await waitFor(`${kind.version} of ${kind.plural}`, async () => (await api.call('GET', pathOf(kind))).status === 200)
  }
}

/** What the API server said, for a failing test to show. */
export function said({ body }: Answer): string {
  return body.message ?? JSON.stringify(body)
}

/** What is wrong, one line a field; that the API server then looked no further is left out. */
export function causes({ body }: Answer): readonly string[] {
  return (body.details?.causes ?? [])
    .filter(({ field }) => field !== '<nil>')
    .map(({ field, message }) => `${field}: ${message}`)
}
