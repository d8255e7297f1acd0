import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { MANIFESTS, staleManifests } from '../../scripts/manifests.ts'
import { operatorKinds } from '../lab/operator-kinds.ts'
import { said } from './crd-server.ts'
import { CONTROLLER, MANIFEST, NAMESPACE, OBJECTS, SPEAKER, type Template } from './manifest.ts'
import { type Answer, type RealApi, startRealApi } from './real-api.ts'
import { type Access, isGranted, nameOf, questions, rightsOf } from './rights.ts'

const ROOT = new URL('../..', import.meta.url).pathname

let api: RealApi
before(async () => {
  api = await startRealApi()
})
after(() => api.stop())

describe('the manifest', () => {
  it('and its variants are what kustomize makes of config', async () => {
    assert.deepEqual(await staleManifests(), [], 'npm run manifests')
  })

  it('names everything that is shipped', () => {
    const names = OBJECTS.filter(({ kind }) => kind !== 'CustomResourceDefinition').map(
      ({ kind, metadata }) =>
        `${kind} ${metadata.namespace === NAMESPACE ? '' : `${metadata.namespace ?? '-'}/`}${metadata.name}`,
    )
    assert.deepEqual(names.toSorted(), [
      'ClusterRole -/metallb-system:controller',
      'ClusterRole -/metallb-system:speaker',
      'ClusterRole -/metallb-system:webhook-controller',
      'ClusterRoleBinding -/metallb-system:controller',
      'ClusterRoleBinding -/metallb-system:speaker',
      'ClusterRoleBinding -/metallb-system:webhook-controller',
      'ConfigMap metallb-excludel2',
      'DaemonSet speaker',
      'Deployment controller',
      'Namespace -/metallb-system',
      'NetworkPolicy controller',
      'Role controller',
      'Role speaker',
      'Role webhook-controller',
      'RoleBinding controller',
      'RoleBinding speaker',
      'RoleBinding webhook-controller',
      'Secret metallb-webhook-cert',
      'Service metallb-webhook-service',
      'ServiceAccount controller',
      'ServiceAccount speaker',
      'ValidatingWebhookConfiguration -/metallb-webhook-configuration',
    ])
    assert.equal(OBJECTS.filter(({ kind }) => kind === 'CustomResourceDefinition').length, 12)
  })

  it('is taken by server-side apply, without a warning', async () => {
    const { status, stderr } = await api.kubectl(['apply', '--server-side', '--validate=strict', '-f', MANIFEST])
    assert.deepEqual({ status, stderr }, { status: 0, stderr: '' })
  })

  it('is not written again by the next server-side apply', async () => {
    const before = await versions()
    await api.kubectl(['apply', '--server-side', '-f', MANIFEST])
    assert.deepEqual(await versions(), before)
  })

  it('is taken by a plain apply, too, and not written again by the next', async () => {
    const first = await api.kubectl(['apply', '-f', MANIFEST])
    assert.equal(first.status, 0, first.stderr)
    const before = await versions()
    await api.kubectl(['apply', '-f', MANIFEST])
    assert.deepEqual(await versions(), before)
  })
})

describe('the variants of the manifest', () => {
  before(async () => {
    for (const file of operatorKinds()) await api.kubectl(['apply', '--server-side', '-f', file])
  })

  for (const file of Object.keys(MANIFESTS).filter((name) => !MANIFEST.endsWith(name))) {
    it(`${file} is taken over the plain one, and taken back by it`, async () => {
      for (const each of [`${ROOT}${file}`, MANIFEST]) {
        const { status, stderr } = await api.kubectl(['apply', '--server-side', '--validate=strict', '-f', each])
        assert.deepEqual({ status, stderr }, { status: 0, stderr: '' })
      }
    })
  }
})

describe('the samples', () => {
  it('are taken once the manifest is applied', async () => {
    const { status, stderr } = await api.kubectl(['apply', '-k', `${ROOT}config/samples`])
    assert.equal(status, 0, stderr)
  })
})

async function versions(): Promise<readonly string[]> {
  type Items = { items: { kind: string; metadata: { name: string; resourceVersion: string } }[] }
  const { status, stdout, stderr } = await api.kubectl(['get', '-f', MANIFEST, '-o', 'json'])
  assert.equal(status, 0, stderr)
  const { items } = JSON.parse(stdout) as Items
  return items.map(({ kind, metadata }) => `${kind} ${metadata.name} ${metadata.resourceVersion}`)
}

function tryPod(namespace: string, { metadata, spec }: Template): Promise<Answer> {
  const body = { metadata: { ...metadata, generateName: 'try-' }, spec }
  return api.call('POST', `/api/v1/namespaces/${namespace}/pods?dryRun=All&fieldValidation=Strict`, { body })
}

describe('pod security', () => {
  before(async () => {
    for (const level of ['baseline', 'restricted']) {
      const labels = { 'pod-security.kubernetes.io/enforce': level }
      await api.call('POST', '/api/v1/namespaces', { body: { metadata: { name: level, labels } } })
      for (const name of ['controller', 'speaker']) {
        await api.call('POST', `/api/v1/namespaces/${level}/serviceaccounts`, { body: { metadata: { name } } })
      }
    }
  })

  const ROWS = [
    ['the controller is taken where it lives', NAMESPACE, CONTROLLER, 201],
    ['the speaker is taken where it lives', NAMESPACE, SPEAKER, 201],
    ['the controller is taken at the strictest level', 'restricted', CONTROLLER, 201],
    ['the speaker needs the level that its namespace has', 'baseline', SPEAKER, 403],
  ] as const
  for (const [what, namespace, template, expected] of ROWS) {
    it(what, async () => {
      const answer = await tryPod(namespace, template)
      assert.equal(answer.status, expected, said(answer))
      if (expected === 201) assert.deepEqual(answer.warnings, [])
    })
  }
})

for (const account of ['controller', 'speaker'] as const) {
  const rights = rightsOf(account)
  describe(`the rights of the ${account} are those of docs/rbac.md and no others`, () => {
    const asked = Map.groupBy(questions(rights), nameOf)
    for (const [resource, accesses] of asked) {
      it(resource, async () => {
        const answers = await Promise.all(accesses.map((access) => isAllowed(account, access)))
        const wrong = accesses.filter((access, at) => answers[at] !== isGranted(rights, access))
        assert.deepEqual(wrong, [])
      })
    }
    it('and no name has a right of its own that the table does not tell', () => {
      const named = OBJECTS.filter(({ kind, metadata }) => isRole(kind) && metadata.name.endsWith(account))
        .flatMap(({ rules = [] }) => rules)
        .flatMap(({ resourceNames = [] }) => resourceNames)
      assert.deepEqual(new Set(named), new Set(rights.map(({ name }) => name).filter((name) => name !== '')))
    })
  })
}

describe('a right for one name', () => {
  const ROWS = [
    ['leases.coordination.k8s.io', `coordination.k8s.io/v1/namespaces/${NAMESPACE}/leases`, 'steelyard-controller'],
    ['configurationstates.metallb.io', `metallb.io/v1beta1/namespaces/${NAMESPACE}/configurationstates`, 'controller'],
    ['speakerpolicies.steelyard.dev', 'steelyard.dev/v1alpha1/speakerpolicies', 'default'],
    [
      'validatingwebhookconfigurations.admissionregistration.k8s.io',
      'admissionregistration.k8s.io/v1/validatingwebhookconfigurations',
      'metallb-webhook-configuration',
    ],
  ] as const
  for (const [resource, path, name] of ROWS) {
    it(`is enough to list ${resource} by that name, and by no other`, async () => {
      const as = `system:serviceaccount:${NAMESPACE}:controller`
      const list = async (selector: string): Promise<number> =>
        (await api.call('GET', `/apis/${path}?${selector}`, { as })).status
      assert.equal(await list(`fieldSelector=metadata.name%3D${name}`), 200)
      assert.equal(await list('fieldSelector=metadata.name%3Danother'), 403)
      assert.equal(await list(''), 403)
    })
  }
})

function isRole(kind: string): boolean {
  return kind === 'Role' || kind === 'ClusterRole'
}

async function isAllowed(
  account: string,
  { verb, group, resource, subresource, namespace, name }: Access,
): Promise<boolean> {
  type Review = { status: { allowed: boolean } }
  const { body } = await api.call<Review>('POST', '/apis/authorization.k8s.io/v1/subjectaccessreviews', {
    body: {
      spec: {
        user: `system:serviceaccount:${NAMESPACE}:${account}`,
        groups: ['system:serviceaccounts', `system:serviceaccounts:${NAMESPACE}`, 'system:authenticated'],
        resourceAttributes: { verb, group, resource, subresource, namespace, name },
      },
    },
  })
  return body.status.allowed
}
